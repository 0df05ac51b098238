#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Draws the pictures of the READMEs, as SVG: lib/processes.svg, the three processes with their
# channels, and channels/waiting.svg, the life of a blocked operation. `tools/pictures.py` writes
# them into the tree; tests/style/check_pictures.py says whether they are what it writes.
#
# They are narrow, so that their letters can be read at the width of a phone, and follow the
# reader's choice of light or dark. Each has its own background: a page may be dark where the
# system is light. What is drawn is data (PROCESSES, WAITING); the rest is how.

import html
import pathlib
import sys

STYLE = """
  .page { fill: #ffffff; stroke: #d0d7de }
  .yours { fill: #eff6ff; stroke: #3b82f6 } .ours { fill: #ecfdf5; stroke: #0d9267 }
  .group { fill: none; stroke: #3b82f6; stroke-dasharray: 2 3 }
  .line { stroke: #57606a; fill: none } .head, .dot { fill: #57606a; stroke: none }
  .ring { stroke: #57606a; fill: none }
  text { fill: #1f2328; font: 12.5px -apple-system, "Segoe UI", "DejaVu Sans", Helvetica, sans-serif }
  .title { font-weight: 600; font-size: 14px }
  .quiet { fill: #57606a }
  .code { font-family: ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; font-size: 12px }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #30363d }
    .yours { fill: #10233f; stroke: #58a6ff } .ours { fill: #0b2b22; stroke: #2ea986 }
    .group { stroke: #58a6ff }
    .line { stroke: #9198a1 } .head, .dot { fill: #9198a1 } .ring { stroke: #9198a1 }
    text { fill: #e6edf3 } .quiet { fill: #9198a1 }
  }
"""


def text(x, y, content, kind="", anchor="middle"):
    return (f'<text x="{x}" y="{y}" text-anchor="{anchor}" class="{kind}">'
            f"{html.escape(content)}</text>")


def box(x, y, width, height, kind, title, *lines, behind=0):
    """A box with its title and lines in its middle; `behind`: how many more stand behind it."""
    out = [f'<rect x="{x + 5 * i}" y="{y - 5 * i}" width="{width}" height="{height}" rx="8" '
           f'class="{kind}"/>' for i in range(behind, -1, -1)]
    middle, first = x + width / 2, y + height / 2 - 8.5 * len(lines) + 5
    out.append(text(middle, first, title, "title"))
    out += [text(middle, first + 17 * (i + 1), line, "quiet") for i, line in enumerate(lines)]
    return out


def group(x, y, width, height, title):
    return [f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="12" class="group"/>',
            text(x + width / 2, y + 22, title, "title")]


def arrow(x1, y1, x2, y2, *label, at=None, anchor="start", code=False, dashed=False):
    """Straight; its label stands right of its middle, or `at` a place."""
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    tip = " ".join(f"{x2 - 9 * dx + side * 4.5 * dy:.1f},{y2 - 9 * dy - side * 4.5 * dx:.1f}"
                   for side in (1, -1))
    x, y = at or (x1 + 7, (y1 + y2) / 2 + 4 - 8 * (len(label) - 1))
    return [f'<path d="M{x1},{y1} L{x2 - 7 * dx:.1f},{y2 - 7 * dy:.1f}" class="line" '
            f'stroke-width="1.5"{dash}/>',
            f'<polygon points="{tip} {x2},{y2}" class="head"/>',
            *(text(x, y + 16 * i, line, "code" if code else "", anchor)
              for i, line in enumerate(label))]


def begin(x, y):
    return [f'<circle cx="{x}" cy="{y}" r="7" class="dot"/>']


def end(x, y):
    return [f'<circle cx="{x}" cy="{y}" r="9" class="ring" stroke-width="1.5"/>',
            f'<circle cx="{x}" cy="{y}" r="5" class="dot"/>']


def key(x, y, kind, content):
    return [f'<rect x="{x}" y="{y - 10}" width="16" height="12" rx="3" class="{kind}"/>',
            text(x + 23, y, content, "quiet", "start")]


PROCESSES = (
    "A stream's three processes and their channels", 480, 520,
    box(16, 28, 440, 60, "yours", "readers", "read, view, write_to, close", behind=2),
    arrow(28, 88, 28, 172, "add_reader", code=True),
    arrow(114, 88, 114, 172, "subtract_reader", code=True),
    arrow(248, 88, 248, 172, "requests", code=True),
    arrow(328, 172, 328, 88, "responses", code=True),
    arrow(412, 172, 412, 88, "known", code=True, dashed=True),
    box(16, 172, 170, 96, "ours", "readersMonitor", "counts the readers"),
    box(216, 172, 248, 96, "ours", "transfer", "owns the body, the status,",
        "and the requests that wait"),
    arrow(28, 352, 28, 268, "wait_zero_readers", code=True),
    arrow(248, 352, 248, 268, "slices", code=True),
    arrow(328, 268, 328, 352, "done", code=True),
    [text(373, 314, "(only closed)", "quiet", "start")],
    box(16, 352, 170, 60, "yours", "AsyncStream::close"),
    box(216, 352, 248, 60, "ours", "readIntoBuffer", "reads the source into the buffer"),
    key(25, 446, "ours", "a thread of the stream"),
    key(240, 446, "yours", "calls on your threads"),
    arrow(16, 469, 50, 469),
    [text(60, 473, "a channel, and the direction of its messages", "quiet", "start")],
    arrow(16, 495, 50, 495, dashed=True),
    [text(60, 499, "a watch: the latest value, read without a message", "quiet", "start")],
)

WAITING = (
    "The life of a blocked operation", 480, 600,
    begin(140, 24),
    arrow(140, 31, 140, 58),
    box(50, 58, 180, 50, "yours", "Looking", "all channels locked"),
    arrow(230, 83, 421, 83, "a case is ready: it happens", at=(322, 74), anchor="middle"),
    end(431, 83),
    arrow(140, 108, 140, 158, "no case is ready: queue all, unlock"),
    group(16, 158, 448, 104, "Waiting, queued on all its channels"),
    box(50, 196, 130, 46, "yours", "Lingering"),
    arrow(180, 219, 300, 219, "announces sleep", at=(239, 211), anchor="middle"),
    [text(240, 236, "signal_", "code")],
    box(300, 196, 130, 46, "yours", "Asleep"),
    arrow(110, 262, 110, 330, "a peer or a stop request", "wins", at=(117, 292)),
    [text(151, 308, "claimed_", "code", "start")],
    box(24, 330, 172, 50, "ours", "Claimed", "moves the value"),
    arrow(110, 380, 110, 440, "all locks released; exchange on", at=(117, 405)),
    [text(117, 421, "signal_", "code", "start")],
    box(24, 440, 172, 50, "ours", "Published", "only the address is used"),
    arrow(196, 465, 300, 465, "seen, or", "woken", at=(246, 441), anchor="middle"),
    arrow(345, 262, 345, 440, "the deadline", at=(352, 292)),
    [text(352, 308, "wins", "", "start"), text(386, 308, "claimed_", "code", "start")],
    box(300, 440, 150, 50, "yours", "Leaving", "dequeues the rest"),
    arrow(375, 490, 375, 530),
    end(375, 540),
    key(30, 546, "yours", "on the owner's thread"),
    key(30, 572, "ours", "on the thread that won the claim"),
)

PICTURES = {"lib/processes.svg": PROCESSES, "channels/waiting.svg": WAITING}


def draw(title, width, height, *shapes):
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width * 6 // 5}" role="img">',
        f"<title>{html.escape(title)}</title>", f"<style>{STYLE}</style>",
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="10" class="page"/>',
        *(line for shape in shapes for line in shape), "</svg>", ""])


def drawn():
    """File → what it holds."""
    return {name: draw(*picture) for name, picture in PICTURES.items()}


def main():
    if len(sys.argv) > 1:
        print("usage: pictures.py (it writes " + ", ".join(PICTURES) + ")", file=sys.stderr)
        sys.exit(2)
    root = pathlib.Path(__file__).resolve().parent.parent
    for name, content in drawn().items():
        (root / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
