#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A sink that cannot be opened: one line that names it, exit status 2, and nothing is written, though
# the sinks before it could be opened: they keep what they had, and those that were made are gone,
# also one made through a link that led nowhere.
source "$(dirname "$0")/common.sh"

echo kept >kept
ln -s target link
for bad in "nowhere/file" "$work" "kept/below"; do
  printf data | refused "cannot write $bad: " kept new link "$bad" last --pipe 'echo started >command'
done
absent new last command target nowhere
[ -L link ] || fail "the link was removed"
[ "$(cat kept)" = kept ] || fail "a sink was truncated"
for closed in '>&-' '</dev/null 1<&0'; do
  status=0
  sh -c "exec \"\$ASYNCSTREAM\" tee new - $closed" 2>stderr || status=$?
  [ $status = 2 ] || fail "standard output $closed: exit status $status"
  expect_message "the standard output is not open for writing"
  absent new
done
