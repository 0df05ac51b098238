#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Files are overwritten, also when they were longer; with --append nothing of them is lost.
source "$(dirname "$0")/common.sh"

printf 'a long line that was there before\n' >before
cp before file
printf 'new\n' | expect 0 "$ASYNCSTREAM" tee file made
printf 'new\n' | cmp - file || fail "not overwritten"
cp before file
printf 'new\n' | expect 0 "$ASYNCSTREAM" tee --append file made
{ cat before; printf 'new\n'; } | cmp - file || fail "not appended"
printf 'new\nnew\n' | cmp - made || fail "not appended to what tee had made"
