#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# build.sh OUT: builds goref as the program OUT. It needs a Go compiler (1.19 or later) and no
# network.

set -eu
[ $# -eq 1 ] || { echo "build.sh: where to? usage: build.sh OUT" >&2; exit 2; }
command -v go >/dev/null || { echo "build.sh: no Go compiler here; install golang-go" >&2; exit 2; }
mkdir -p "$(dirname "$1")"
out=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
if [ -z "${HOME:-}${XDG_CACHE_HOME:-}${GOCACHE:-}" ]; then
  export GOCACHE="$out.cache"
fi
cd "$(dirname "$0")"
GOFLAGS=-mod=mod GOPROXY=off GOWORK=off CGO_ENABLED=0 exec go build -o "$out" ./cmd/goref
