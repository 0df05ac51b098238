#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# --help has every option, the exit codes and examples, on two screens; --version works everywhere.
source "$(dirname "$0")/common.sh"

expect 0 "$ASYNCSTREAM" tee --help
for word in --from --from-command --pipe --buffer --spill --retry --retry-delay --want --sink-timeout -a, \
  --append --atomic --sync -p --progress --stats --digest FILE CMD "Exit status" Examples Replay Quorum \
  Spill 128+n; do
  grep -qF -- "$word" stdout || fail "--help does not mention $word"
done
[ "$(wc -l <stdout)" -le 48 ] || fail "--help does not fit two screens"
[ "$(awk 'length > 100' stdout)" = "" ] || fail "--help has lines of more than 100 characters"
expect 0 "$ASYNCSTREAM" --help
for word in tee Example --version; do grep -qF -- "$word" stdout || fail "no $word"; done
for arguments in --version "tee --version"; do
  expect 0 "$ASYNCSTREAM" $arguments
  grep -qxE 'asyncstream [0-9]+\.[0-9]+\.[0-9]+' stdout || fail "$arguments: $(cat stdout)"
done

# Help for what is not there is no help.
expect 2 "$ASYNCSTREAM" nothing --help
expect_message '"nothing" is no subcommand; see asyncstream --help'
