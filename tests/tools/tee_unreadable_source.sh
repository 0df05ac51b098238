#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A source that is missing, is a folder, cannot be opened, or a standard input that is closed: one
# line that names it, exit status 2, and nothing is written: no sink is made, truncated or started.
source "$(dirname "$0")/common.sh"

echo kept >kept
echo file >file
sinks=(kept new --pipe 'echo started >command')
refused "nowhere: No such file" --from nowhere "${sinks[@]}"
refused "$work: Is a directory" --from "$work" "${sinks[@]}"
refused "the standard input: Is a directory" "${sinks[@]}" <"$work"
refused "file/below: Not a directory" --from file/below "${sinks[@]}"
refused "the standard input is not open for reading" "${sinks[@]}" <&-
refused "the standard input is not open for reading" "${sinks[@]}" 0>>file
absent new command
[ "$(cat kept)" = kept ] || fail "a sink was truncated"
