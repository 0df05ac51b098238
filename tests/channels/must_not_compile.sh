#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Checks what must not compile, and the words of each refusal: C40, C50. Each file of
# must_not_compile/ has a line "// expect: REGEX". The compiler must fail on the file, and its
# errors must match. The headers alone must compile, so that a broken include path does not pass for
# a refusal.
#
# usage: must_not_compile.sh INCLUDE_FOLDER COMPILER...
set -u

folder=$(dirname "$0")/must_not_compile
include=$1
shift
compile=("$@" -std=c++20 -I "$include" -fsyntax-only -Werror=unused-result)
failures=0

if ! errors=$(echo '#include <csp/csp.hpp>' | "${compile[@]}" -x c++ - 2>&1); then
  echo "the headers alone do not compile:"
  echo "$errors"
  exit 1
fi

for file in "$folder"/*.cpp; do
  expected=$(sed -n 's,^// expect: ,,p' "$file")
  if [ -z "$expected" ]; then
    echo "FAIL $file: no line '// expect: REGEX'"
    failures=$((failures + 1))
  elif errors=$("${compile[@]}" "$file" 2>&1); then
    echo "FAIL $file: it compiles"
    failures=$((failures + 1))
  elif ! grep -qE -- "$expected" <<<"$errors"; then
    echo "FAIL $file: no error matches '$expected':"
    echo "$errors"
    failures=$((failures + 1))
  else
    echo "ok   $(basename "$file")"
  fi
done

[ "$failures" -eq 0 ]
