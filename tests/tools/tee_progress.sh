#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Progress: on a terminal, once a second has passed, it comes by itself where nothing else may be
# written there; elsewhere and before that only if asked for. It shows source and sinks, and for a
# source of known size the share.
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

# A name that is too long keeps its end; columns are counted as they are shown.
long=$(printf 'ä%.0s' {1..30})
expect 0 "$ASYNCSTREAM" tee --progress --from source "$long" 漢字
grep -qE "^\.\.\.(ä){21} +1\.9 MiB" stderr || fail "a long name is not shortened to 24 columns"
grep -qE "^漢字 {20} +1\.9 MiB" stderr || fail "wide characters are not counted as two columns"

# on_terminal FILE COMMAND: on a terminal (`script` is one), all that it shows goes to the file.
on_terminal() { timeout 60 script -qfec "$2" /dev/null >"$1" </dev/null || fail "exit status $? of $2"; }

on_terminal screen "'$ASYNCSTREAM' tee --from source a"
[ ! -s screen ] || fail "progress within the first second"
# A FIFO as the source, which is fed on when progress has been shown: never, if it is not.
mkfifo feed shown
goes_on() {
  { cat source; grep -qm 2 MiB; cat source; exec >/dev/null; cat <&8; } <shown >feed 8<shown &
}
goes_on
timeout 60 script -qfec "'$ASYNCSTREAM' tee --from feed a" /dev/null </dev/null | command tee shown >screen
wait
grep -q $'\x1b\\[2A' screen || fail "the lines are not drawn over the ones before"
grep -qE "^a +3\.8 MiB" screen || fail "no progress of a on the terminal"
goes_on
timeout 60 script -qfec "TERM=dumb '$ASYNCSTREAM' tee --from feed a" /dev/null </dev/null | command tee shown >screen
wait
if grep -q $'\x1b' screen; then fail "escapes on a dumb terminal"; fi
goes_on
timeout 60 script -qfec "stty cols 30; '$ASYNCSTREAM' tee --from feed $long" /dev/null </dev/null |
  command tee shown >screen
wait
grep -qE "ä 3\.8 MiB  [0-9.]+ [KMG]?i?B/s" screen || fail "the numbers do not stay at a width of 30"

# Never unasked where something else is written to that terminal, nor in a background job; which
# `stty tostop` does not stop. (A second has to pass, or nothing would be drawn in any case.)
late='{ echo one; sleep 1.6; echo two; }'
sum=$(printf 'one\ntwo\n' | sha256sum)
on_terminal screen "$late | '$ASYNCSTREAM' tee log --pipe sha256sum"
tr -d '\r' <screen | cmp -s - <(echo "$sum") || fail "not the command's output alone: $(cat -v screen)"
for sink in "- | cat" /dev/tty /dev/stdout; do
  on_terminal screen "$late | '$ASYNCSTREAM' tee log $sink"
  tr -d '\r' <screen | cmp -s - log || fail "not the bytes alone with $sink: $(cat -v screen)"
done
on_terminal screen "bash -mc \"stty tostop; $late | '$ASYNCSTREAM' tee --progress log & wait\""
! grep -q B/s screen || fail "progress of a background job: $(cat -v screen)"
