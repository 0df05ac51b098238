# SPDX-License-Identifier: Apache-2.0
#
# Shared by the scripts that test `asyncstream tee`, each of which sources it. It provides a
# temporary folder as the working directory, which is removed at the end, and functions that state
# what is expected. A command run by `expect` has one minute; a hang is a failure.

set -euo pipefail

work=$(mktemp -d)
cleanup() {
  local job
  for job in $(jobs -p); do kill -KILL "$job" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"

fail() {
  echo "$(basename "$0"): $*" >&2
  if [ -s stderr ]; then sed 's/^/  stderr: /' stderr >&2; fi
  exit 1
}

# expect STATUS COMMAND...: runs the command, with its output in the files stdout and stderr.
expect() {
  local expected=$1 status=0
  shift
  timeout --kill-after=5 "${LIMIT:-60}" "$@" >stdout 2>stderr || status=$?
  [ $status = "$expected" ] || fail "exit status $status, expected $expected, of: $*"
}

# expect_message TEXT: stderr is one line that contains the text.
expect_message() {
  [ "$(wc -l <stderr)" = 1 ] || fail "stderr has not one line"
  grep -qF -- "$1" stderr || fail "stderr does not say: $1"
}

# refused TEXT ARGUMENT...: `tee ARGUMENT...` prints one line with the text, and exits with status
# 2.
refused() {
  local text=$1
  shift
  expect 2 "$ASYNCSTREAM" tee "$@"
  expect_message "$text"
}

# same FILE FILE...: all have the content of the first.
same() {
  local first=$1 file
  shift
  for file in "$@"; do cmp -s "$first" "$file" || fail "$file differs from $first"; done
}

# pattern COUNT: prints this many bytes, of which no two blocks are the same.
pattern() { head -c "$1" < <(seq 1000000000 2>/dev/null); }

# absent FILE...: none of them exists.
absent() {
  local file
  for file in "$@"; do [ ! -e "$file" ] || fail "$file was made"; done
}
