# SPDX-License-Identifier: Apache-2.0
#
# The rules for every file of the project:
#
#   1. It states its licence in its first line (the second after `#!`) and then, in the same comment,
#      its purpose. In Go one file of each package states the package's purpose.
#   2. It has at most 300 lines. A longer file contains two concepts.
#   3. It names no folder of a particular machine and no host of a package registry.
#   4. A source or a test script is named in a meson.build: an unbuilt file would break unnoticed.
#      Only the snippets that must not compile are found by the script that compiles them.
#   5. Each row of a table in a README has as many cells as its head; otherwise cells are lost.

import re

import sources

LINE_LIMIT = 300

COMMENT = {".hpp": "//", ".cpp": "//", ".go": "//", ".js": "//", ".py": "#", ".sh": "#"}
COMMENT_BY_NAME = {
    "meson.build": "#", "meson_options.txt": "#", ".clang-tidy": "#", "run": "#", "ci.yml": "#"}
TEXT = tuple(COMMENT) + (
    ".md", ".txt", ".build", ".wrap", ".json", ".jsonl", ".yml", ".html", ".mod", "")

NOT_OURS = [
    (re.compile(r"(?<![\w.$}])/(?:work|farm|root|home/\w+|Users/\w+)/"), "a folder of a machine"),
    (re.compile(r"\b(?:deb\.debian|security\.debian|archive\.ubuntu|registry\.npmjs|pypi|crates|"
                r"files\.pythonhosted|proxy\.golang|sum\.golang|repo1?\.maven)\.\w+"),
     "the host of a package registry"),
]


def opening(path, lines):
    mark = COMMENT.get(path.suffix) or COMMENT_BY_NAME.get(path.name)
    if not mark:
        return None
    if lines and lines[0].startswith("#!"):
        lines = lines[1:]
    if not lines or lines[0] != f"{mark} SPDX-License-Identifier: Apache-2.0":
        return f"the first line must be `{mark} SPDX-License-Identifier: Apache-2.0`"
    for line in lines[1:]:
        if not line.startswith(mark):
            break
        if line[len(mark):].strip():
            return None
    return None if path.suffix == ".go" else "does not say below its licence what it is for"


def length(path, lines):
    limited = path.suffix in COMMENT or path.name == "meson.build"
    if limited and len(lines) > LINE_LIMIT:
        return f"{len(lines)} lines; split it by concept at {LINE_LIMIT}"
    return None


def ragged_rows(path, lines):
    """The numbers of the lines whose row has more or fewer cells than the first of its table."""
    cells = 0
    for number, line in enumerate(lines if path.suffix == ".md" else [], 1):
        found = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        if cells and found and found != cells:
            yield number
        cells = found and (cells or found)


def unbuilt(root, paths):
    """Complains of sources and scripts in a build's folders that are not part of it."""
    builds = "\n".join((root / path).read_text(encoding="utf-8")
                       for path in paths if path.name == "meson.build")
    for path in paths:
        script = path.suffix == ".sh" and path.parts[0] == "tests" and path.stem != "common"
        source = path.suffix == ".cpp" and path.parts[0] in sources.LAYERS and \
            path.parent.name != "must_not_compile"
        if (script or source) and not re.search(rf"'(?:[\w.-]+/)*{re.escape(path.name)}'", builds):
            yield f"{path}: no meson.build names it"


def main():
    root = sources.root_from_arguments()
    paths = sources.files(root)
    complaints = list(unbuilt(root, paths))
    for path in paths:
        if path.suffix not in TEXT or path.name == "LICENSE":
            continue
        text = (root / path).read_text(encoding="utf-8")
        lines = text.splitlines()
        for complaint in (opening(path, lines), length(path, lines)):
            if complaint:
                complaints.append(f"{path}: {complaint}")
        complaints += [f"{path}:{number}: a row with other cells than its table's head"
                       for number in ragged_rows(path, lines)]
        for number, line in enumerate(lines, 1):
            for pattern, what in NOT_OURS:
                if pattern.search(line):
                    complaints.append(f"{path}:{number}: names {what}")
    sources.report("check_files", complaints, len(paths))


if __name__ == "__main__":
    main()
