#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# SIGINT, SIGTERM and SIGHUP end it at once, whatever it waits for: a silent source, a pipe that nobody
# reads (its own, or the standard output), a command that does not end. The exit status is 128+n, no
# sink that is incomplete is called complete, and a command is ended and not told that all is over.
source "$(dirname "$0")/common.sh"

mkfifo source ready unread1 unread2
exec 6<>unread1 7<>source 8<>unread2 9<>ready
pattern 3000000 >bytes

# soon WHAT COMMAND...: until it succeeds.
soon() {
  local what=$1 until=$((SECONDS + 60))
  shift
  until "$@"; do [ $SECONDS -lt $until ] || fail "$what"; done
}

# interrupted SIGNAL STATUS ARGUMENT...: sent when something was written to the fifo `ready`.
interrupted() {
  local signal=$1 expected=$2 status=0
  shift 2
  timeout --foreground --kill-after=5 60 env --default-signal=INT,TERM,HUP \
    "$ASYNCSTREAM" tee --stats "$@" 2>stderr &
  local outer=$!
  read -r -t 60 child <&9 || fail "the command did not start"
  kill "-$signal" "$child"
  wait $outer || status=$?
  [ $status = "$expected" ] || fail "$signal gave exit status $status with: $*"
  grep -qF "ended by signal $((expected - 128)); " stderr || fail "the signal is not told"
}
# The parent of a command's shell is the program.
tell='echo $PPID >ready'

interrupted INT 130 --from source a --pipe "$tell; cat >b"
grep -qxF "a: incomplete, 0 bytes" stderr || fail "a is not called incomplete"
interrupted TERM 143 --from source a --pipe "$tell; cat >b"

# The source has come to its end; a pipe is full, and the standard output too. A sink's thread has
# its name and goes when it is complete, which the command waits for before it tells.
complete='until [ "$(stat -c %s a)" = 3000000 ]; do :; done
  while grep -qx a /proc/$PPID/task/*/comm 2>/dev/null; do :; done'
interrupted TERM 143 --from bytes a unread1 --pipe "cat >b; $complete; $tell"
same bytes a
grep -qE "^a: 3000000 bytes in " stderr || fail "a is not called complete"
grep -qE "^unread1: incomplete, [0-9]+ bytes" stderr || fail "unread1 is not called incomplete"
printf x >&8  # so that there is room in the end, but not for a whole block
interrupted TERM 143 --from bytes - --pipe "cat >b; $tell" >&8
grep -qE "^the standard output: incomplete, [0-9]+ bytes" stderr || fail "stdout is not incomplete"

# A command that has read everything and does not end; the second one would write `told`.
interrupted INT 130 --from bytes a --pipe "cat >b; $tell; read -r line <source" 
grep -qE "^--pipe .*: incomplete, 3000000 bytes" stderr || fail "the command is called complete"
interrupted TERM 143 --from source a --pipe "$tell; cat >b; echo told >told"
[ ! -e told ] || fail "an interrupted command was told that all is over"

# What the shell runs in a process of its own would take the end of its input for that of the source.
interrupted TERM 143 --from source a \
  --pipe "tee=\$PPID; sh -c 'echo \$\$ >pid; echo '\$tee' >ready; exec gzip' >b.gz; echo told >told"
while [ -e "/proc/$(cat pid)/fd/1" ]; do :; done
[ ! -e told ] || fail "an interrupted shell went on"
[ ! -e b.gz ] || ! gzip -t b.gz 2>/dev/null || fail "an interrupted gzip wrote a whole file"
interrupted HUP 129 --from source a --pipe "$tell; cat >b"

# Ctrl-C reaches the command too, which may have ended before it is heard here.
expect 130 env --default-signal=INT "$ASYNCSTREAM" tee --from bytes a \
  --pipe 'cat >b; kill -INT $PPID; kill -INT $$'
grep -qE "ended by signal 2; [01] of 2 sinks are complete" stderr || fail "the command is blamed"

# A FIFO whose reader has not come.
mkfifo alone
timeout --foreground --kill-after=5 60 env --default-signal=TERM \
  "$ASYNCSTREAM" tee --from bytes made alone 2>stderr &
outer=$!
soon "made is not complete" cmp -s bytes made
kill -TERM $outer  # which hands it on
status=0
wait $outer || status=$?
[ $status = 143 ] || fail "a FIFO without a reader: exit status $status"
grep -qE "ended by signal 15; [01] of 2 sinks are complete" stderr || fail "the signal is not told"

# What is ignored from the start, as a shell's background jobs do with SIGINT, stays ignored.
timeout --foreground --kill-after=5 60 env --ignore-signal=INT --default-signal=TERM \
  "$ASYNCSTREAM" tee a --pipe "$tell; cat >b" --from source 2>stderr &
outer=$!
read -r -t 60 child <&9 || fail "the command did not start"
kill -INT "$child"
grep -qE "^SigIgn:.*[2367abef]$" "/proc/$child/status" || fail "SIGINT is not ignored"
kill -TERM "$child"
wait $outer && fail "SIGTERM did not end it"
[ "$(grep -c 'ended by signal 15' stderr)" = 1 ] || fail "an ignored SIGINT counted"

# A terminal that is not read: `script`, which has its other end, is stopped. The thread that writes
# there is then in write, poll or ppoll; at all other times it waits for bytes.
script -qec "exec env --default-signal=TERM '$ASYNCSTREAM' tee --stats --from source - \
  --pipe '$tell; cat >b' 2>stderr" typescript </dev/null >/dev/null &
outer=$!
read -r -t 60 child <&9 || fail "the command did not start"
kill -STOP $outer
cat bytes >&7
waits_for_the_terminal() {
  local thread
  thread=$(grep -lx 'the standard ou' "/proc/$child"/task/*/comm)
  grep -qE '^(1|7|271) ' "${thread%comm}syscall"
}
soon "it does not wait for the terminal" waits_for_the_terminal
kill -TERM "$child"
soon "it waits for the terminal still" grep -q '^State:.Z' "/proc/$child/status"
kill -CONT $outer
status=0
wait $outer || status=$?
[ $status = 143 ] || fail "TERM gave exit status $status on a terminal that nobody reads"
grep -qE "^the standard output: incomplete" stderr || fail "stdout is not incomplete"

# A second signal ends it even where the first one cannot: nobody reads what it says on stderr.
mkfifo unread3
exec 5<>unread3
head -c 65536 /dev/zero >&5
env --default-signal=TERM "$ASYNCSTREAM" tee --progress --from source a --pipe "$tell; cat >b" 2>&5 &
outer=$!
read -r -t 60 child <&9 || fail "the command did not start"
writes() { grep -q '^1 0x2 ' /proc/"$child"/task/*/syscall; }
soon "it writes no progress" writes
kill -TERM "$child"
soon "the first signal was not accepted" \
  awk '/^SigBlk/ { exit substr($2, 13, 1) % 8 >= 4 }' "/proc/$child/status"
kill -TERM "$child"
status=0
wait $outer || status=$?
[ $status = 143 ] || fail "a second signal gave exit status $status"
