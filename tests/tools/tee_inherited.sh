#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A sink that is an inherited descriptor, /dev/fd/63 of >(command): the command sees the end of its
# input when that sink is complete, not when tee ends, and no other command keeps it from that.
source "$(dirname "$0")/common.sh"

pattern 300000 >source
mkfifo ended
# Tee ends when the second command does, which waits for the end of the first. The shell itself has no
# such descriptor then.
expect 0 bash -c 'exec "$ASYNCSTREAM" tee >(cat >copy; echo over >ended) \
  --pipe "cat >b; read line <ended"' <source
same source copy b
mkfifo fifo
{ cat <fifo >copy; echo over >ended; } &
expect 0 bash -c 'exec "$ASYNCSTREAM" tee /proc/self/fd/8 \
  --pipe "cat >b; read line <ended" 8>fifo' <source
same source copy b
# A file, where it stands; and as the source, too.
{ printf before >&7; expect 0 "$ASYNCSTREAM" tee /dev/fd/7 <source; } 7>file
cmp -s <(printf before; cat source) file || fail "not written from where the descriptor stood"
expect 0 "$ASYNCSTREAM" tee --from /dev/fd/8 copy 8<source
same source copy
refused "/dev/fd/7" /dev/fd/7 /dev/fd/7 7> >(exec cat) </dev/null
refused "/dev/fd/9 is not open for writing" new /dev/fd/9 9>&- </dev/null
absent new
