#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Tests the programs in the READMEs: each compiles, runs, and prints what the README says. Every
# block marked `cpp` is a complete program. A block marked `text` directly after it is its output,
# or lines of it, in any order, since the output of several processes has none.
#
#   readme_programs.py write README NUMBER OUTPUT      writes the README's NUMBER-th program
#   readme_programs.py run README NUMBER PROGRAM       runs it, and checks the lines
#   readme_programs.py count README N...               fails unless the README has N programs

import re
import subprocess
import sys

PROGRAM = re.compile(r"^```cpp\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
# The parts of a trace that differ from run to run: the time, the wait, and a logger's prefix.
CHANCE = re.compile(r"^\[[^\]]*\] |^\[info\] |^\d+\.\d{9} | waited=\d+us")


def plain(line):
    before = None
    while before != line:
        before, line = line, CHANCE.sub("", line)
    return " ".join(line.split())


def run(program, expected):
    done = subprocess.run([program], stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    if done.returncode != 0:
        sys.exit(f"{program}: exit status {done.returncode}\n{done.stdout}")
    said = [plain(line) for line in done.stdout.splitlines()]
    missing = [line for line in expected.splitlines()
               if line.strip() != "..." and plain(line) not in said]
    if missing:
        sys.exit("not in the output:\n" + "\n".join(missing) + "\n\nthe output:\n" + done.stdout)


def main():
    action, readme, number = sys.argv[1:4]
    with open(readme, encoding="utf-8") as file:
        programs = PROGRAM.findall(file.read())
    if action == "count":
        if len(programs) != int(number):
            sys.exit(f"{readme}: {len(programs)} programs, but {number} are built and run")
        return
    code, expected = programs[int(number) - 1]
    if action == "write":
        with open(sys.argv[4], "w", encoding="utf-8") as file:
            file.write(code)
    else:
        run(sys.argv[4], expected)


if __name__ == "__main__":
    main()
