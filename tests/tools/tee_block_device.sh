#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A disk as the source has a size, which progress shows the share of and a buffer is made for; as a
# sink it is written from its begin. Needs root and a loop device; skipped, with a word, without them.
source "$(dirname "$0")/common.sh"

truncate -s 1100M disk
pattern 3000000 | dd of=disk conv=notrunc status=none
device=$(losetup --find --show disk 2>losetup.stderr) || {
  echo "skipped: no loop device: $(cat losetup.stderr)" >&2
  exit 77
}
trap 'losetup -d "$device"; cleanup' EXIT
expect 0 "$ASYNCSTREAM" tee --from "$device" --progress --pipe 'cmp - disk' --pipe 'sha256sum >sum'
grep -qE "^source +1\.1 GiB 100%" stderr || fail "the size is not known"
expect 0 "$ASYNCSTREAM" tee --from "$device" --retry 1 --pipe 'cmp - disk'
pattern 3000000 >source
refused "$device is also the source" --from "$device" "$device"
printf changed | dd of="$device" status=none
expect 0 "$ASYNCSTREAM" tee --sync --retry 1 "$device" <source
cmp -n 3000000 source "$device" || fail "not written from the begin"
