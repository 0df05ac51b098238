#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A source that has to be kept and is known to be longer than memory is refused before anything is
# written, with the remedy; a buffer that is larger than memory gets one line of warning. Where nothing
# has to be kept, neither matters.
source "$(dirname "$0")/common.sh"

truncate -s 8T huge
echo kept >kept
for option in "--retry 1" "--want 1"; do
  refused "of memory that are available; --spill DIR keeps it on disk" $option kept new --from huge
done
absent new
[ "$(cat kept)" = kept ] || fail "a sink was truncated"
echo short | expect 0 "$ASYNCSTREAM" tee --buffer 8T new
expect_message "--buffer 8.0 TiB is more than the"
expect_message "of memory that are available; --spill DIR keeps it on disk"
echo short | cmp - new || fail "not copied"
expect 0 "$ASYNCSTREAM" tee --pipe 'head -c 100000 >head' --from huge
[ "$(stat -c %s head)" = 100000 ] || fail "a huge file is not copied where nothing is kept"
