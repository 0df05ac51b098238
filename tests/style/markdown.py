# SPDX-License-Identifier: Apache-2.0
#
# A Markdown file, taken apart as far as the checks need it: its headings with the anchors that GitHub
# gives them, its links and pictures, its code blocks, and its words.
#
# Words are counted as a reader meets them: runs of characters with a letter or a digit between
# spaces, in prose, tables, lists and inline code. Not counted are code blocks, which are read as
# examples, comments, and what is seen only as a link's or a picture's target.

import re
from typing import NamedTuple

_FENCE = re.compile(r"^( *)(```+|~~~+)\s*(\S*)")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
# [text](target), ![text](target "title"), [name]: target, <img src="target">
_LINKS = (re.compile(r"\]\(\s*<?([^\s)>]+)>?(?:\s+\"[^\"]*\")?\s*\)"),
          re.compile(r"^\[[^\]]+\]:\s*(\S+)"),
          re.compile(r"\b(?:src|srcset|href)=\"([^\"\s]+)\""))
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"(`+)((?:.|\n(?!\n))+?)\1")


class Block(NamedTuple):
    line: int       # of the fence that opens it
    language: str
    body: str
    behind: str     # the language of the block that ends on the line before; else ""


class Markdown:
    def __init__(self, text):
        self.blocks = []
        self.lines = []  # (number, text) of what is no code block
        fence, start, language, body, ended = None, 0, "", [], (-1, "")
        blanked = _COMMENT.sub(lambda match: "\n" * match.group().count("\n"), text)
        for number, line in enumerate(blanked.splitlines(), 1):
            mark = _FENCE.match(line)
            if fence:
                if mark and mark[2].startswith(fence) and not mark[3]:
                    behind = ended[1] if ended[0] == start - 1 else ""
                    self.blocks.append(Block(start, language, "\n".join(body) + "\n", behind))
                    fence, ended = None, (number, language)
                else:
                    body.append(line)
            elif mark:
                fence, start, language, body = mark[2], number, mark[3], []
            else:
                self.lines.append((number, line))

    def anchors(self):
        """What GitHub makes of the headings, in their order."""
        found = []
        for _, line in self.lines:
            heading = _HEADING.match(line)
            if heading:
                plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading[1])
                slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
                count = sum(1 for earlier, _ in found if earlier == slug)
                found.append((slug, f"{slug}-{count}" if count else slug))
        return [anchor for _, anchor in found]

    def links(self):
        """(line, target) of all links and pictures."""
        for number, line in self.lines:
            shown = _CODE.sub("", line)
            for pattern in _LINKS:
                for target in pattern.findall(shown):
                    yield number, target

    def codes(self):
        """(line, text) of all inline code; the bar that a table has to escape is a bar."""
        joined = "\n".join(line for _, line in self.lines)
        for match in _CODE.finditer(joined):
            number = self.lines[joined.count("\n", 0, match.start())][0]
            yield number, " ".join(match[2].replace("\\|", "|").split())

    def words(self):
        text = "\n".join(line for _, line in self.lines)
        text = re.sub(r"!\[[^\]]*\]\([^)]*\)|</?[a-z][^>]*>", "", text)
        text = re.sub(r"\]\([^)]*\)", "]", text)
        return sum(1 for word in text.split() if re.search(r"\w", word))
