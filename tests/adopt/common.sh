# SPDX-License-Identifier: Apache-2.0
#
# For the scripts of this folder, each of which sources this and is called with the project's root:
# a folder of its own in $work, gone when it ends; copy_project; first_program, traced_program and
# first_block; and must, which runs a command quietly and shows all it said if it fails.

set -euo pipefail

root=$1
here=$root/tests/adopt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A quick build: what is looked at is whether it builds and runs at all.
quick=(-Dbuildtype=plain -Doptimization=0 -Dwarning_level=0)

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

must() {
  if ! "$@" >"$work/log" 2>&1; then
    cat "$work/log" >&2
    fail "failed: $*"
  fi
}

# copy_project FOLDER: what a user gets, without what a build has left in the tree.
copy_project() {
  mkdir -p "$1/subprojects"
  cp -r "$root"/{LICENSE,README.md,meson.build,meson_options.txt,channels,lib,tools,tests} "$1"
  cp -r "$root"/subprojects/{*.wrap,packagefiles} "$1/subprojects"
}

# first_program FILE: the README's first program.
first_program() {
  python3 "$here/readme_programs.py" write "$root/README.md" 1 "$1"
}

# first_block LANGUAGE FILE: the README's first code block in a language.
first_block() {
  python3 "$here/readme_programs.py" block "$root/README.md" "$1" "$2"
}

# traced_program FILE: the README's program that logs its trace through spdlog.
traced_program() {
  python3 "$here/readme_programs.py" write "$root/README.md" 2 "$1"
}
