#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tools/bench.sh [--quick] [--only GOAL...] [--json FILE]: builds this library and the Go side,
# optimised, in build-bench/, runs both interleaved, and prints the table of goals, which shows those
# that are met and those that are not. `--help` lists all options. A run takes half an hour on an
# otherwise idle machine; --quick only checks that everything runs.
#
# tools/bench.sh --publish: writes the last whole run's results into tools/bench/RESULTS.md and
# results.svg.

set -euo pipefail
cd "$(dirname "$0")/.."

build=build-bench
if [ "${1:-}" = --publish ]; then
  exec python3 tools/bench/publish.py $build
fi
tools/install-deps.sh build test >&2

# build_in FOLDER OPTION...
build_in() {
  local folder=$1
  shift
  if [ ! -e "$folder/build.ninja" ]; then
    meson setup "$folder" -Dbuildtype=release -Dtools=enabled -Dbenchmarks=enabled \
      -Dtests=disabled "$@" >&2
  fi
  ninja -C "$folder" tools/asyncstream >&2
}
build_in $build
build_in $build/untraced -Dcpp_args=-DCSP_UNTRACED  # measures the cost of the trace's switch
tools/goref/build.sh $build/goref

exec python3 tools/bench/drive.py --build $build "$@"
