#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A block to two of four HTTP servers, while it still arrives: one answers 503 at once, one hangs, one
# dies in the middle and comes back, one is well. The last two have it in the end, each byte. All of
# them are nginx, which hands what is to hang on to a socket that nobody listens to.
source "$(dirname "$0")/common.sh"

nginx=/usr/sbin/nginx
[ -x $nginx ] || fail "no nginx; see tools/install-deps.sh test"
pattern 30000000 >block

# A port that answers connections, and never reads: it is told, and kept until the pipe closes.
mkfifo ports hold
exec 9<>hold
python3 - >ports 9>&- <<'END' &
import socket
silent = socket.socket()
silent.bind(("127.0.0.1", 0))
silent.listen(100)
free = [socket.socket() for _ in range(4)]
for one in free:
    one.bind(("127.0.0.1", 0))
numbers = [one.getsockname()[1] for one in [silent] + free]
for one in free:
    one.close()
print(*numbers, flush=True)
open("hold").read()
END
read -r silent p503 phang pdies pwell <ports

# server NAME PORT WHAT: an nginx of its own, with the folder NAME; up when it answers.
server() {
  mkdir -p "$1/temp" "$1/data"
  cat >"$1/conf" <<END
user $(id -un) $(id -gn);
daemon off;
master_process off;
pid $work/$1/pid;
error_log $work/$1/log;
events {}
http {
  access_log off;
  client_max_body_size 0;
  client_body_temp_path $work/$1/temp;
  proxy_temp_path $work/$1/temp; fastcgi_temp_path $work/$1/temp;
  uwsgi_temp_path $work/$1/temp; scgi_temp_path $work/$1/temp;
  server {
    listen 127.0.0.1:$2;
    root $work/$1/data;
    location = /up { return 200; }
    location / { $3 }
  }
}
END
  start "$1" "$2"
}
start() {
  local until=$((SECONDS + 60))
  $nginx -e "$work/$1/log" -c "$work/$1/conf" &
  until curl -sf -o up "http://127.0.0.1:$2/up"; do
    [ $SECONDS -lt $until ] || fail "nginx does not start: $(cat "$1/log")"
  done
}
server 503 "$p503" 'return 503;'
server hang "$phang" "proxy_pass http://127.0.0.1:$silent; proxy_http_version 1.1; proxy_request_buffering off;"
server dies "$pdies" 'dav_methods PUT;'
server well "$pwell" 'dav_methods PUT;'

put() { echo "curl -sf -T - http://127.0.0.1:$1/block"; }
mkfifo go
exec 8<>go
timeout 120 "$ASYNCSTREAM" tee --want 2 --retry 3 --retry-delay 200ms --sink-timeout 2s \
  --from-command 'head -c 20000000 block; read -r _ <go; tail -c +20000001 block' \
  --pipe "$(put "$p503")" --pipe "$(put "$phang")" --pipe "$(put "$pdies")" --pipe "$(put "$pwell")" \
  2>stderr 9>&- &
tee=$!

# It has had megabytes of the block when it dies.
until [ "$(du -sk dies/temp | cut -f 1)" -gt 4000 ]; do
  kill -0 $tee 2>/dev/null || fail "it ended before its time"
done
kill -KILL "$(cat dies/pid)"
start dies "$pdies"
echo >&8
status=0
wait $tee || status=$?
[ $status = 0 ] || fail "exit status $status"
same block dies/data/block well/data/block
[ ! -e 503/data/block ] && [ ! -e hang/data/block ] || fail "the others have it too"
grep -qF "2 of 2 wanted sinks are complete: --pipe '$(put "$pdies")'; --pipe '$(put "$pwell")'" stderr ||
  fail "the complete servers are not named"
grep -qE "$p503/block': exit status 22 after" stderr || fail "503 is not told"
grep -qE "$phang/block': took nothing for 2 s after" stderr || fail "the one that hangs is not told"
grep -qE "$pdies/block': exit status [0-9]+ after [0-9]+ bytes; begun again" stderr ||
  fail "the one that died is not told"
