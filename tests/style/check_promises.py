# SPDX-License-Identifier: Apache-2.0
#
# Checks the numbered promises (C.. of the channels, A.. of the streams, D.. of the divergences):
# the lists that state them, the code that cites them, and the tests that are named after them.
#
#   1. A number that is cited anywhere is in a list.
#   2. A number in a list is in the name of a test case.

import re

import sources

LISTS = ("channels/CONTRACT.md", "lib/CONTRACT.md", "lib/README.md")
LISTED = re.compile(r"^- \*\*([CAD]\d+)\*\*", re.MULTILINE)
CITED = re.compile(r"\b[CAD]\d+\b")
CITING = sources.CPP + (".md", ".sh", ".py")


def main():
    root = sources.root_from_arguments()
    listed = {}
    for name in LISTS:
        for number in LISTED.findall((root / name).read_text(encoding="utf-8")):
            listed[number] = name
    complaints = []
    tested = set()
    paths = [path for path in sources.files(root) if path.suffix in CITING]
    for path in paths:
        for number, line in enumerate(
                (root / path).read_text(encoding="utf-8").splitlines(), 1):
            cited = CITED.findall(line)
            complaints += [f"{path}:{number}: {promise} is in none of {', '.join(LISTS)}"
                           for promise in cited if promise not in listed]
            if path.parts[0] == "tests" and "TEST_CASE" in line:
                tested.update(cited)
    complaints += [f"{listed[promise]}: no test case is named after {promise}"
                   for promise in listed if promise not in tested]
    sources.report("check_promises", complaints, len(paths) if listed else 0)


if __name__ == "__main__":
    main()
