#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A source of any length in bounded memory: 400 MB pass through a buffer of 32 MiB to a file, and to
# a command that begins when it is let, which is when the progress says that the source waits for it.
# All have every byte, and the program has never had more than the buffer and a little in memory.
source "$(dirname "$0")/common.sh"

pattern 400000000 | sha256sum >expected
mkfifo gate shown
{ grep -qm 1 "^source .* waits for --pipe 'cat gate"; : >gate; cat >/dev/null; } <shown &
watch='cat >/dev/null; grep VmHWM /proc/$PPID/status >peak'
timeout 200 "$ASYNCSTREAM" tee --buffer 32M --progress --pipe 'cat gate >slow.begun; sha256sum >slow' \
  --pipe 'sha256sum >fast' --pipe "$watch" copy < <(pattern 400000000) 2>shown ||
  fail "exit status $?"
wait
same expected slow fast <(sha256sum <copy)
peak=$(awk '{ print $2 }' peak)
# A sanitizer keeps freed memory for a while: TEST_PEAK_KIB, still less than the whole source.
[ "$peak" -lt "${TEST_PEAK_KIB:-50000}" ] || fail "$peak KiB in memory"

# A source in which nothing comes any more: whatever is there is delivered at once.
mkfifo source ended
exec 7<>source
timeout 60 "$ASYNCSTREAM" tee --from source --pipe 'head -n 1 >line; echo >ended; cat >>line' 7>&- &
tee=$!
echo first >&7
read -r -t 60 _ <ended || fail "the first line does not come before the second"
echo second >&7
exec 7>&-
wait $tee || fail "exit status $?"
[ "$(cat line)" = $'first\nsecond' ] || fail "not both lines"
