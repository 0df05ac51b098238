#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Progress: on a terminal, once a second has passed, it comes by itself; elsewhere and before that
# only if asked for. It shows source and sinks, and for a source of known size the share.
source "$(dirname "$0")/common.sh"

pattern 2000000 >source
expect 0 "$ASYNCSTREAM" tee --from source a
[ ! -s stderr ] || fail "progress without a terminal"
expect 0 "$ASYNCSTREAM" tee --progress --from source a --pipe 'cat >b'
for name in source a "--pipe 'cat >b'"; do
  grep -qE -e "^$name +1\.9 MiB +100% +[0-9.]+ [KMG]?i?B/s$" stderr || fail "no progress of $name"
done
expect 0 "$ASYNCSTREAM" tee --progress a < <(cat source)
grep -qE "^a +1\.9 MiB +[0-9]" stderr || fail "no progress without a size"

# On a terminal (`script` is one): quick is silent.
expect 0 script -qec "'$ASYNCSTREAM' tee --from source a" typescript
[ ! -s stdout ] || fail "progress within the first second"
# The command reads when it is let, which is when progress has been shown: never, if it is not.
mkfifo gate shown
sleeper="cat gate >/dev/null; cat >b"
{ grep -qm 1 MiB; : >gate; cat >/dev/null; } <shown &
timeout 60 script -qfec "'$ASYNCSTREAM' tee --from source a --pipe '$sleeper'" typescript |
  command tee shown >screen || fail "exit status $?"
wait
grep -q $'\x1b\\[3A' screen || fail "the lines are not drawn over the ones before"
grep -qE "^a +1\.9 MiB +100%" screen || fail "no progress of a on the terminal"
same source b
