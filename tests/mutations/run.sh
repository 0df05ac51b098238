#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Seeded bugs show that the tests detect faults. Each *.mutation here breaks the core or the stream
# in one place (apply.py describes the format). Its head names what it breaks and the test that must
# notice:
#
#   What: publish() does not wake the sleeper
#   Test: explore --family two-by-two
#
# The optional `Says: REGEX` must match a line that the test prints.
#
# The script copies the project, checks that every mutation can be applied, and that the tests pass
# without mutations. Then it applies one mutation after the other, builds only the test's program,
# and runs it. The test must fail within its time; a mutation that survives means that a test is
# missing. The script prints a table in Markdown.
#
#   tests/mutations/run.sh              all of them
#   tests/mutations/run.sh --short      every fifth of those that the explorer detects; takes minutes
#   tests/mutations/run.sh NAME...      these
#   tests/mutations/run.sh --table      runs none, prints what each breaks and the test that notices
#   tests/mutations/run.sh --check      runs none, checks that each can be applied
#
# MUTATIONS_DIR: where to copy and build (kept, so that a second run is quicker). TIME: the seconds
# that a test may take, 90 by default, since the watchdog's limit is 60. JOBS: the jobs of ninja, 2
# by default.
set -u

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
limit=${TIME:-90}
if [ "${1:-}" = --check ]; then
  exec python3 "$here/apply.py" check "$root"
fi

names=()
case ${1:-} in
  --short)
    i=0
    while IFS= read -r mutation; do
      [ $((i++ % 5)) -eq 0 ] && names+=("$(basename "$mutation" .mutation)")
    done < <(grep -l '^Test: explore' "$here"/*.mutation)
    ;;
  '' | --table)
    for mutation in "$here"/*.mutation; do names+=("$(basename "$mutation" .mutation)"); done
    ;;
  *) names=("$@") ;;
esac
for name in "${names[@]}"; do
  if [ ! -f "$here/$name.mutation" ]; then
    echo "run.sh: no mutation is named '$name'; run.sh --table lists them" >&2
    exit 2
  fi
done

# The value of the field $1 in the head of mutation $2.
head_of() { sed -n "/^File: /q; s/^$1: //p" "$here/$2.mutation"; }

if [ "${1:-}" = --table ]; then
  echo "| Mutation | Breaks | Caught by |"
  echo "|---|---|---|"
  for name in "${names[@]}"; do
    echo "| $name | $(head_of What "$name") | \`$(head_of Test "$name")\` |"
  done
  exit
fi

if [ -n "${MUTATIONS_DIR:-}" ]; then
  copy=$MUTATIONS_DIR
  mkdir -p "$copy" || exit 2
else
  copy=$(mktemp -d) || exit 2
  trap 'rm -rf "$copy"' EXIT
fi

# Copies the whole project without build results. rsync leaves unchanged files alone, and gives
# changed ones the current time.
mkdir -p "$copy/src" || exit 2
if command -v rsync >/dev/null; then
  rsync -rlpc --delete --exclude '/build*' --exclude /.git "$root/" "$copy/src/" || exit 2
else
  rm -rf "$copy/src" && mkdir "$copy/src" || exit 2
  tar -C "$root" --exclude './build*' --exclude ./.git -cf - . | tar -C "$copy/src" -xf - || exit 2
  # tar restores each file's old time. A previous run has built these files mutated, so they would
  # look older than those results.
  sed -n 's/^File: //p' "$here"/*.mutation | sort -u | (cd "$copy/src" && xargs touch -c)
fi
cd "$copy" || exit 2
here=$PWD/src/tests/mutations  # edits made meanwhile have no effect
mutations() { python3 "$here/apply.py" "$@" src || exit 2; }
mutations check >&2
if [ ! -f build/build.ninja ]; then
  meson setup -Ddebug=false -Dbenchmarks=disabled build src >setup.log 2>&1 ||
    { cat setup.log; exit 2; }
fi

program_of() {
  case $1 in
    asyncstream) echo tools/asyncstream ;;
    explore | linearize) echo "tests/$1/$1" ;;
    *) echo "tests/$1" ;;
  esac
}
build() { ninja -C build -j"${JOBS:-2}" "$(program_of "$1")" >build.log 2>&1; }
# run_test SECONDS TEST
# shellcheck disable=SC2086  # a test is a program and its arguments
run_test() {
  local time=$1
  set -f
  set -- $2
  local program
  program=build/$(program_of "$1")
  shift
  timeout -k 5 "$time" "$program" "$@" >test.log 2>&1
  local result=$?
  set +f
  return $result
}

wrong=0
while IFS= read -r test; do
  if ! build "${test%% *}"; then
    echo "run.sh: the project does not build:" >&2
    tail -20 build.log >&2
    exit 2
  fi
  # A search without a finding runs to its end, which takes minutes longer than one with a finding.
  if ! run_test $((10 * limit)) "$test"; then
    echo "run.sh: without any mutation this fails: $test" >&2
    tail -20 test.log >&2
    exit 2
  fi
done < <(for name in "${names[@]}"; do head_of Test "$name"; done | sort -u)

echo "| Mutation | Caught by | Seconds |"
echo "|---|---|---|"
for name in "${names[@]}"; do
  test=$(head_of Test "$name")
  mutations apply "$name"
  if ! build "${test%% *}"; then
    verdict="DOES NOT COMPILE"
    wrong=1
  else
    begin=$(date +%s.%N)
    run_test "$limit" "$test"
    result=$?
    verdict=$(awk -v a="$begin" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }')
    says=$(head_of Says "$name")
    case $result in
      0) verdict="SURVIVED" wrong=1 ;;
      124 | 137) verdict="NOT IN $limit s" wrong=1 ;;
      *)
        if [ -n "$says" ] && ! grep -qE -- "$says" test.log; then
          verdict="DOES NOT SAY: $says"
          wrong=1
        fi
        ;;
    esac
  fi
  echo "| $name: $(head_of What "$name") | \`$test\` | $verdict |"
  mutations revert
done
exit $wrong
