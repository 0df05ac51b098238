#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A command that stops reading and fails, and a reader of the standard output that goes away: named,
# and the others get everything; exit status 1, and no death by SIGPIPE.
source "$(dirname "$0")/common.sh"

pattern 5000000 >source
expect 1 "$ASYNCSTREAM" tee --from source a --pipe 'head -c 10 >head; exit 3' --pipe 'cat >b'
expect_message "--pipe 'head -c 10 >head; exit 3': exit status 3 after "
same source a b
[ "$(stat -c %s head)" = 10 ] || fail "the command got nothing"
# An endless source, and all sinks gone.
expect 1 "$ASYNCSTREAM" tee --from /dev/zero --pipe 'head -c 10 >/dev/null; exit 3'

status=0
{ timeout 60 "$ASYNCSTREAM" tee --from source - c 2>stderr || echo $? >status; } | head -c 10 >head
status=$(cat status)
[ "$status" = 1 ] || fail "standard output's reader went away: exit status $status"
expect_message "the standard output: stopped reading after "
same source c
