# SPDX-License-Identifier: Apache-2.0
#
# Shared by the scripts of this folder, each of which sources it and is called with the project's
# root. It provides a temporary folder in $work, which is removed at the end; copy_project;
# first_program, traced_program and first_block, from the README; and must, which runs a command
# quietly and shows its whole output if it fails.

set -euo pipefail

root=$1
here=$root/tests/adopt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A quick build: the scripts test only whether the project builds and runs.
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

# copy_project FOLDER: copies what a user gets, without build results.
copy_project() {
  mkdir -p "$1/subprojects"
  cp -r "$root"/{LICENSE,README.md,meson.build,meson_options.txt,channels,lib,tools,tests} "$1"
  cp -r "$root"/subprojects/{*.wrap,packagefiles} "$1/subprojects"
}

# first_program FILE: extracts the README's first program.
first_program() {
  python3 "$here/readme_programs.py" write "$root/README.md" 1 "$1"
}

# first_block LANGUAGE FILE: extracts the README's first code block in a language.
first_block() {
  python3 "$here/readme_programs.py" block "$root/README.md" "$1" "$2"
}

# traced_program FILE: extracts the README's program that logs its trace through spdlog.
traced_program() {
  python3 "$here/readme_programs.py" write "$root/README.md" 2 "$1"
}
