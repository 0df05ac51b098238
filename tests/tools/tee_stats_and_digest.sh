#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# --stats and --digest: one line a sink, on stderr; the digest is the CRC-32 of everybody else.
source "$(dirname "$0")/common.sh"

pattern 1234567 >source
crc=$(python3 -c 'import zlib; print("%08x" % zlib.crc32(open("source", "rb").read()))')
expect 0 "$ASYNCSTREAM" tee --stats --digest --from source a - --pipe 'cat >/dev/null'
number='[0-9]+\.[0-9]'
for name in a 'the standard output' "--pipe 'cat >/dev/null'"; do
  grep -qxE -e "$name: 1234567 bytes in ${number}+ s, $number [KMGT]iB/s, crc32 $crc" stderr ||
    fail "no line for $name"
done
[ "$(wc -l <stderr)" = 3 ] || fail "more lines than sinks"
same source stdout
expect 0 "$ASYNCSTREAM" tee --digest --from source a
expect_message "a: 1234567 bytes, crc32 $crc"
expect 0 "$ASYNCSTREAM" tee --digest a </dev/null
expect_message "a: 0 bytes, crc32 00000000"
expect 1 "$ASYNCSTREAM" tee --stats --digest --from source a /dev/full
grep -qxF "/dev/full: incomplete, 0 bytes" stderr || fail "a failed sink is not called incomplete"
grep -q "^a: 1234567 bytes in .*crc32 $crc" stderr || fail "the good sink has no line"
