#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tools/sanitize.sh address|thread [ARGUMENT]...: runs the tests under ASan and UBSan (build-asan/)
# or under TSan (build-tsan/), with nothing of ours suppressed. Arguments are those of
# tools/test.sh: `--repeat 50` runs everything 50 times, `--suite stress` the long tests.

set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
  address) build=build-asan sanitizers=address,undefined ;;
  thread) build=build-tsan sanitizers=thread ;;
  *)
    echo "usage: tools/sanitize.sh address|thread [argument of tools/test.sh]..." >&2
    exit 2
    ;;
esac
shift

# Optimizing a build that checks every access is not worth its time: gcc takes three times as long
# for -O1 -g as for -Og with line numbers alone. Benchmarks are left out, since they refuse to run
# here. Clang's sanitizers leave symbols to be resolved at run time, hence b_lundef=false.
exec tools/test.sh --in $build -Doptimization=g -Ddebug=false -Dcpp_args=-g1 \
  -Dbenchmarks=disabled -Db_sanitize=$sanitizers -Db_lundef=false --setup=sanitizer "$@"
