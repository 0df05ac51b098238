#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# While one command does not read at all, and another sink is a pipe that nobody reads, the others
# get everything, to the end: the stream waits for nobody, and neither do sinks for each other.
source "$(dirname "$0")/common.sh"

pattern 5000000 >source
mkfifo gate ended unread
exec 8<>unread 9<>ended  # somebody has it open, and never reads
timeout 60 "$ASYNCSTREAM" tee copy unread --pipe 'cat >fast; echo over >ended' \
  --pipe 'cat gate >/dev/null; cat >slow' < <(cat source) 2>stderr &
tee=$!
read -r -t 60 _ <&9 || fail "the fast command did not end"
same source fast
[ ! -e slow ] || fail "the slow command has begun before it was let"

: >gate
timeout 60 head -c 5000000 <&8 >unread.copy
wait $tee || fail "exit status $?"
same source copy slow unread.copy
