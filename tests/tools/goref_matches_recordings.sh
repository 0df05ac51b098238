#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Tests the Go model, which the library is compared with and measured against. The model must give
# every recorded trace, each time, also on one processor, and so must packages whose source it
# rewrites. It must detect a difference, and every workload must run. GOREF names a built program;
# without it one is built.

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sources=$here/../../tools/goref
golden=$here/../golden
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() { echo "goref_matches_recordings: $*" >&2; exit 1; }

command -v go >/dev/null || fail "no Go compiler here; install golang-go"
export GOFLAGS=-mod=mod GOPROXY=off GOCACHE=${GOCACHE:-${HOME:+$HOME/.cache/go-build}}
export GOCACHE=${GOCACHE:-$scratch/cache}
goref=${GOREF:-}
if [ -z "$goref" ]; then
  goref=$scratch/goref
  "$sources/build.sh" "$goref"
fi

all_pass() {
  local last
  last=$("$@" | tee "$scratch/said" | tail -n 1) || true
  [ "$last" = '271 passed, 0 failed' ] || { cat "$scratch/said"; fail "$*"; }
}

# ends CODE WORDS COMMAND...: the exit code, words that it prints, and for bad input only one line.
ends() {
  local code=$1 words=$2 got=0
  shift 2
  "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || got=$?
  [ "$got" -eq "$code" ] || fail "exit code $got, not $code: $*"
  grep -q -- "$words" "$scratch/out" "$scratch/err" || { cat "$scratch/err"; fail "'$words' is not said: $*"; }
  [ "$code" -ne 2 ] || [ "$(wc -l <"$scratch/err")" -eq 1 ] || fail "more than one line: $*"
}

(cd "$sources" && go vet ./... && go test -count=1 ./... >"$scratch/test") || { cat "$scratch/test"; fail "go vet, go test"; }
unformatted=$(cd "$sources" && gofmt -l .)
[ -z "$unformatted" ] || fail "not formatted: $unformatted"

for _ in 1 2 3 4 5; do
  all_pass "$goref" compare "$golden"
  GOMAXPROCS=1 all_pass "$goref" compare "$golden"
done
for package in plain unlike; do
  all_pass "$goref" compare --package "$sources/testdata/$package" "$golden"
done

# The output of run is a recording, byte for byte; `run -` answers each scenario with one line.
"$goref" run "$golden"/*/pending-order.jsonl | cmp - "$golden/named/pending-order.jsonl"
head -qn 1 "$golden"/{named,random,wide}/*.jsonl | "$goref" run - >"$scratch/lines"
[ "$(wc -l <"$scratch/lines")" -eq 271 ] || fail "run - answered $(wc -l <"$scratch/lines") of 271 scenarios"
! grep -v '^\[{.*}\]$' "$scratch/lines" || fail "run - did not answer with arrays"

# A difference, a blocked step, and bad input.
sed '0,/"offset":0/s//"offset":1/' "$golden/named/catch-up.jsonl" >"$scratch/changed.jsonl"
ends 1 '0 passed, 1 failed' "$goref" compare "$scratch/changed.jsonl"
ends 1 'step 3, reader1' "$goref" compare "$scratch/changed.jsonl"
sed '/"op":"closed","chan":"requests"/d' "$golden/named/catch-up.jsonl" >"$scratch/changed.jsonl"
ends 1 '0 passed, 1 failed' "$goref" compare "$scratch/changed.jsonl"
echo '{"source":"reader","buffer":1,"steps":[{"do":"open","reader":1},{"do":"close"}]}' >"$scratch/blocks.json"
ends 1 'step 2 (close): stream is still blocked' "$goref" run "$scratch/blocks.json"
echo '{"source":"reader","buffer":1,"steps":[{"do":"open"}]}' >"$scratch/bad.json"
ends 2 'bad.json:1: step 1: open needs "reader"' "$goref" run "$scratch/bad.json"
ends 2 'no scenario is named' "$goref" run
ends 2 'no such file' "$goref" compare "$scratch/none.jsonl"
ends 2 'without a recorded trace' "$goref" compare "$scratch/blocks.json"
ends 2 'unknown workload' "$goref" bench w7
ends 2 'unknown command' "$goref" dance
mkdir "$scratch/empty"
ends 2 'no buildable Go source files' "$goref" run --package "$scratch/empty" "$scratch/blocks.json"

# Every workload counts at least as many operations as were requested.
"$goref" bench --list >"$scratch/names"
"$goref" bench --ops 500 --json >"$scratch/results"
while read -r name <&3 && read -r result <&4; do
  [[ $result == '{"name":"'$name'",'* ]] || fail "bench $name answered $result"
  ops=${result#*'"ops":'}
  [ "${ops%%,*}" -ge 500 ] || fail "bench $name did too little: $result"
done 3<"$scratch/names" 4<"$scratch/results"
[ "$(wc -l <"$scratch/results")" -eq "$(wc -l <"$scratch/names")" ] || fail "bench answered too few workloads"
