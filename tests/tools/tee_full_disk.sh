#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A sink whose disk is full is named, with what it took; the others get everything; exit status 1.
source "$(dirname "$0")/common.sh"

pattern 1000000 >source
expect 1 "$ASYNCSTREAM" tee --from source a /dev/full --pipe 'cat >b'
expect_message "/dev/full: No space left on device after 0 bytes"
same source a b
# All sinks have failed: an endless source does not keep it going.
expect 1 "$ASYNCSTREAM" tee /dev/full --from /dev/zero
expect_message "/dev/full: No space left on device"
# A file's limit is reached on the way.
(ulimit -f 100; trap '' XFSZ; expect 1 "$ASYNCSTREAM" tee --from source limited --pipe 'cat | wc -c')
expect_message "limited: File too large after 102400 bytes"
grep -qx 1000000 stdout || fail "the other sink has not got everything"
