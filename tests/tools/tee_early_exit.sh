#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A command that stops reading and exits 0 has succeeded, every time; a FIFO or the standard output
# whose reader goes has failed, except with -p. When no sink is left tee ends, though its source goes
# on, or says nothing.
source "$(dirname "$0")/common.sh"

for ((i = 0; i < 50; ++i)); do
  echo hi | expect 0 "$ASYNCSTREAM" tee --pipe true
  echo hi | expect 0 "$ASYNCSTREAM" tee --pipe 'exec <&-' copy
done
expect 0 "$ASYNCSTREAM" tee --stats --from /dev/zero --pipe 'head -c 10 >head'
expect_message "--pipe 'head -c 10 >head': stopped reading after "
[ "$(stat -c %s head)" = 10 ] || fail "the command has not got its bytes"
expect 0 "$ASYNCSTREAM" tee --pipe 'head -c 5000000 >head' < <(yes)
expect 1 "$ASYNCSTREAM" tee --from /dev/zero --pipe 'head -c 10 >/dev/null; exit 3'
expect_message "exit status 3"

# A source that stays silent: not even the end of the sink is waited for there.
mkfifo silent
exec 7<>silent
expect 0 "$ASYNCSTREAM" tee --from silent --pipe true
expect 1 "$ASYNCSTREAM" tee --from silent --pipe false
expect_message "--pipe 'false': exit status 1 after 0 bytes"
echo some >&7
expect 1 "$ASYNCSTREAM" tee --from silent /dev/full --pipe 'exit 2'

# reader_goes STATUS ARGUMENT...: the reader of the standard output has one line of a source that goes on.
reader_goes() {
  local expected=$1 status=0
  shift
  { timeout 60 "$ASYNCSTREAM" tee - "$@" 2>stderr || echo $? >status; } | head -n 1 >line
  if [ -e status ]; then status=$(cat status); fi
  rm -f status
  [ $status = "$expected" ] || fail "exit status $status, expected $expected, of a reader that goes: $*"
  grep -qx '[ay]' line || fail "no line came"
}
echo a >&7
reader_goes 1 --from silent
expect_message "the standard output: stopped reading after 2 bytes"
echo a >&7
reader_goes 0 -p --from silent
reader_goes 1 < <(yes)
reader_goes 0 -p < <(yes)

mkfifo fifo
head -c 1 fifo >line &
expect 1 "$ASYNCSTREAM" tee fifo < <(yes)
expect_message "fifo: stopped reading after"
head -c 1 fifo >line &
expect 0 "$ASYNCSTREAM" tee -p fifo < <(yes)

# A reader that has had everything when it goes, before the source says that this was all.
for ((i = 0; i < 20; ++i)); do
  echo a | { expect 0 "$ASYNCSTREAM" tee -; }
  reader_goes 0 < <(echo a)
done
