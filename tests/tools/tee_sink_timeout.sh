#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# --sink-timeout: a sink that takes nothing for so long although there are bytes for it has failed; one
# that waits for the source has not, nor has one that is slow in what it does with all of them.
source "$(dirname "$0")/common.sh"

pattern 3000000 >source
expect 1 "$ASYNCSTREAM" tee --sink-timeout 200ms copy --pipe 'exec sleep 1000' <source
expect_message "--pipe 'exec sleep 1000': took nothing for 200 ms after 65536 bytes"
same source copy
# Fewer bytes than a pipe holds are not taken because they are in it.
expect 1 "$ASYNCSTREAM" tee --sink-timeout 200ms copy --pipe 'exec sleep 1000' < <(head -c 1000 source)
expect_message "took nothing for 200 ms after 1000 bytes"
mkfifo unread
expect 1 "$ASYNCSTREAM" tee --sink-timeout 200ms copy unread <source
expect_message "unread: had no reader for 200 ms after 0 bytes"
# (The sleeps are what is tested: a source and a sink that take longer than the time-out.)
expect 0 "$ASYNCSTREAM" tee --sink-timeout 200ms a --pipe 'cat >b; sleep 0.5' \
  < <(head -c 1000 source; sleep 0.5; tail -c +1001 source)
same source a b
expect 0 "$ASYNCSTREAM" tee --want 1 --sink-timeout 200ms --pipe 'exec sleep 1000' c <source
same source c
