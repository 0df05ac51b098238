#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A source that breaks off never looks whole: no sink is called complete, and no command sees the end
# of its input, but is killed before, with what it has started. --from-command: exit status 0 alone is
# the end of the source.
source "$(dirname "$0")/common.sh"

pattern 300000 >source
zip='gzip >m.gz; echo told >told'
# broken TEXT ARGUMENT...
broken() {
  local text=$1
  shift
  expect 1 "$ASYNCSTREAM" tee --stats "$@" --pipe "$zip" copy
  grep -qF -- "$text" stderr || fail "stderr does not say: $text"
  if grep -E ' bytes in ' stderr; then fail "a sink is called complete: $*"; fi
  ! gzip -t m.gz 2>/dev/null || fail "gzip has made a whole archive: $*"
  absent told
}
broken "--from-command 'cat source; exit 3' failed: exit status 3; what was read before was delivered" \
  --from-command 'cat source; exit 3'
same source copy
broken "killed by signal 9 (Killed)" --from-command 'cat source; kill -KILL $$'
broken "is longer than the buffer" --retry 1 --buffer 1K <source
broken "reading /proc/self/mem failed: Input/output error" --from /proc/self/mem
# A command that does not heed SIGTERM sees no end of its input either.
expect 1 "$ASYNCSTREAM" tee --from-command false --pipe 'trap "" TERM; cat; echo told >told'
absent told

# A command as the source that ends well; one that is not needed any more is ended.
expect 0 "$ASYNCSTREAM" tee --from-command 'cat source' copy --pipe 'gzip >m.gz'
same source copy
gunzip <m.gz | cmp - source || fail "not everything in the archive"
expect 0 "$ASYNCSTREAM" tee --from-command 'echo $$ >pid; cat source; exec sleep 1000' --pipe 'head -c 9 >nine'
[ ! -e "/proc/$(cat pid)" ] || fail "the source command is still there"
expect 0 "$ASYNCSTREAM" tee --from-command yes --pipe 'head -c 9 >nine'
# Its end is its exit, not that of its output.
expect 1 "$ASYNCSTREAM" tee --from-command 'cat source; exec >&-; exit 4' copy
expect_message "exit status 4"
refused "cannot write nowhere/file" --from-command 'echo ran >ran' nowhere/file
absent ran
