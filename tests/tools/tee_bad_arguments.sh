#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A command line that makes no sense: one line that names the argument and what to do, exit status 2,
# and nothing is written.
source "$(dirname "$0")/common.sh"

for size in 12x -1 K 1.5 .5G 1.G 64MB 64Mi 0x10 '' ' 1' 99999999999999999999 99999999999G 20000P; do
  refused "--buffer" --buffer "$size" new </dev/null
done
refused "--buffer 12x is no size; give bytes, or a number with K, M, G or T" --buffer 12x new </dev/null
refused "--buffer: there is no memory for" --retry 1 --buffer 8000000000G new </dev/null
refused "no sink; name a FILE" </dev/null
refused "--frob" --frob new </dev/null
refused "--from" new --from
for time in 1x -1 0 s 1d '' 0.1ms 99999h; do
  refused "--sink-timeout" --sink-timeout "$time" new </dev/null
  refused "--retry-delay" --retry-delay "$time" new </dev/null
done
refused "--want 0 of 2 sinks" --want 0 new new2 </dev/null
refused "--want 3 of 2 sinks" --want 3 new new2 </dev/null
refused "--retry writes a file anew" --append --retry 1 new </dev/null
refused "--atomic replaces a file" -a --atomic new </dev/null
refused "--from-command" --from new --from-command true new2 </dev/null
absent new new2
for word in frob --frob; do
  expect 2 "$ASYNCSTREAM" $word
  expect_message "\"$word\" is no subcommand; see asyncstream --help"
done
expect 2 "$ASYNCSTREAM"
expect_message "asyncstream --help"
for size in 3 1k 1K 2m 1G 1T 64MiB 1.5G 0.5KiB 1P; do
  printf abc | expect 0 "$ASYNCSTREAM" tee --buffer $size new
done
