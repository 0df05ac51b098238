#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# --want K: the first K sinks are begun, and a spare for each that fails for good, which reads from
# byte 0 late as it is; K complete ones are success, and named. A spare that is not needed is not
# touched.
source "$(dirname "$0")/common.sh"

pattern 3000000 >source
echo kept >spare
expect 0 "$ASYNCSTREAM" tee --want 2 --digest --pipe 'exit 3' a --pipe 'cat >b' spare new <source
same source a b
[ "$(cat spare)" = kept ] || fail "a spare that is not needed was written to"
absent new
grep -qxF "asyncstream tee: 2 of 2 wanted sinks are complete: a; --pipe 'cat >b'" stderr ||
  fail "the complete sinks are not named"
grep -qxF "spare: not needed" stderr || fail "the spare has no line"
expect 0 "$ASYNCSTREAM" tee --want 1 --pipe 'cat >/dev/null; exit 1' --pipe 'exit 2' spare < <(cat source)
same source spare
expect 1 "$ASYNCSTREAM" tee --want 2 /dev/full --pipe 'exit 2' a <source
grep -qF "1 of 2 wanted sinks are complete: a" stderr || fail "the complete sink is not named"
same source a
expect 0 "$ASYNCSTREAM" tee --want 1 --retry 1 --retry-delay 1ms --pipe 'echo >>tries; exit 1' b <source
[ "$(wc -l <tries)" = 2 ] || fail "a spare was begun before all attempts"
same source b
expect 1 "$ASYNCSTREAM" tee --want 1 --from-command 'cat source; exit 3' --pipe 'cat >c' d
grep -qF "0 of 1 wanted sinks are complete" stderr || fail "a broken source makes complete sinks"
absent d
