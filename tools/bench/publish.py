# SPDX-License-Identifier: Apache-2.0
#
# publish.py BUILD: writes the results of the last whole run, which tools/bench.sh keeps in that
# folder, into RESULTS.md and results.svg beside this file.

import json
import pathlib
import sys

import goals
import picture
import table


def kept_in(build):
    return build / "results.json"


def page(kept):
    titles = "\n".join(f"- **{goal}**: {title}." for goal, title in goals.TITLES.items())
    return f"""# What was measured

Written by `tools/bench.sh --publish`, from one run. Only the ratios mean something, and only within
their spread: each is taken from what was run within seconds of each other.

![Reads of 512 bytes to 64 KiB by 1 to 100 readers, and what grows](results.svg)

{titles}

{table.text(kept["setting"], kept["goals"], kept["growth"])}
"""


def publish(build, folder):
    results = kept_in(build)
    if not results.exists():
        sys.exit(f"bench: there is no {results}; run tools/bench.sh without --only or --quick")
    kept = json.loads(results.read_text(encoding="utf-8"))
    (folder / "RESULTS.md").write_text(page(kept), encoding="utf-8")
    (folder / "results.svg").write_text(picture.draw(kept), encoding="utf-8")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: publish.py BUILD")
    publish(pathlib.Path(sys.argv[1]), pathlib.Path(__file__).resolve().parent)


if __name__ == "__main__":
    main()
