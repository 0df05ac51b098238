#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The --help of every subcommand fits two screens and states the exit status, and its examples run.
# Other scripts run the examples of tee.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }

PATH=$(dirname "$ASYNCSTREAM"):$PATH
ln -s "$PWD" "$folder/tests"
cd "$folder"
mkdir src
echo content >src/file

# examples: the commands in the help on the standard input.
examples() { sed -n '/^Examples\?:$/,$p' | grep -E '^  .*asyncstream ' | sed 's/^  //'; }

asyncstream --help >out
examples <out >commands
names=$(sed -n '/^Subcommands:$/,/^$/s/^  \([a-z]*\) .*/\1/p' out)
[ "$(wc -w <<<"$names")" -ge 4 ] || fail "the help names too few subcommands: $names"
for name in $names; do
  asyncstream "$name" --help >out
  [ "$(wc -l <out)" -le 48 ] || fail "$name --help has $(wc -l <out) lines"
  [ -z "$(awk 'length > 100' out)" ] || fail "$name --help has lines of more than 100 characters"
  grep -q "Exit status" out || fail "$name --help states no exit status"
  examples <out >found
  [ -s found ] || fail "$name --help has no example"
  [ "$name" = tee ] || cat found >>commands
done

# compare_with_go.sh plays many random scenarios; here a few are enough. A build that is unfit to be
# measured refuses to.
while read -r command <&3; do
  status=0
  bash -c "${command/--random 500/--random 5}" >out 2>err || status=$?
  [ $status = 0 ] || grep -q "build with -Dbuildtype=release" err ||
    fail "exit status $status of: $command: $(cat err)"
done 3<commands
