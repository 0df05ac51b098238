# SPDX-License-Identifier: Apache-2.0
#
# What of a file is said to people: its comments and its strings (names of tests, messages, help),
# or all of it where it is text. Code is not looked at: a variable may be called what it likes.
#
# spoken() gives (text, lines): the pieces joined by line breaks, without the marks of comments, so
# that a phrase is found also where it is broken over two lines; and the line of each line of it.

import io
import re
import tokenize

_TEXT = (".md", ".sh", ".mutation")
_C_LIKE = (".hpp", ".cpp", ".go")
KNOWN = _TEXT + _C_LIKE + (".py",)
KNOWN_BY_NAME = ("meson.build", "meson_options.txt", "run", "ci.yml")
# A raw string, a comment, a string, a character: whichever begins first.
_PIECE = re.compile(
    r'R"(?P<mark>\w*)\((?P<raw>.*?)\)(?P=mark)"|`(?P<quoted>[^`]*)`|//(?P<line>[^\n]*)|'
    r'/\*(?P<block>.*?)\*/|"(?P<string>(?:\\.|[^"\\\n])*)"|'
    r"'(?:\\.|[^'\\\n])'", re.DOTALL)
_MARKS = re.compile(r"^\s*(?:///?|#|\*)?\s*")


def _pieces_of_c(text):
    for match in _PIECE.finditer(text):
        kind = match.lastgroup
        if kind and kind != "mark":
            yield text.count("\n", 0, match.start(kind)) + 1, match[kind]


def _pieces_of_python(text):
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING):
            yield token.start[0], token.string


def _pieces(path, text):
    if path.suffix in _C_LIKE:
        return _pieces_of_c(text)
    if path.suffix == ".py":
        return _pieces_of_python(text)
    if path.suffix in _TEXT or path.name in KNOWN_BY_NAME:
        return [(1, text)]
    return []


def spoken(path, text):
    said, lines = [], []
    for first, piece in _pieces(path, text):
        for number, line in enumerate(piece.splitlines() or [""], first):
            said.append(_MARKS.sub("", line))
            lines.append(number)
    return "\n".join(said), lines
