# SPDX-License-Identifier: Apache-2.0
#
# Draws the results of tools/bench.sh as SVG: reads by block size and readers, then what grows. Every
# value is nanoseconds an operation on a logarithmic scale, so a factor of two is the same distance
# everywhere, and lower is better.
#
# The panels form one column, so that the text is legible at the width of a phone. The colours follow
# the reader's choice of light or dark.

import html
import math
import statistics

import goals

CLASSES = {"this library": "ours", "Go": "go", "mutex and condition": "mutex", "bare copy": "copy"}
WIDTH, LEFT, RIGHT, HEIGHT, TOP = 480, 66, 462, 220, 104
SIZES = {512: "reads of 512 bytes, by readers", 4096: "reads of 4 KiB, by readers",
         65536: "reads of 64 KiB, by readers"}
GROWTH_TITLES = {"readers": "reads of 512 bytes, by more readers",
                 "streams": "reads of 512 bytes, by streams with one reader each",
                 "bytes a read": "reads by one reader, by bytes a read",
                 "MiB of buffer": "a stream opened and closed, by MiB of buffer"}
STYLE = """
  .page { fill: #ffffff; stroke: #d0d7de } .grid { stroke: #e5e7eb }
  text { fill: #1f2328; font: 12.5px -apple-system, "Segoe UI", "DejaVu Sans", Helvetica, sans-serif }
  .title { font-weight: 600; font-size: 14px } .quiet { fill: #57606a } .small { font-size: 11px }
  .ours { color: #0b62a4 } .go { color: #c2410c } .mutex { color: #7c3aed } .copy { color: #6b7280 }
  .mutex .series, .copy .series { stroke-dasharray: 5 4 }
  .series { stroke: currentColor; stroke-width: 2.25; fill: none } circle { fill: currentColor }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #30363d } .grid { stroke: #262c36 } text { fill: #e6edf3 }
    .quiet { fill: #9198a1 }
    .ours { color: #58a6ff } .go { color: #f0883e } .mutex { color: #bc8cff } .copy { color: #9198a1 }
  }
"""


def medians(runs):
    """Maps (side, name) to ns an operation."""
    all_runs = {}
    for run in runs:
        all_runs.setdefault((run["side"], run["name"]), []).append(run["ns_per_op"])
    return {key: statistics.median(values) for key, values in all_runs.items()}


def text(x, y, content, kind="", anchor="middle"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">'
            f"{html.escape(content)}</text>")


def nanoseconds(value):
    for unit, size in (("ms", 1e6), ("µs", 1e3)):
        if value >= size:
            return f"{value / size:g} {unit}"
    return f"{value:g} ns"


def ticks(low, high):
    """1, 2 and 5 of each power of ten between the two; fewer if these are many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    fine = [tick for tick in fine if low <= tick <= high]
    coarse = [tick for tick in fine if math.isclose(math.log10(tick) % 1, 0, abs_tol=1e-9)]
    return coarse if len(fine) > 9 and len(coarse) > 1 else fine


def panel(top, title, labels, series):
    """`series` maps each side to a value for each label, or None."""
    values = [value for line in series.values() for value in line if value]
    if not values:
        return []
    low, high = min(values) / 1.5, max(values) * 1.5
    wider = max(10 / (high / low), 1) ** 0.5  # at least a decade, so that noise stays flat
    low, high = low / wider, high * wider
    y0, y1 = top + 32, top + HEIGHT - 32

    def y_of(value):
        return y1 - (y1 - y0) * math.log(value / low) / math.log(high / low)

    def x_of(index):
        return LEFT + (RIGHT - LEFT) * (index + 0.5) / len(labels)

    out = [text(18, top + 16, title, "title", "start")]
    for tick in ticks(low, high):
        y = y_of(tick)
        out.append(f'<line x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>')
        out.append(text(LEFT - 8, y + 4, nanoseconds(tick), "quiet", "end"))
    out += [text(x_of(index), y1 + 20, f"{int(label):,}", "quiet")
            for index, label in enumerate(labels)]
    for side, line in series.items():
        points = [(x_of(i), y_of(value)) for i, value in enumerate(line) if value]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        out.append(f'<g class="{CLASSES[side]}"><polyline points="{path}" class="series"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points]
        out.append("</g>")
    return out


def read_panel(measured, size):
    names = [f"{size}-{readers}" for readers in goals.READERS]
    series = {"this library": [measured.get(("ours", f"read-{name}")) for name in names],
              "Go": [measured.get(("go", f"read-{name}")) for name in names]}
    for side, peer in (("mutex and condition", "broadcast"), ("bare copy", "copy")):
        line = [measured.get(("ours", f"{peer}-{name}")) for name in names]
        if any(line):
            series[side] = line
    return SIZES[size], [str(readers) for readers in goals.READERS], series


def growth_panel(along, points):
    labels = [next(part for part in name.split("-")[1:] if part.isdigit())
              if along == "bytes a read" else name.split("-")[-1] for name in points]
    series = {"this library": [sides.get("ours") for sides in points.values()],
              "Go": [sides.get("go") for sides in points.values()]}
    return GROWTH_TITLES[along], labels, {w: line for w, line in series.items() if any(line)}


def legend(y):
    out = []
    for index, (side, kind) in enumerate(CLASSES.items()):
        x = 18 + 200 * (index % 2)
        line = y + 20 * (index // 2)
        out.append(f'<g class="{kind}"><path d="M{x},{line - 4} h28" class="series"/></g>')
        out.append(text(x + 36, line, side, "", "start"))
    return out


def wrapped(parts, most):
    """The parts, separated by semicolons, in lines of at most so many characters."""
    lines = [""]
    for part in parts:
        if lines[-1] and len(lines[-1]) + len(part) > most:
            lines.append("")
        lines[-1] += ("; " if lines[-1] else "") + part
    return lines


def draw(kept):
    measured = medians(kept["runs"])
    panels = [read_panel(measured, size) for size in SIZES]
    panels += [growth_panel(along, points) for along, points in kept["growth"].items()]
    panels = [shown for shown in panels if any(value for line in shown[2].values() for value in line)]
    foot = wrapped([kept["setting"][key] for key in ("machine", "compiler", "go", "commit", "date")], 64)
    height = TOP + HEIGHT * len(panels) + 18 * len(foot) + 20
    shapes = [text(18, 30, "Nanoseconds an operation, all readers together", "title", "start"),
              text(18, 49, "Lower is better; the scale is logarithmic.", "quiet", "start"),
              *legend(73)]
    for index, shown in enumerate(panels):
        shapes += panel(TOP + HEIGHT * index + 10, *shown)
    shapes += [text(18, height - 14 - 16 * (len(foot) - 1 - index), line, "quiet small", "start")
               for index, line in enumerate(foot)]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH * 6 // 5}" role="img" '
        'aria-label="Time of an operation by readers, block size, streams and buffer">',
        f"<style>{STYLE}</style>",
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="10" class="page"/>',
        *shapes, "</svg>", ""])
