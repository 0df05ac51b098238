#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A source that fails when it is read: it is named, exit status 1. Address 0 of one's own memory can
# be opened and not be read.
source "$(dirname "$0")/common.sh"

expect 1 "$ASYNCSTREAM" tee --from /proc/self/mem a --stats
grep -qF "reading /proc/self/mem failed: Input/output error" stderr || fail "the source is not named"
grep -qxF "a: incomplete, 0 bytes" stderr || fail "a sink of a failed source counts as complete"
[ -e a ] && [ ! -s a ] || fail "a is not an empty file"
