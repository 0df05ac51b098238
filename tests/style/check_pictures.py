# SPDX-License-Identifier: Apache-2.0
#
# The pictures of the READMEs are what tools/pictures.py draws: nobody has changed one by hand, or the
# script without running it.

import pathlib
import sys

import sources

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
sys.dont_write_bytecode = True
import pictures  # noqa: E402


def main():
    root = sources.root_from_arguments()
    drawn = pictures.drawn()
    complaints = []
    for name, content in drawn.items():
        path = root / name
        if not path.is_file() or path.read_text(encoding="utf-8") != content:
            complaints.append(f"{name}: is not what tools/pictures.py draws; run it")
    sources.report("check_pictures", complaints, len(drawn))


if __name__ == "__main__":
    main()
