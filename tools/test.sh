#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tools/test.sh [--in FOLDER] [-DOPTION=VALUE]... [ARGUMENT]...: installs what is missing
# (tools/install-deps.sh), builds everything in FOLDER (build/ by default), and runs the tests.
# Options go to the build; all other arguments go to `meson test`, such as a test's name, or
# `--suite stress --repeat 200`.

set -euo pipefail
cd "$(dirname "$0")/.."

build=build
if [ "${1:-}" = --in ]; then
  build=${2:?--in needs a folder}
  shift 2
fi
options=(-Dtests=enabled -Dtools=enabled)
arguments=()
for argument in "$@"; do
  case $argument in
    -D*) options+=("$argument") ;;
    *) arguments+=("$argument") ;;
  esac
done

tools/install-deps.sh build test
if [ -e "$build/build.ninja" ]; then
  meson configure "$build" "${options[@]}"
else
  meson setup "$build" "${options[@]}"
fi
ninja -C "$build"
meson test -C "$build" --no-rebuild --print-errorlogs "${arguments[@]}"
