#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A file size limit is an error of the sink that reaches it; all others get everything. The same limit
# ends a command, which has SIGXFSZ as it was before.
source "$(dirname "$0")/common.sh"

pattern 100000 >source
ulimit -f 8
expect 1 env --default-signal=XFSZ "$ASYNCSTREAM" tee big --pipe 'wc -c' <source
expect_message "big: File too large after 8192 bytes"
grep -qx 100000 stdout || fail "the command has not got everything"
expect 1 env --default-signal=XFSZ "$ASYNCSTREAM" tee --pipe 'exec cat >big2' <source
expect_message "killed by signal 25"
expect 1 env --ignore-signal=XFSZ "$ASYNCSTREAM" tee --pipe 'exec cat >big2 2>/dev/null' <source
expect_message "exit status 1"
