#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# `asyncstream compare` holds the port against all recordings of the Go reference. All match, except
# for the documented divergences, which it names. It compares traces and, with no trace attached,
# results of calls, with posted reads and by message. It also detects differences: for a recording
# that was tampered with it prints step, process and the first event that differs. It expects a
# divergence where the scenario requires one, and nowhere else.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }

# compared STATUS LAST-LINE ARGUMENT...: runs `compare ARGUMENT...`, with its output in the file
# out.
compared() {
  local expected=$1 last=$2 status=0
  shift 2
  "$ASYNCSTREAM" compare "$@" >"$folder/out" 2>"$folder/err" || status=$?
  [ $status = "$expected" ] || { cat "$folder/out" "$folder/err"; fail "exit status $status: compare $*"; }
  [ "$(tail -n 1 "$folder/out")" = "$last" ] || fail "compare $*: $(tail -n 1 "$folder/out")"
}
printed() { grep -q -- "$1" "$folder/out" "$folder/err" || fail "not printed: $1"; }

for mode in "" "--untraced" "--untraced --reads by_message"; do
  # shellcheck disable=SC2086  # no option, or several
  compared 0 "271 passed, 0 failed" $mode golden
  for name in close-before-end close-never-fed wide-d2-000{1,2,4,5}; do
    printed "^$name: diverges (D2)"
  done
  for name in data-with-eof data-with-error wide-d1-000{1,2,3,4,5,6}; do
    printed "^$name: diverges (D1)"
  done
  [ "$(grep -c diverges "$folder/out")" = 14 ] || fail "$mode: more divergences than are known"
done

# A message that the port did not send matters only where messages are compared; a call's result
# matters always.
sed '/"step":11,"proc":"transfer","op":"send","chan":"responses:reader5"/d' \
  golden/named/pending-order.jsonl >"$folder/tampered.jsonl"
compared 1 "0 passed, 1 failed" "$folder/tampered.jsonl"
printed "step 11, transfer"
printed "^    > send responses:reader4.*send responses:reader5"
compared 0 "1 passed, 0 failed" --untraced "$folder/tampered.jsonl"

sed '/"step":4,.*"op":"return"/s/3103c308/3103c309/' golden/named/catch-up.jsonl >"$folder/tampered.jsonl"
for mode in "" --untraced; do
  compared 1 "0 passed, 1 failed" $mode "$folder/tampered.jsonl"
  printed "step 4, reader1"
  printed "^    > return read crc32=3103c309.*return read crc32=3103c308"
done

# D1 needs a recording of what is expected instead, and the reference's behaviour fails there. D2
# does not apply to a source that ends in time: here the record says that the source continued.
mkdir "$folder/named" "$folder/port"
cp golden/named/data-with-eof.jsonl "$folder/named"
compared 2 "" "$folder/named"
printed "data-with-eof.jsonl: diverges (D1), and .*port/data-with-eof.jsonl, is missing; give --go"
cp golden/named/data-with-eof.jsonl "$folder/port"
for mode in "" --untraced; do
  compared 1 "0 passed, 1 failed" $mode "$folder/named"
  printed "step 4, reader1"
done
sed 's/{"do":"close"}/{"do":"end","error":"eof"},{"do":"close"}/; s/"step":5/"step":6/' \
  golden/named/close-before-end.jsonl >"$folder/ended.jsonl"
compared 1 "0 passed, 1 failed" "$folder/ended.jsonl"
printed "step 5, readIntoBuffer"

compared 2 "" nowhere
printed "asyncstream compare: cannot read 'nowhere': No such file or directory"

status=0
CSP_TRACE=json:$folder/all.jsonl \
  "$ASYNCSTREAM" compare --untraced golden/named >"$folder/out" 2>"$folder/err" || status=$?
[ $status = 2 ] && grep -q CSP_TRACE "$folder/err" || fail "untraced while all is traced"

"$ASYNCSTREAM" compare --json golden/named | python3 -c '
import json, sys
result = json.load(sys.stdin)
assert result["passed"] == 35 and result["failed"] == 0, result
assert sum(s["result"] == "diverges" for s in result["scenarios"]) == 4' || fail "--json"
