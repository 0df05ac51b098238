#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tools/install-deps.sh [build] [test] [ci] [browser]: installs what is missing to build the
# project, to run its tests, to run everything that CI checks, or to run the suite browser; without
# a group, all but browser. What exists is left alone, whatever its origin, so if nothing is missing
# the script needs neither root nor a network. Missing packages come from Debian 12 or newer, or
# Ubuntu 23.04 or newer, and are named before they are installed. Exit status 2: something is
# missing and cannot be installed.

set -euo pipefail

# Each package with the command or header that shows that it is installed.
build="g++:g++ meson:meson ninja-build:ninja pkg-config:pkg-config
       libspdlog-dev:spdlog/spdlog.h
       libconcurrentqueue-dev:concurrentqueue/concurrentqueue.h
       libcli11-dev:CLI/CLI.hpp nlohmann-json3-dev:nlohmann/json.hpp"
test="doctest-dev:doctest/doctest.h python3:python3 golang-go:go procps:ps curl:curl
      nginx-light:/usr/sbin/nginx codespell:codespell"
ci="clang:clang++ libclang-rt-dev:clang-sanitizers clang-format:clang-format"
browser="chromium:chromium chromium-driver:chromedriver"

there() {
  case $1 in
    *.h | *.hpp) [ -e "/usr/include/$1" ] || [ -e "/usr/local/include/$1" ] ;;
    clang-sanitizers)
      [ -e "$(clang++ -print-resource-dir 2>/dev/null)/include/sanitizer/asan_interface.h" ] ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

missing=()
for group in ${*:-build test ci}; do
  case $group in
    build | test | ci | browser) ;;
    *)
      echo "install-deps.sh: unknown group '$group'; there are build, test, ci and browser" >&2
      exit 2
      ;;
  esac
  for entry in ${!group}; do
    there "${entry#*:}" || missing+=("${entry%%:*}")
  done
done
if [ ${#missing[@]} = 0 ]; then
  exit 0
fi

cannot() {
  echo "install-deps.sh: $1; install by hand: ${missing[*]}" >&2
  exit 2
}

command -v apt-get >/dev/null || cannot "no apt-get here"
as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || cannot "not root, and no sudo here"
  as_root=(sudo)
fi
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y)

echo "install-deps.sh: installing ${missing[*]}"
"${apt[@]}" update || echo "install-deps.sh: the package lists could not be renewed" >&2
"${apt[@]}" install --no-install-recommends "${missing[@]}" || cannot "apt-get failed"
