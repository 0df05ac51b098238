# SPDX-License-Identifier: Apache-2.0
#
# The commands in the documents: that the files that they name are there, and that the programs of
# this project know the options. Commands of the system are left alone.

import re
import shlex

# Program → the subcommands' files, or the files that define its options. The first two have
# subcommands, each in a file of its own.
SUBCOMMANDS = {"asyncstream": ("tools/{}.cpp", "tools/{}/*.cpp", "tools/scenario/play_options.hpp")}
OPTIONS = {
    "goref": ("tools/goref/cmd/goref/*.go", "tools/goref/bench/*.go", "tools/goref/play/*.go"),
    "explore": ("tests/explore/main.cpp",),
    "linearize": ("tests/linearize/main.cpp",),
    "tools/bench.sh": ("tools/bench.sh", "tools/bench/drive.py"),
}
# Options that a program hands on, or has from a library that parses its command line.
HANDED_ON = {
    "meson test": ("--suite", "--repeat", "--setup"),
    "doctest": ("--test-case", "--source-file"),
}
HANDS_ON = {"tools/test.sh": "meson test", "tools/sanitize.sh": "meson test",
            "channels_tests": "doctest", "lib_tests": "doctest", "stress_tests": "doctest"}
EVERYWHERE = ("--help", "--version")
FOLDERS = ("channels/", "lib/", "tests/", "tools/", "subprojects/", ".ci/", ".github/")
_ENDS = re.compile(r"^(?:[|;&()<>]+|\$\()$")


def commands_of(body, prompt):
    """(line within `body`, command line); of a console only what stands behind a prompt."""
    joined, start = "", None
    for number, line in enumerate(body.splitlines(), 1):
        if prompt and not joined:
            if not line.startswith("$ "):
                continue
            line = line[2:]
        start = start or number
        joined += line.rstrip("\\")
        if not line.endswith("\\"):
            if joined.strip():
                yield start, joined
            joined, start = "", None


def simple_commands(line):
    """The words of each command in a line of shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.commenters = "#"
    command = []
    for word in lexer:
        if _ENDS.match(word):
            yield command
            command = []
        else:
            command.append(word)
    yield command


class Commands:
    def __init__(self, root):
        self.root = root

    def _text(self, patterns):
        return "\n".join(path.read_text(encoding="utf-8")
                         for pattern in patterns for path in sorted(self.root.glob(pattern)))

    def _program(self, word, folder):
        """The name by which the tables know it; None if it is not of this project."""
        if word.startswith(("build", "./goref")):
            return word.rsplit("/", 1)[-1]
        if word in OPTIONS or word in SUBCOMMANDS or word in HANDS_ON:
            return word
        for base in (self.root, self.root / folder):
            if "/" in word and (base / word).is_file():
                return (base / word).resolve().relative_to(self.root.resolve()).as_posix()
        return None

    def is_ours(self, line, folder):
        words = line.split()
        return len(words) > 1 and self._program(words[0], folder) is not None

    def complaints(self, line, folder):
        """What is wrong with a command line in a document in `folder`."""
        try:
            commands = list(simple_commands(line))
        except ValueError as error:
            yield f"no shell would read `{line}`: {error}"
            return
        for words in commands:
            while words and re.match(r"^\w+=", words[0]):
                words = words[1:]
            if words:
                yield from self._of_one(words, folder)

    def _of_one(self, words, folder):
        for word in words:
            if word.startswith(FOLDERS) and not re.search(r"[*<{]", word) and \
                    not (self.root / word).exists() and not (self.root / folder / word).exists():
                yield f"there is no {word}"
        program = self._program(words[0], folder)
        if not program:
            return
        known = HANDED_ON.get(HANDS_ON.get(program), ()) + EVERYWHERE
        if program in SUBCOMMANDS:
            name = words[1] if len(words) > 1 else ""
            patterns = [pattern.format(name) for pattern in SUBCOMMANDS[program]]
            if not name.startswith("-") and not (self.root / patterns[0]).is_file():
                yield f"{program} has no subcommand {name}"
                return
        elif (self.root / program).is_file():
            patterns = OPTIONS.get(program, (program,))
        else:
            patterns = OPTIONS.get(program, ())
        text = self._text(patterns)
        for word in words[1:]:
            option = word.split("=", 1)[0]
            if not re.match(r"^--\w", option) or option in known:
                continue
            if not re.search(rf"(?<![\w-])(?:{option}|\"{option[2:]}\")(?![\w-])", text):
                yield f"{program} has no option {option}; --help tells which there are"
