#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Short of threads, or of descriptors, it says so and ends, though the source is silent. As long as
# not all is open that it needs, no file is touched.
source "$(dirname "$0")/common.sh"

mkfifo silent
exec 7<>silent
# Each thread's stack is 8 MiB of address space.
expect 1 bash -c 'ulimit -s 8192 -v 300000; exec "$@"' bash \
  "$ASYNCSTREAM" tee --buffer 1M --from silent $(seq -f sink%g 60)
grep -q . stderr || fail "it does not say why"

pattern 10000 >bytes
refusals=0
for ((n = 4; n < 24; ++n)); do
  rm -f c1 c2
  echo old >file
  status=0
  timeout --kill-after=5 60 bash -c 'ulimit -n "$1"; shift; exec "$@"' bash "$n" \
    "$ASYNCSTREAM" tee --from bytes file --pipe 'cat >c1' --pipe 'cat >c2' >stdout 2>stderr ||
    status=$?
  if [ $status = 0 ]; then
    same bytes file c1 c2
  else
    [ "$(cat file)" = old ] || fail "with $n descriptors the file was touched, status $status"
  fi
  if [ $status = 2 ]; then
    absent c1 c2
    refusals=$((refusals + 1))
  fi
done
[ $status = 0 ] || fail "23 descriptors are not enough: status $status"
[ $refusals -gt 0 ] || fail "no number of descriptors was too small"
