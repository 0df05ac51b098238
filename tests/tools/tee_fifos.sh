#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Each sink opens by itself: a FIFO whose reader has not come keeps no other from getting everything,
# and two FIFOs that are read in the other order are both served.
source "$(dirname "$0")/common.sh"

pattern 3000000 >source
mkfifo one two complete
timeout 60 "$ASYNCSTREAM" tee one copy two --pipe 'cat >command; echo >complete' <source 2>stderr &
tee=$!
read -r -t 60 _ <complete || fail "the command waits for the reader of a FIFO"
same source command
timeout 60 cat two >from_two || fail "the second FIFO is not served before the first"
timeout 60 cat one >from_one || fail "the first FIFO is not served"
wait $tee || fail "exit status $?"
same source copy from_one from_two
chmod 000 one
if [ "$(id -u)" != 0 ]; then refused "cannot write one: Permission denied" new one <source; fi
refused "cannot write nowhere/one" new two nowhere/one <source
absent new
