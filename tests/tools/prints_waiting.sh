#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# SIGUSR1 makes the program print what waits for what and continue. Here the stream's processes and
# sinks all wait, because the source has not sent anything yet.
source "$(dirname "$0")/common.sh"

mkfifo source ready
exec 7<>source 9<>ready
"$ASYNCSTREAM" tee --from source --pipe 'echo $PPID >ready; cat >copy' 2>stderr 7>&- 9>&- &
tee=$!
read -r -t 60 child <&9 || fail "the command did not start"

# The sink's reader is not in the table until it has reached the frontier.
for expected in "recv requests" "recv subtract_reader" "recv responses:"; do
  until grep -qF "$expected" stderr; do kill -USR1 "$child" || fail "the signal ended it"; done
done

echo all >&7
exec 7>&-
wait $tee || fail "exit status $?"
[ "$(cat copy)" = all ] || fail "the copy is not right"
