#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A command's exit status is the sink's: whatever it is but 0 is named, the others get everything,
# and tee's exit status is 1.
source "$(dirname "$0")/common.sh"

pattern 100000 >source
expect 1 "$ASYNCSTREAM" tee --from source a --pipe 'cat >b; exit 3'
expect_message "--pipe 'cat >b; exit 3': exit status 3 after 100000 bytes"
same source a b
expect 1 "$ASYNCSTREAM" tee --from source a --pipe 'cat >b; kill -KILL $$'
expect_message "killed by signal 9 (Killed)"
same source a b
# Also where the program that started it ignores SIGCHLD.
expect 1 env --ignore-signal=CHLD "$ASYNCSTREAM" tee --from source a --pipe 'cat >b; exit 3'
expect_message "--pipe 'cat >b; exit 3': exit status 3 after 100000 bytes"
expect 1 "$ASYNCSTREAM" tee --from source a --pipe 'no-such-command-anywhere'
grep -qF "'no-such-command-anywhere': " stderr || fail "the command is not named"
grep -qF "exit status 127" stderr || fail "exit status 127 is not told"
same source a
