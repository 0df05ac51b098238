# SPDX-License-Identifier: Apache-2.0
#
# Checks that every seeded bug (tests/mutations) can be applied: the lines that it replaces occur
# once in their file. Otherwise only the run of all mutations would notice a change of the code.

import pathlib
import sys

import sources

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "mutations"))
import apply  # noqa: E402, beside the bugs themselves


def main():
    complaints, count = apply.check(sources.root_from_arguments())
    sources.report("check_mutations", complaints, count)


if __name__ == "__main__":
    main()
