# SPDX-License-Identifier: Apache-2.0
#
# Shared by the style checks: the list of files, C++ text without comments and strings, and the
# report. A check walks the tree instead of the list of committed files, so that the result is the
# same for a clone, an unpacked archive and uncommitted work. Build results are excluded by name,
# and so is `.git`, which is a file in a work tree.

import pathlib
import re
import sys

LAYERS = ("channels", "lib", "tools", "tests")
CPP = (".hpp", ".cpp")
_SKIPPED_FOLDERS = ("build", ".git", ".cache", "node_modules", "__pycache__")
# A comment, a string, or a character. Raw strings do not span lines here.
_NOT_CODE = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])'", re.DOTALL)


def files(root):
    """All files of the project, as paths relative to its root."""
    found = []
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        folders = relative.parts[:-1]
        unpacked = len(folders) > 1 and folders[0] == "subprojects" and folders[1] != "packagefiles"
        if unpacked or not path.is_file() or path.is_symlink() or relative.name == ".git":
            continue
        if not any(part == skipped or (skipped == "build" and part.startswith("build"))
                   for part in folders for skipped in _SKIPPED_FOLDERS):
            found.append(relative)
    return found


def cpp_files(root, layers=LAYERS):
    return [path for path in files(root) if path.parts[0] in layers and path.suffix in CPP]


def without_comments_and_strings(text):
    """The code, with as many lines as before."""
    def blank(match):
        return "\n" * match.group(0).count("\n") if match.group(0)[0] == "/" else '""'
    return _NOT_CODE.sub(blank, text)


def root_from_arguments():
    if len(sys.argv) != 2 or not pathlib.Path(sys.argv[1], "meson.build").is_file():
        print(f"usage: {sys.argv[0]} FOLDER, the project's root", file=sys.stderr)
        sys.exit(2)
    return pathlib.Path(sys.argv[1])


def report(name, complaints, looked_at):
    """Prints the complaints and ends the program; a check that examined nothing fails too."""
    if not looked_at:
        complaints = complaints + ["found no file to look at"]
    for complaint in complaints:
        print(f"{name}: {complaint}", file=sys.stderr)
    print(f"{name}: {looked_at} files, {len(complaints)} complaints")
    sys.exit(1 if complaints else 0)
