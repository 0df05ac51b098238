# SPDX-License-Identifier: Apache-2.0
#
# Tests an outside project (stranger/) with this one in its subprojects/: the two dependencies are
# found under their names and work, a C++17 superproject gets a C++20 library, and only the two
# libraries are built for it. Then the README's own lines for a subproject.

source "$(dirname "$0")/common.sh"

cp -r "$here/stranger" "$work/stranger"
traced_program "$work/stranger/traced.cpp"
copy_project "$work/stranger/subprojects/asyncstream"

must meson setup "${quick[@]}" "$work/build" "$work/stranger"
must ninja -C "$work/build"
must "$work/build/streams"
must "$work/build/channels"
must "$work/build/old_standard"
must env -C "$root" "$work/build/traced"

for unwanted in doctest CLI11 nlohmann_json; do
  if grep -q "dependency $unwanted" "$work/build/meson-logs/meson-log.txt"; then
    fail "as a subproject it asks for $unwanted"
  fi
done
if [ -e "$work/build/subprojects/asyncstream/tools" ]; then
  fail "as a subproject it builds its tools"
fi

mkdir -p "$work/mine/subprojects"
first_program "$work/mine/mine.cpp"
first_block ini "$work/mine/subprojects/asyncstream.wrap"
first_block meson "$work/lines"
cat <(echo "project('mine', 'cpp')") "$work/lines" >"$work/mine/meson.build"
copy_project "$work/mine/subprojects/asyncstream"
must meson setup "${quick[@]}" "$work/build-mine" "$work/mine"
must ninja -C "$work/build-mine"
must env -C "$root" "$work/build-mine/mine"
