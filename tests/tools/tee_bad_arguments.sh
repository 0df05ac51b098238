#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A command line that makes no sense: one line that names the argument and what to do, exit status 2,
# and nothing is written.
source "$(dirname "$0")/common.sh"

for size in 12x -1 K 1.5G 0x10 '' ' 1' 99999999999999999999 99999999999G; do
  refused "--buffer" --buffer "$size" new </dev/null
done
refused "--buffer 12x is no size; give bytes, or a number with K, M or G" --buffer 12x new </dev/null
refused "--buffer: there is no memory for" --buffer 8000000000G new </dev/null
refused "no sink; name a FILE" </dev/null
refused "--frob" --frob new </dev/null
refused "--from" new --from
absent new
for word in frob --frob; do
  expect 2 "$ASYNCSTREAM" $word
  expect_message "\"$word\" is no subcommand; see asyncstream --help"
done
expect 2 "$ASYNCSTREAM"
expect_message "asyncstream --help"
for size in 3 1k 1K 2m 1G; do
  printf abc | expect 0 "$ASYNCSTREAM" tee --buffer $size new
done
