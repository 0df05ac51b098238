#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A source longer than a buffer that has to keep the whole of it: every sink has exactly the buffer's
# bytes, the message names the size and the option, exit status 1. One that fits exactly is complete.
# Where nothing has to be kept there is no overflow.
source "$(dirname "$0")/common.sh"

pattern 1048577 >source
head -c 1048576 source >exact
expect 1 "$ASYNCSTREAM" tee --retry 1 --buffer 1M a --pipe 'trap "" TERM; cat >b' - < <(cat source)
expect_message "is longer than the buffer: only its first 1048576 bytes were delivered"
expect_message "--buffer"
same exact a stdout
expect 0 "$ASYNCSTREAM" tee --retry 1 --buffer 1M a --pipe 'cat >b' < <(cat exact)
same exact a b
printf x | expect 1 "$ASYNCSTREAM" tee --retry 1 --buffer 0 a
[ ! -s a ] || fail "a buffer of nothing gave something"
expect 0 "$ASYNCSTREAM" tee --retry 1 --buffer 0 a </dev/null
for size in 0 1 100K 1M; do
  expect 0 "$ASYNCSTREAM" tee --buffer $size a --pipe 'cat >b' < <(cat source)
  same source a b
done
# By default a file's size is enough, from where it stands, and for files that call themselves empty.
{ dd bs=1000 count=1 status=none of=/dev/null; expect 0 "$ASYNCSTREAM" tee --retry 1 a; } <source
cmp -s a <(tail -c +1001 source) || fail "not from where the file stood"
expect 0 "$ASYNCSTREAM" tee a --from /proc/self/limits
grep -q "^Max open files" a || fail "nothing from /proc"
