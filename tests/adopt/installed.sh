# SPDX-License-Identifier: Apache-2.0
#
# Tests an installed copy, found through pkg-config by a project without Meson: first the shared
# libraries, then, with these removed, the static ones. The README's line for a compiler is among
# what is built. Also, a C++17 compiler's message about the headers must be one clear sentence.

source "$(dirname "$0")/common.sh"

prefix=$work/usr
must meson setup "${quick[@]}" --prefix "$prefix" --libdir lib -Ddefault_library=both \
  -Dtests=disabled -Dtools=disabled "$work/build" "$root"
must ninja -C "$work/build"
must meson install -C "$work/build" --no-rebuild
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig

version=$(pkg-config --modversion csp asyncstream | sort -u)
[ "$(wc -l <<<"$version")" = 1 ] || fail "csp and asyncstream differ in version: $version"

# build SOURCE PACKAGE... [--static]
build() {
  # shellcheck disable=SC2046,SC2086  # flags and compiler are words
  must $CXX -std=c++20 "$1" -o "$work/$(basename "$1" .cpp)" $(pkg-config --cflags --libs "${@:2}")
}
traced_program "$work/traced.cpp"
first_program "$work/mine.cpp"
line=$(sed -n 's/^g++ \(.*mine\.cpp.*)\) .*/\1/p' "$root/README.md")
[ -n "$line" ] || fail "the README has no line for g++"
must env -C "$work" bash -c "$CXX $line"
must env -C "$root" LD_LIBRARY_PATH="$prefix/lib" "$work/mine"

for linked in shared static; do
  option=
  if [ $linked = static ]; then
    rm "$prefix"/lib/*.so*
    option=--static
  fi
  build "$here/stranger/streams.cpp" asyncstream $option
  build "$here/stranger/channels.cpp" csp $option
  build "$work/traced.cpp" asyncstream spdlog $option
  must env LD_LIBRARY_PATH="$prefix/lib" "$work/streams"
  must env LD_LIBRARY_PATH="$prefix/lib" "$work/channels"
  must env -C "$root" LD_LIBRARY_PATH="$prefix/lib" "$work/traced"
done

for header in csp/csp.hpp asyncstream/asyncstream.hpp; do
  if said=$(echo "#include <$header>" |
      $CXX -std=c++17 -fsyntax-only -I"$prefix/include" -x c++ - 2>&1); then
    fail "$header compiles as C++17"
  fi
  grep -q 'needs C++20' <<<"$said" || fail "$header does not tell a C++17 user what it needs"
done
