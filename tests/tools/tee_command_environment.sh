#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What a command inherits: the default SIGPIPE and SIGXFSZ, no blocked signal, and no descriptor but
# the standard ones, though others were opened and other commands started before it, and tee itself
# was given one more. Else a pipe's writer would not die, Ctrl-C not be heard, and a command never see
# the end of its input.
source "$(dirname "$0")/common.sh"

# Run below: what it is blocked from, whether it ignores SIGPIPE (bit 12) or SIGXFSZ (bit 24), and its
# descriptors.
cat >show <<'END'
awk '/^SigBlk/ { print } /^SigIgn/ { print substr($2, 13, 1) % 2, substr($2, 10, 1) % 2 }' /proc/self/status
for fd in /proc/self/fd/*; do echo "${fd##*/}"; done
cat >/dev/null
END
pattern 1000 | env --default-signal bash -c '
  for fd in /proc/self/fd/*; do fd=${fd##*/}; [ $fd -lt 3 ] || eval "exec $fd>&-" 2>/dev/null; done
  exec sh -c "(. ./show) >expected"'
# UBSan looks at memory through a pipe of its own, which another thread may have open for a moment:
# what is there each time is ours.
for ((attempt = 0; attempt < 5; ++attempt)); do
  pattern 1000 | expect 0 env --default-signal "$ASYNCSTREAM" tee a b --pipe 'cat >/dev/null' \
    --pipe '(. ./show) >shown' --pipe 'cat >/dev/null' 9>given
  if cmp -s expected shown; then break; fi
done
cmp -s expected shown || fail "a command inherits: $(diff expected shown)"
grep -qx '0 0' shown || fail "the test itself ignores SIGPIPE"
