# SPDX-License-Identifier: Apache-2.0
#
# Takes every dependency from its wrap, as on a machine that has none of them. There may be no
# network here, so the script makes an archive for each wrap from the machine's own headers, in
# upstream's layout, puts it where Meson keeps its downloads, and writes its hash into the wrap.
# Meson does the rest as with the real archive: it checks the hash, unpacks, adds our build files,
# and resolves the names. No header of these libraries may then come from the machine. The test
# cannot show whether the real archives have this layout and compile.

source "$(dirname "$0")/common.sh"

copy=$work/copy
copy_project "$copy"
cache=$copy/subprojects/packagecache
mkdir "$cache"

value() { sed -n "s/^$2 = //p" "$copy/subprojects/$1.wrap"; }

# pack WRAP: makes the archive of $work/unpacked and writes its hash into the wrap.
pack() {
  local file format=gztar
  file=$(value "$1" source_filename)
  case $file in *.zip) format=zip ;; esac
  must python3 -c 'import shutil, sys; shutil.make_archive(*sys.argv[1:])' \
    "$work/archive" $format "$work/unpacked"
  mv "$work"/archive.* "$cache/$file"
  sed -i "s/^source_hash = .*/source_hash = $(sha256sum "$cache/$file" | cut -d' ' -f1)/" \
    "$copy/subprojects/$1.wrap"
  rm -r "$work/unpacked"
}

# lay WRAP FROM TO: copies FROM on the machine to TO in the archive.
lay() {
  local to="$work/unpacked/$3"
  if [ -z "$(value "$1" lead_directory_missing)" ]; then
    to="$work/unpacked/$(value "$1" directory)/$3"
  fi
  mkdir -p "$to"
  must cp -r "$2" "$to"
}

lay doctest /usr/include/doctest/doctest.h doctest
pack doctest
lay concurrentqueue /usr/include/concurrentqueue/. .
pack concurrentqueue
lay spdlog /usr/include/spdlog include
# Upstream's archive contains its own fmt, which Debian has removed.
lay spdlog /usr/include/fmt/. include/spdlog/fmt/bundled
sed -i '/define SPDLOG_FMT_EXTERNAL/d' "$work"/unpacked/*/include/spdlog/tweakme.h
pack spdlog
lay cli11 /usr/include/CLI include
pack cli11
lay nlohmann_json /usr/include/nlohmann single_include
pack nlohmann_json

must meson setup "${quick[@]}" --wrap-mode=forcefallback -Dtests=enabled -Dtools=enabled \
  "$work/build" "$copy"
# Compiles one target for each dependency, no more.
must meson compile -C "$work/build" csp tests_support
must ninja -C "$work/build" tools/asyncstream.p/show.cpp.o

if ninja -C "$work/build" -t deps |
    grep -E '/usr/include/(CLI|concurrentqueue|doctest|fmt|nlohmann|spdlog)/' >"$work/log"; then
  sort -u "$work/log" >&2
  fail "the build took headers from the machine, not from the wraps"
fi
