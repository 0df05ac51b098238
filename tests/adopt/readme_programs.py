#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Tests the programs and consoles in the READMEs: each compiles, runs, and prints what the README
# says. Every block marked `cpp` is a complete program. A block marked `text` directly after it is its
# output, or lines of it, in any order, since the output of several processes has none.
#
#   readme_programs.py write README NUMBER OUTPUT      writes the README's NUMBER-th program
#   readme_programs.py block README LANGUAGE OUTPUT    writes its first block in that language
#   readme_programs.py run README NUMBER PROGRAM       runs it, and checks the lines
#   readme_programs.py console README PROGRAM          types what stands behind the prompts of its
#                                                      `console` blocks, with PROGRAM in the PATH
#   readme_programs.py count README N...               fails unless the README has N programs

import os
import pathlib
import re
import subprocess
import sys
import tempfile

PROGRAM = re.compile(r"^```cpp\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
CONSOLE = re.compile(r"^```console\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
# The parts of a trace that differ from run to run: the time, the wait, and a logger's prefix.
CHANCE = re.compile(r"^\[[^\]]*\] |^\[info\] |^\d+\.\d{9} | waited=\d+us")


def plain(line):
    before = None
    while before != line:
        before, line = line, CHANCE.sub("", line)
    return " ".join(line.split())


def compare(output, expected):
    said = [plain(line) for line in output.splitlines()]
    missing = [line for line in expected.splitlines()
               if line.strip() != "..." and plain(line) not in said]
    if missing:
        sys.exit("not in the output:\n" + "\n".join(missing) + "\n\nthe output:\n" + output)


def run(program, expected):
    done = subprocess.run([program], stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    if done.returncode != 0:
        sys.exit(f"{program}: exit status {done.returncode}\n{done.stdout}")
    compare(done.stdout, expected)


def console(text, program):
    """In a folder of its own, in which the project's tests are where the README has them."""
    path = f"{pathlib.Path(program).resolve().parent}:{os.environ['PATH']}"
    tests = pathlib.Path(__file__).resolve().parents[1]
    typed = 0
    for block in CONSOLE.findall(text):
        for session in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, expected = session.partition("\n")
            with tempfile.TemporaryDirectory() as folder:
                pathlib.Path(folder, "tests").symlink_to(tests)
                done = subprocess.run(["bash", "-c", command], cwd=folder, text=True, timeout=200,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      env={**os.environ, "PATH": path}, check=False)
            compare(done.stdout, expected)
            typed += 1
    if not typed:
        sys.exit("nothing is typed in it")


def main():
    action, readme, number = sys.argv[1:4]  # or a language, or a program
    with open(readme, encoding="utf-8") as file:
        text = file.read()
    if action == "block":
        block = re.search(rf"^```{number}\n(.*?)^```\n", text, re.DOTALL | re.MULTILINE)
        if not block:
            sys.exit(f"{readme} has no block in {number}")
        with open(sys.argv[4], "w", encoding="utf-8") as file:
            file.write(block[1])
        return
    if action == "console":
        console(text, number)
        return
    programs = PROGRAM.findall(text)
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
