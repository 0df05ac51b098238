#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# More sinks than a stream has readers by default, all at once; and the standard output, to a file and to a pipe.
source "$(dirname "$0")/common.sh"

pattern 300000 >source
mkfifo last_has_begun
exec 9<>last_has_begun
feed() {
  head -c 1 source
  read -r -t 60 _ <&9 || return  # the others are not done before the last one has begun
  tail -c +2 source
}
expect 0 "$ASYNCSTREAM" tee copy{1..150} \
  --pipe 'head -c 1 >last; echo >last_has_begun; cat >>last' < <(feed)
same source copy{1..150} last
expect 0 "$ASYNCSTREAM" tee - other <source
same source stdout other
"$ASYNCSTREAM" tee - --from source | cmp - source || fail "a pipe as standard output"
expect 0 "$ASYNCSTREAM" tee --from - empty </dev/null
[ -e empty ] && [ ! -s empty ] || fail "an empty source makes no empty file"
