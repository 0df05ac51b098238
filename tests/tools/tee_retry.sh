#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# --retry: a sink that has failed is begun again from byte 0, while the source is read once: a command
# is run again, a file written anew, a FIFO waits for its next reader.
source "$(dirname "$0")/common.sh"

pattern 3000000 >source
quick="--retry-delay 1ms"
# Fails twice, each time after another part.
flaky='n=$(cat count); echo $((n + 1)) >count; if [ $n -lt 2 ]; then head -c ${n}00000 >part; exit 7; fi; cat >whole'
echo 0 >count
expect 0 "$ASYNCSTREAM" tee --retry 2 $quick --digest --pipe "$flaky" copy < <(cat source)
same source whole copy
[ "$(cat count)" = 3 ] || fail "begun $(cat count) times"
[ "$(grep -c 'exit status 7 after .* bytes; begun again in .* of 2)' stderr)" = 2 ] ||
  fail "the failures are not told"
crc=$(python3 -c 'import zlib; print("%08x" % zlib.crc32(open("source", "rb").read()))')
[ "$(grep -c "3000000 bytes, crc32 $crc" stderr)" = 2 ] || fail "not the digest of all bytes"
echo 0 >count
expect 1 "$ASYNCSTREAM" tee --retry 1 $quick --pipe "$flaky" copy < <(cat source)
grep -q "exit status 7 after [0-9]* bytes$" stderr || fail "the last failure is not told"
same source copy

# A file, whose limit is raised meanwhile: by prlimit, of the process that is the command's parent.
expect 0 bash -c 'ulimit -Sf 100; exec "$ASYNCSTREAM" tee --retry 1 --retry-delay 2s limited \
  --pipe "until [ \"\$(stat -c %s limited)\" = 102400 ]; do :; done
    prlimit --pid \$PPID --fsize=unlimited:; cat >/dev/null"' <source
grep -qF "limited: File too large after 102400 bytes; begun again in 2 s (1 of 1)" stderr ||
  fail "the file's limit is not told"
same source limited

# A FIFO: the second reader gets everything.
mkfifo fifo
{ head -c 100 fifo >first; cat fifo >second; } &
expect 0 "$ASYNCSTREAM" tee --retry 1 $quick fifo --from source
wait
same source second
# What is there once is not begun again.
status=0
{ timeout 60 "$ASYNCSTREAM" tee --retry 5 - <source 2>stderr || echo $? >status; } | head -c 1 >/dev/null
[ "$(cat status)" = 1 ] || fail "the standard output was begun again"
expect_message "the standard output: stopped reading after "

# A broken source is no reason to begin again; nor is a signal, for which no delay is waited out.
expect 1 "$ASYNCSTREAM" tee --retry 100000 $quick --from-command 'exit 3' --pipe 'exec cat >a'
expect_message "exit status 3"
expect 143 env --default-signal=TERM "$ASYNCSTREAM" tee --retry 1 --retry-delay 1h --from source \
  --pipe 'exit 1' --pipe 'cat >/dev/null; while [ ! -e begun ]; do :; done; kill $PPID' \
  --pipe 'cat >/dev/null; : >begun'
grep -qF "ended by signal 15; " stderr || fail "the signal is not told"
