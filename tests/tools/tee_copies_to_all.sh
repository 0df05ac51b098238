#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# 200 MB of random data from a pipe reach two files, a command, and a command that sleeps first:
# all have the same bytes. (The sleep is what is tested: a sink that begins late. It orders nothing.)
source "$(dirname "$0")/common.sh"

size=200000000
head -c $size /dev/urandom >source.bin
sha256sum <source.bin >expected
expect 0 "$ASYNCSTREAM" tee a.bin b.bin --pipe 'sha256sum >command.sum' \
  --pipe 'sleep 2; sha256sum >sleeper.sum' < <(cat source.bin)

[ ! -s stderr ] || fail "it said something"
same expected <(sha256sum <a.bin) <(sha256sum <b.bin) command.sum sleeper.sum
[ "$(stat -c %s a.bin)" = $size ] || fail "a.bin has $(stat -c %s a.bin) bytes"
