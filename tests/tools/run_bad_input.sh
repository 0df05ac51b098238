#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# `asyncstream run` refuses bad scenarios with exit status 2 and one line that names file, step and
# field. A step that blocks where it must not gives exit status 1, and a table of what waits for
# what.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }

# refused STEPS EXPECTED...: the message is one line that contains all of these.
refused() {
  local status=0
  printf '{"name":"n","source":"reader","buffer":9,"steps":%s}\n' "$1" >"$folder/s.json"
  shift
  "$ASYNCSTREAM" run "$folder/s.json" >"$folder/out" 2>"$folder/err" || status=$?
  [ $status = 2 ] || fail "exit status $status for: $(cat "$folder/s.json")"
  [ "$(wc -l <"$folder/err")" = 1 ] || fail "not one line: $(cat "$folder/err")"
  [ ! -s "$folder/out" ] || fail "printed something"
  for expected in "$folder/s.json" "$@"; do
    grep -qF -- "$expected" "$folder/err" || fail "\"$expected\" not in: $(cat "$folder/err")"
  done
}

refused '[{"do":"open"}]' 'step 1' '"reader"' missing
refused '[{"do":"open","reader":1},{"do":"read","reader":1,"max":-1}]' 'step 2' '"max"'
refused '[{"do":"open","reader":1},{"do":"fly"}]' 'step 2' '"do"' 'fly'
refused '[{"do":"read","reader":3,"max":1}]' 'step 1' 'never opened'
refused '[{"do":"feed","bytes":1,"async":true}]' 'step 1' '"async"'
refused '{"a":1}' '"steps"'
refused '[{"do":"feed","bytes":9007199254740992}]' 'step 1' '"bytes"' '0 to 1073741824'
refused '[' 'is not JSON'

# cannot MESSAGE ARGUMENT...: `run ARGUMENT...` exits with status 2 and prints the message.
cannot() {
  local status=0
  "$ASYNCSTREAM" run "${@:2}" 2>"$folder/err" || status=$?
  [ $status = 2 ] || fail "exit status $status: run ${*:2}"
  grep -qF -- "$1" "$folder/err" || fail "\"$1\" not in: $(cat "$folder/err")"
}
cannot "cannot read '$folder/nowhere': No such file or directory" "$folder/nowhere"
cannot "cannot read '$folder': Is a directory" "$folder"
cannot "cannot write '/nowhere/out': No such file or directory" --trace /nowhere/out \
  golden/named/pending-order.jsonl
cannot '--limit: Value 0 not in range 1 to 86400000' --limit 0 golden/named/pending-order.jsonl

printf '%s\n' '{"name":"blocks","source":"reader","buffer":9,"steps":[
  {"do":"open","reader":1},{"do":"read","reader":1,"max":5}]}' >"$folder/blocks.json"
status=0
"$ASYNCSTREAM" run "$folder/blocks.json" 2>"$folder/err" || status=$?
[ $status = 1 ] || fail "a blocking step gave exit status $status"
for expected in "blocks: step 2 blocks" "recv responses:reader1" "processes are asleep"; do
  grep -qF "$expected" "$folder/err" || fail "\"$expected\" not in: $(cat "$folder/err")"
done

# The output of run is a recording, which compare accepts and finds equal.
"$ASYNCSTREAM" run golden/named/pending-order.jsonl --trace "$folder/again.jsonl"
"$ASYNCSTREAM" compare "$folder/again.jsonl" | grep -qx "1 passed, 0 failed" || fail "round trip"
