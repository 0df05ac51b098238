#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# An option with = and nothing behind it, as an empty variable makes of --from="$SOURCE", is refused,
# whichever option; it would take the next word, and so make of a sink the source.
source "$(dirname "$0")/common.sh"

echo one >one
echo two >two
for option in --from --from-command --pipe --buffer --retry --retry-delay --want --sink-timeout; do
  refused "$option= has nothing behind it" "$option=" one two
done
printf '#!/bin/sh\necho ran >ran\n' >x.sh
chmod +x x.sh
refused "--pipe= has nothing behind it" --pipe= ./x.sh </dev/null
refused "--pipe '' is no command" --pipe '' new </dev/null
refused "--from-command '' is no command" --from-command '' new
expect 2 "$ASYNCSTREAM" show --out= one
expect_message "--out= has nothing behind it"
absent ran new
[ "$(cat one two)" = $'one\ntwo' ] || fail "a file has changed"
