#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# `asyncstream compare --go` plays the recorded scenarios, and random ones from a seed, live on the
# Go model and on the port, with and without a trace. It also plays scenarios that would crash or
# block the reference, in which the port must do what the divergences say. Without Go this test
# fails.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }
golden=$PWD/golden
cd "$folder"

# scenario NAME STEP...: of a stream of 10 bytes with one reader, which has read them all.
scenario() {
  local name=$1 steps='{"do":"open","reader":1},{"do":"feed","bytes":10},{"do":"read","reader":1,"max":99}'
  shift
  for step in "$@"; do steps+=",$step"; done
  echo "{\"name\":\"$name\",\"source\":\"reader\",\"buffer\":10,\"steps\":[$steps]}" >"$name.json"
}
wait_for_more='{"do":"read","reader":1,"max":9,"async":true}'
nothing='{"do":"feed","bytes":0}'
close=('{"do":"close_reader","reader":1}' '{"do":"close"}')
mapfile -t hundred < <(yes "$nothing" | head -n 100)
scenario d3 "$wait_for_more" "$nothing" "$nothing" '{"do":"end","error":"eof"}' \
  '{"do":"await","reader":1}' "${close[@]}"
scenario d5 '{"do":"open","reader":2}' '{"do":"close_reader","reader":1}' '{"do":"read","reader":1,"max":9}' \
  '{"do":"write_to","reader":1}' '{"do":"end","error":"eof"}' '{"do":"read","reader":2,"max":99}' \
  '{"do":"close_reader","reader":2}' '{"do":"close"}' '{"do":"open","reader":3}' \
  '{"do":"read","reader":3,"max":9}' '{"do":"close_reader","reader":3}' '{"do":"close"}'
scenario d7 "$wait_for_more" "${hundred[@]}" '{"do":"await","reader":1}' '{"do":"feed","bytes":1}' \
  '{"do":"read","reader":1,"max":99}' "${close[@]}"

for mode in "" --untraced; do
  "$ASYNCSTREAM" compare $mode "$golden/named" "$golden/wide" ./*.json --random 200 --seed 1 --go >out ||
    { cat out; fail "differs"; }
  [ "$(tail -n 1 out)" = "364 passed, 0 failed" ] || fail "$(tail -n 1 out)"
  for line in "data-with-eof: diverges (D1)" "wide-d1-0004: diverges (D1)" "wide-d2-0002: diverges (D2)" \
    "d3: diverges (D3)" "d5: diverges (D5)" "d7: diverges (D7)"; do
    grep -qF "$line" out || fail "not printed: $line"
  done
done

# Without Go: one line that names the package to install.
status=0
PATH=$folder "$ASYNCSTREAM" compare --random 1 --go >out 2>err || status=$?
[ $status = 2 ] || fail "without Go the exit status is $status"
[ "$(wc -l <err)" = 1 ] && grep -q golang-go err || fail "without Go: $(cat err)"
