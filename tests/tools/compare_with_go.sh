#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# `asyncstream compare --go`: the same scenarios, and random ones from a seed, live on the Go model
# and on the port. Needs Go: without it this fails, as it should.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
golden=$PWD/golden
cd "$folder"

"$ASYNCSTREAM" compare "$golden/named" --random 500 --seed 1 --go >out || { cat out; fail "differs"; }
[ "$(tail -n 1 out)" = "535 passed, 0 failed" ] || fail "$(tail -n 1 out)"

# Without Go: one line that names the package to install.
status=0
PATH=$folder "$ASYNCSTREAM" compare --random 1 --go >out 2>err || status=$?
[ $status = 2 ] || fail "without Go the exit status is $status"
[ "$(wc -l <err)" = 1 ] && grep -q golang-go err || fail "without Go: $(cat err)"
