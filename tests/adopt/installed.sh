# SPDX-License-Identifier: Apache-2.0
#
# An installed copy, found through pkg-config by a stranger who has no Meson: shared libraries
# first, then, with these gone, the static ones. And what C++17 says of the headers must be one
# clear sentence.

source "$(dirname "$0")/common.sh"

prefix=$work/usr
must meson setup "${quick[@]}" --prefix "$prefix" --libdir lib -Ddefault_library=both \
  -Dtests=disabled -Dtools=disabled "$work/build" "$root"
must ninja -C "$work/build"
must meson install -C "$work/build" --no-rebuild
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig

version=$(pkg-config --modversion csp asyncstream | sort -u)
[ "$(wc -l <<<"$version")" = 1 ] || fail "csp and asyncstream differ in version: $version"

# build PROGRAM PACKAGE [--static]
build() {
  # shellcheck disable=SC2046,SC2086  # flags and compiler are words
  must $CXX -std=c++20 "$here/stranger/$1.cpp" -o "$work/$1" $(pkg-config --cflags --libs "${@:2}")
}

for linked in shared static; do
  option=
  if [ $linked = static ]; then
    rm "$prefix"/lib/*.so*
    option=--static
  fi
  build streams asyncstream $option
  build channels csp $option
  must env LD_LIBRARY_PATH="$prefix/lib" "$work/streams"
  must env LD_LIBRARY_PATH="$prefix/lib" "$work/channels"
done

for header in csp/csp.hpp asyncstream/asyncstream.hpp; do
  if said=$(echo "#include <$header>" |
      $CXX -std=c++17 -fsyntax-only -I"$prefix/include" -x c++ - 2>&1); then
    fail "$header compiles as C++17"
  fi
  grep -q 'needs C++20' <<<"$said" || fail "$header does not tell a C++17 user what it needs"
done
