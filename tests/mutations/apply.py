#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Applies the seeded bugs of this folder (see run.sh) to a copy of the project, SRC:
#
#   apply.py check SRC         fails, and names those, if any of its mutations cannot be applied
#   apply.py apply NAME SRC    changes the sources; keeps the originals as *.unmutated
#   apply.py revert SRC        undoes that
#
# A mutation is a file SRC/tests/mutations/NAME.mutation: lines `What: ...`, `Test: ...` and
# optionally `Says: ...`, followed by one or more edits. An edit is the path of a file and the lines
# to replace:
#
#   File: channels/src/operation.hpp
#   --- old
#       if (operation->claim(Operation::kStop)) operation->publish();
#   --- new
#       (void)operation->claim(Operation::kStop);
#
# An edit of the same file as the previous one needs no `File:`. The old lines are whole lines,
# which must occur once in the file, with any indentation; the new lines, if any, are inserted as
# they are. A diff would fail with every change of a nearby line, and with every line that moves.

import pathlib
import sys


class Wrong(Exception):
    pass


def parse(path):
    """The fields before the edits, and the edits: file, old lines, new lines."""
    heads, edits, file, section = {}, [], None, None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        head, _, value = line.partition(": ")
        if head == "File":
            file, section = value, None
        elif line == "--- old" and file:
            edits.append((file, [], []))
            section = edits[-1][1]
        elif line == "--- new" and edits and section is edits[-1][1]:
            section = edits[-1][2]
        elif section is not None:
            section.append(line)
        elif head in ("What", "Test", "Says") and not file:
            heads[head] = value
        else:
            raise Wrong(f"line {number} is out of place: {line}")
    if not edits or not {"What", "Test"} <= heads.keys():
        raise Wrong("has no What:, no Test:, or no edit")
    return heads, edits


def mutate(mutation, src):
    """The files that the mutation changes, each with its new text."""
    texts = {}
    for file, old, new in parse(mutation)[1]:
        path = src / file
        if not path.is_file():
            raise Wrong(f"there is no file {file}")
        lines = (texts.get(path) or path.read_text(encoding="utf-8")).split("\n")
        stripped, wanted = ([line.strip() for line in each] for each in (lines, old))
        places = [at for at in range(len(lines)) if stripped[at:at + len(old)] == wanted]
        if len(places) != 1:
            raise Wrong(f"its old lines occur {len(places)} times in {file}, not once:\n" +
                        "\n".join(old))
        lines[places[0]:places[0] + len(old)] = new
        texts[path] = "\n".join(lines)
    return texts


def saved(path):
    return path.with_name(path.name + ".unmutated")


def check(src):
    """The complaints, and the number of mutations."""
    complaints = []
    mutations = sorted((src / "tests" / "mutations").glob("*.mutation"))
    for mutation in mutations:
        try:
            mutate(mutation, src)
        except Wrong as wrong:
            complaints.append(f"{mutation.relative_to(src)}: {wrong}")
    return complaints, len(mutations)


def apply(name, src):
    for path, text in mutate(src / "tests" / "mutations" / f"{name}.mutation", src).items():
        if saved(path).exists():
            raise Wrong(f"{path} is mutated already")
        saved(path).write_bytes(path.read_bytes())
        path.write_text(text, encoding="utf-8")


def revert(src):
    for copy in src.rglob("*.unmutated"):
        # Not renamed: the file must be newer than what was built from the mutated one.
        copy.with_suffix("").write_bytes(copy.read_bytes())
        copy.unlink()


def main():
    match sys.argv[1:]:
        case ["check", src]:
            complaints, count = check(pathlib.Path(src))
            print(*complaints, f"{count} mutations, {len(complaints)} that do not apply", sep="\n")
            return 1 if complaints or not count else 0
        case ["apply", name, src]:
            apply(name, pathlib.Path(src))
        case ["revert", src]:
            revert(pathlib.Path(src))
        case _:
            print("usage: apply.py check SRC | apply NAME SRC | revert SRC", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as error:
        sys.exit(f"apply.py: {' '.join(sys.argv[2:3])}: {error}")
