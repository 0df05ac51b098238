#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# `asyncstream compare` holds the port against all recordings of the Go reference: all the same, but
# for the documented divergences, which it names, and however its processes are hosted. And it can
# say no: a recording that was tampered with is found, with step, process and the first event that
# differs.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }

for hosting in assisted dedicated; do
  "$ASYNCSTREAM" compare --hosting $hosting golden >"$folder/out" ||
    { cat "$folder/out"; fail "$hosting: exit status $?"; }
  [ "$(tail -n 1 "$folder/out")" = "271 passed, 0 failed" ] || fail "$(tail -n 1 "$folder/out")"
  for line in "close-before-end: diverges (D2)" "close-never-fed: diverges (D2)" \
    "data-with-eof: diverges (D1)" "data-with-error: diverges (D1)"; do
    grep -qF "$line" "$folder/out" || fail "$hosting: not told: $line"
  done
  [ "$(grep -c diverges "$folder/out")" = 14 ] || fail "$hosting: more divergences than are known"
done

sed '/"step":11,"proc":"transfer","op":"send","chan":"responses:reader5"/d' \
  golden/named/pending-order.jsonl >"$folder/tampered.jsonl"
status=0
"$ASYNCSTREAM" compare "$folder/tampered.jsonl" >"$folder/out" || status=$?
[ $status = 1 ] || fail "a difference gave exit status $status"
grep -q "step 11, transfer" "$folder/out" || fail "step and process are not named"
grep -q "^    > send responses:reader4.*send responses:reader5" "$folder/out" ||
  fail "the first event that differs is not marked"
[ "$(tail -n 1 "$folder/out")" = "0 passed, 1 failed" ] || fail "$(tail -n 1 "$folder/out")"

"$ASYNCSTREAM" compare --json golden/named | python3 -c '
import json, sys
result = json.load(sys.stdin)
assert result["passed"] == 35 and result["failed"] == 0, result
assert sum(s["result"] == "diverges" for s in result["scenarios"]) == 4' || fail "--json"
