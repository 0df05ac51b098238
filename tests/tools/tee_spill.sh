#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# --spill: what is kept of the source is in a file without a name. 600 MB to a file, a command, and one
# that begins when the first has everything: all have every byte, the source waited for none, and little
# was in memory. A disk that is full is named; what was read is delivered, and no sink is complete.
source "$(dirname "$0")/common.sh"

mkdir folder
pattern 600000000 | sha256sum >expected
mkfifo complete
watch='sha256sum >fast; grep VmHWM /proc/$PPID/status >peak; ls -A folder >left; echo >complete'
expect 0 "$ASYNCSTREAM" tee --spill folder copy --pipe "$watch" \
  --pipe 'read -r _ <complete; sha256sum >slow' < <(pattern 600000000)
same expected fast slow <(sha256sum <copy)
[ ! -s left ] || fail "it has a name: $(cat left)"
peak=$(awk '{ print $2 }' peak)
# A sanitizer keeps freed memory for a while: TEST_PEAK_KIB, still less than the whole source.
[ "$peak" -lt "${TEST_PEAK_KIB:-65536}" ] || fail "$peak KiB in memory"

# Begun again, and late, from byte 0.
pattern 20000000 >source
expect 0 "$ASYNCSTREAM" tee --spill folder --want 1 --retry 1 --retry-delay 1ms \
  --pipe 'head -c 10000000 >/dev/null; exit 1' spare < <(cat source)
same source spare
expect 1 "$ASYNCSTREAM" tee --spill folder --buffer 1M a < <(cat source)
expect_message "is longer than the buffer: only its first 1048576 bytes were delivered"
refused "cannot spill to nowhere: No such file or directory" --spill nowhere new <source
refused "cannot spill to source: Not a directory" --spill source new <source
absent new

# A disk of 10 MiB, in a name space of our own.
as_root=(unshare --mount)
[ "$(id -u)" = 0 ] || as_root=(unshare --user --map-root-user --mount)
"${as_root[@]}" true 2>unshare.stderr || fail "no disk to fill: $(cat unshare.stderr)"
expect 1 "${as_root[@]}" sh -c 'mount -t tmpfs -o size=10M none folder && exec "$ASYNCSTREAM" tee \
  --stats --buffer 1G --spill folder copy --pipe "cat >command; echo told >told" <source'
grep -qE -- "--spill folder: No space left on device after [0-9]+ bytes; what was read before was delivered" stderr ||
  fail "the full disk is not named"
grep -qE "^copy: incomplete, [0-9]+ bytes" stderr || fail "the file is called complete"
[ "$(stat -c %s copy)" -gt 9000000 ] || fail "what was read is not delivered"
cmp -n "$(stat -c %s copy)" copy source || fail "wrong bytes"
absent told
