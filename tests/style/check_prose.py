# SPDX-License-Identifier: Apache-2.0
#
# The rules of prose that a script can hold. It cannot tell whether a text is good; it keeps out what
# made this one hard to read.
#
#   1. Words (WORDS below), in all that is said to people: documents, comments, tests' names, messages.
#   2. A document is not longer than LENGTHS allows (how words are counted: markdown.py).
#   3. A relative link leads to a file that is there, its #anchor to a heading.
#   4. A code block has a language that something tries (BLOCKS). A command names files and options
#      that are there (commands.py), also one in inline code.
#   5. codespell finds nothing.
#
# What is exempt stands in prose_exempt.txt, spelling in spelling_exempt.txt, each with its reason.

import collections
import pathlib
import re
import shutil
import subprocess

import commands
import markdown
import sources
import spoken

EXEMPT, SPELLING = "tests/style/prose_exempt.txt", "tests/style/spelling_exempt.txt"

# Written so that no rule finds itself.
WORDS = [
    (r"wh(?:o|om|oever|omever)|h(?:e|im|is|imself)",
     "name the subject: a thread that ..., the channel ..., an operation ...; a thread is `it`"),
    # Behind the thing that it belongs to it is plain English: `a channel wh.se lock is held`.
    (r"(?:knows?|tells?|says?|sees?|asks?|[.;:(])\s+wh[o]se",
     "name the subject: the thread that has ..., the channel that ..."),
    (r"by\s+turns", "say `interleaved`, `alternately` or `in rotation`"),
    (r"in\s+vain", "say `without success`"),
    (r"but\s+for", "say `except`"),
    (r"waits?\s+for\s+itself", "say `deadlocks`"),
]
RULES = [(re.compile(rf"(?<![\w.-])(?:{words})(?![\w-])", re.IGNORECASE), remedy)
         for words, remedy in WORDS]

LENGTHS = {"README.md": 900, "channels/README.md": 1600, "channels/WAITING.md": 600,
           "lib/README.md": 1000, "tests/README.md": 900, "tools/README.md": 1500}

PROGRAMS = "tests/adopt/meson.build"  # builds and runs the programs of the documents it names
BLOCKS = "cpp (a whole program), text (right behind it: its output), sh, console, or one that " \
         f"{EXEMPT} lists"


class Exempt:
    """Lines `FILE: TEXT`, below a comment that says why: TEXT in FILE breaks no rule."""

    def __init__(self, path):
        self.used = collections.Counter()
        self.entries = [tuple(line.split(": ", 1))
                        for line in path.read_text(encoding="utf-8").splitlines()
                        if line.strip() and not line.startswith("#")]

    def holds(self, path, text):
        for entry in self.entries:
            if entry[0] == path.as_posix() and entry[1] in text:
                self.used[entry] += 1
                return True
        return False

    def unused(self):
        return [f"{EXEMPT}: nothing needs `{file}: {text}` any more; delete it"
                for file, text in self.entries if not self.used[file, text]]


def of_words(path, text, exempt):
    said, lines = spoken.spoken(path, text)
    whole = said.split("\n")
    for rule, remedy in RULES:
        for match in rule.finditer(said):
            index = said.count("\n", 0, match.start())
            if not exempt.holds(path, whole[index]):
                yield f"{path}:{lines[index]}: `{' '.join(match[0].split())}`: {remedy}"


def of_length(path, document):
    most, words = LENGTHS.get(path.as_posix()), document.words()
    if most and words > most:
        yield f"{path}:1: {words} words, {most} at most; delete what no reader needs"


def of_links(root, path, document, documents):
    for line, target in document.links():
        if re.match(r"[a-z][a-z0-9+.-]*:|//", target):
            continue
        name, _, anchor = target.partition("#")
        aim = (root / path.parent / name).resolve() if name else root.resolve() / path
        try:
            known = aim.relative_to(root.resolve())
        except ValueError:
            yield f"{path}:{line}: the link {target} leads out of the project"
            continue
        if not aim.exists():
            yield f"{path}:{line}: the link {target} leads nowhere; name a file that is there"
        elif anchor and (known not in documents or anchor not in documents[known].anchors()):
            yield f"{path}:{line}: the link {target} names no heading of {known}"


def of_blocks(path, document, programs, known, exempt):
    built = 0
    for block in document.blocks:
        exempted = exempt.holds(path, f"```{block.language} {block.body}")
        if block.language == "cpp":
            built += 1
        elif block.language in ("sh", "console"):
            if block.language == "console" and path.as_posix() not in programs["console"]:
                yield f"{path}:{block.line}: a console that no test types; name {path} in {PROGRAMS}"
            for offset, line in commands.commands_of(block.body, block.language == "console"):
                for complaint in known.complaints(line, path.parent):
                    yield f"{path}:{block.line + offset}: {complaint}"
        elif not exempted and not (block.language == "text" and block.behind == "cpp"):
            yield f"{path}:{block.line}: a code block in `{block.language}`, which nothing tries; " \
                  f"make it {BLOCKS}"
    most = programs["cpp"].get(path.as_posix(), 0)
    if built != most:
        yield f"{path}:1: {built} programs (cpp), but {PROGRAMS} builds and runs {most} of it; " \
              "name each there"
    for line, code in document.codes():
        if known.is_ours(code, path.parent):
            for complaint in known.complaints(code, path.parent):
                yield f"{path}:{line}: {complaint}"


def programs_of(root):
    """Document → how many of its programs are built and run; the documents with a typed console."""
    build = root / PROGRAMS
    text = build.read_text(encoding="utf-8") if build.is_file() else ""
    table = re.search(r"^readme_programs = \{(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    return {"cpp": {name: names.count("'") // 2 for name, names in
                    re.findall(r"'(\S+)': \[([^\]]*)\]", table[1] if table else "")},
            "console": re.findall(r"'console of (\S+)'", text)}


def of_spelling(root, paths):
    if not shutil.which("codespell"):
        return ["codespell is not installed, so no spelling was looked at: tools/install-deps.sh test"]
    done = subprocess.run(
        ["codespell", "--ignore-words", SPELLING, *paths],
        cwd=root, capture_output=True, text=True, check=False)
    found = [re.sub(r"^\./", "", line) for line in done.stdout.splitlines() if "==>" in line]
    if done.returncode and not found:
        return [f"codespell failed: {done.stdout}{done.stderr}"]
    return [f"{line}; mend it, or say in {SPELLING} why not" for line in found]


def main():
    root = sources.root_from_arguments()
    paths = [path for path in sources.files(root)
             if path.parts[:2] != ("tests", "golden") or path.suffix == ".md"]
    texts = {}
    for path in paths:
        if path.suffix in spoken.KNOWN or path.name in spoken.KNOWN_BY_NAME:
            texts[path] = (root / path).read_text(encoding="utf-8")
    documents = {path: markdown.Markdown(text)
                 for path, text in texts.items() if path.suffix == ".md"}
    exempt = Exempt(root / EXEMPT)
    known = commands.Commands(root)
    programs = programs_of(root)
    complaints = []
    for path, text in texts.items():
        complaints += of_words(path, text, exempt)
    for path, document in documents.items():
        complaints += of_length(path, document)
        complaints += of_links(root, path, document, documents)
        complaints += of_blocks(path, document, programs, known, exempt)
    complaints += [f"{PROGRAMS}: names {name}, which is not there"
                   for name in [*programs["cpp"], *programs["console"]]
                   if pathlib.PurePath(name) not in documents]
    complaints += exempt.unused()
    complaints += of_spelling(root, list(texts))
    sources.report("check_prose", complaints, len(texts))


if __name__ == "__main__":
    main()
