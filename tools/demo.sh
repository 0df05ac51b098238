#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tools/demo.sh: shows what `asyncstream tee` does. It installs what is missing to build it
# (tools/install-deps.sh prints what), builds in build/, and sends 64 MB of random bytes through a
# pipe to two files and two commands at once, one of which starts to read three seconds late. Then
# it compares all the bytes by their sha256. It leaves only build/ behind.

set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

say "Installing what is missing to build it: nothing, if nothing is said here"
tools/install-deps.sh build

say "Building in build/"
# Without the tests, whose needs tools/test.sh installs; that script adds them to the same folder.
[ -e build/build.ninja ] || meson setup build -Dtools=enabled -Dtests=disabled
ninja -C build tools/asyncstream
program=$PWD/build/tools/asyncstream

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
head -c 64000000 /dev/urandom >source.bin

say "One source, four sinks: two files, a command, and a command that begins three seconds late"
cat <<'END'
$ cat source.bin | asyncstream tee copy1.bin copy2.bin \
    --pipe 'sha256sum >command.sum' --pipe 'sleep 3; sha256sum >late.sum' --stats --digest
END
cat source.bin | "$program" tee copy1.bin copy2.bin \
  --pipe 'sha256sum >command.sum' --pipe 'sleep 3; sha256sum >late.sum' --stats --digest

say "The late command took its three seconds, the others did not wait for it. Each sink's sha256:"
equal=yes
expected=$(sha256sum <source.bin)
show() {
  local sum=$2 verdict=equal
  [ "$sum" = "$expected" ] || { verdict=DIFFERENT; equal=no; }
  printf '%-24s %s  %s\n' "$1" "${sum%% *}" "$verdict"
}
show "the source" "$expected"
show "copy1.bin" "$(sha256sum <copy1.bin)"
show "copy2.bin" "$(sha256sum <copy2.bin)"
show "sha256sum" "$(cat command.sum)"
show "sleep 3; sha256sum" "$(cat late.sum)"
[ $equal = yes ]

say "A sink that fails is named, and the others get everything"
cat <<'END'
$ cat source.bin | asyncstream tee copy1.bin /dev/full --pipe 'sha256sum >command.sum'
END
status=0
cat source.bin | "$program" tee copy1.bin /dev/full --pipe 'sha256sum >command.sum' || status=$?
echo "exit status $status"
show "copy1.bin" "$(sha256sum <copy1.bin)"
show "sha256sum" "$(cat command.sum)"
[ $equal = yes ] && [ $status = 1 ]

say "That is it. Next: build/tools/asyncstream tee --help, and tools/test.sh for the tests"
