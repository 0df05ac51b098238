#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A sink that is the source too, by any name, or a sink that is named twice: refused, and the file
# keeps what it has. What only looks like it is not refused: /dev/null, one terminal, two pipes.
source "$(dirname "$0")/common.sh"

echo precious >file
ln file hard
ln -s file soft
for name in file ./file hard soft "$work/file"; do
  refused "$name is also the source" --from file new "$name"
  refused "$name is also the source" --from file --append new "$name"
  refused "$name is also the source" new "$name" <file
done
status=0
"$ASYNCSTREAM" tee - --from file >>file 2>stderr || status=$?
[ $status = 2 ] || fail "standard output is the source: exit status $status"
expect_message "the standard output is also the source"
[ "$(cat file)" = precious ] || fail "the file has changed"

refused "./new is the same file as new" --from file new ./new
absent new
status=0
"$ASYNCSTREAM" tee --from file - - >/dev/null 2>stderr || status=$?
[ $status = 2 ] || fail "the standard output twice: exit status $status"
expect_message "the standard output is named twice; name it once"
expect 0 "$ASYNCSTREAM" tee /dev/null /dev/null copy </dev/null
expect 0 "$ASYNCSTREAM" tee /dev/null - copy <file
same file copy stdout
