# SPDX-License-Identifier: Apache-2.0
#
# Draws the results of tools/bench.sh as SVG: above, reads by block size and readers; below, what
# grows. Every value is nanoseconds an operation on a logarithmic scale, so a factor of two is the
# same distance everywhere, and lower is better.

import html
import math
import statistics

import goals

COLOURS = {"this library": "#0b62a4", "Go": "#d1661f", "mutex and condition": "#7c3aed",
           "bare copy": "#6b7280"}
DASHED = ("mutex and condition", "bare copy")
WIDTH, MARGIN, HEIGHT = 1200, 30, 270
SIZES = {512: "reads of 512 bytes", 4096: "reads of 4 KiB", 65536: "reads of 64 KiB"}
GROWTH_TITLES = {"readers": "readers, 512 bytes a read", "streams": "streams, one reader each",
                 "bytes a read": "bytes a read, one reader",
                 "MiB of buffer": "MiB of buffer, a stream opened"}


def medians(runs):
    """Maps (side, name) to ns an operation."""
    all_runs = {}
    for run in runs:
        all_runs.setdefault((run["side"], run["name"]), []).append(run["ns_per_op"])
    return {key: statistics.median(values) for key, values in all_runs.items()}


def text(x, y, content, size=13, anchor="middle", colour="#1f2937", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
            f'fill="{colour}" font-weight="{weight}">{html.escape(content)}</text>')


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


def panel(left, top, width, title, labels, series):
    """`series` maps each side to a value for each label, or None."""
    values = [value for line in series.values() for value in line if value]
    if not values:
        return []
    low, high = min(values) / 1.5, max(values) * 1.5
    wider = max(10 / (high / low), 1) ** 0.5  # at least a decade, so that noise stays flat
    low, high = low / wider, high * wider
    x0, x1, y0, y1 = left + 58, left + width - 14, top + 30, top + HEIGHT - 28

    def y_of(value):
        return y1 - (y1 - y0) * math.log(value / low) / math.log(high / low)

    def x_of(index):
        return x0 + (x1 - x0) * (index + 0.5) / len(labels)

    out = [text((x0 + x1) / 2, top + 16, title, 14, weight="bold")]
    for tick in ticks(low, high):
        y = y_of(tick)
        out.append(f'<line x1="{x0}" x2="{x1}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e5e7eb"/>')
        out.append(text(x0 - 6, y + 4, nanoseconds(tick), 11, "end", "#4b5563"))
    for index, label in enumerate(labels):
        out.append(text(x_of(index), y1 + 18, label, 12, colour="#4b5563"))
    for whose, line in series.items():
        points = [(x_of(i), y_of(value)) for i, value in enumerate(line) if value]
        dash = ' stroke-dasharray="5 4"' if whose in DASHED else ""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        out.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[whose]}" '
                   f'stroke-width="2"{dash}/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{COLOURS[whose]}"/>'
                for x, y in points]
    return out


def read_panel(measured, size):
    names = [f"{size}-{readers}" for readers in goals.READERS]
    series = {"this library": [measured.get(("ours", f"read-{name}")) for name in names],
              "Go": [measured.get(("go", f"read-{name}")) for name in names]}
    for whose, peer in (("mutex and condition", "broadcast"), ("bare copy", "copy")):
        line = [measured.get(("ours", f"{peer}-{name}")) for name in names]
        if any(line):
            series[whose] = line
    labels = [f"{readers} reader" + "s" * (readers > 1) for readers in goals.READERS]
    return SIZES[size], labels, series


def growth_panel(along, points):
    labels = [next(part for part in name.split("-")[1:] if part.isdigit())
              if along == "bytes a read" else name.split("-")[-1] for name in points]
    series = {"this library": [sides.get("ours") for sides in points.values()],
              "Go": [sides.get("go") for sides in points.values()]}
    return GROWTH_TITLES[along], labels, {w: line for w, line in series.items() if any(line)}


def row_of(panels, top):
    width = (WIDTH - 2 * MARGIN) / max(len(panels), 1)
    return [shape for index, (title, labels, series) in enumerate(panels)
            for shape in panel(MARGIN + index * width, top, width, title, labels, series)]


def legend(y):
    out, x = [], MARGIN + 58
    for whose, colour in COLOURS.items():
        dash = ' stroke-dasharray="5 4"' if whose in DASHED else ""
        out.append(f'<line x1="{x}" x2="{x + 28}" y1="{y - 4}" y2="{y - 4}" stroke="{colour}" '
                   f'stroke-width="2"{dash}/>')
        named = whose + " (512 bytes)" * (whose == "mutex and condition")
        out.append(text(x + 34, y, named, 13, "start"))
        x += 64 + 7.3 * len(named)
    return out


def draw(kept):
    measured = medians(kept["runs"])
    reads = [read_panel(measured, size) for size in SIZES]
    grown = [growth_panel(along, points) for along, points in kept["growth"].items()]
    height = 84 + HEIGHT + (HEIGHT + 20) * bool(grown) + 34
    setting = kept["setting"]
    foot = "; ".join(setting[key] for key in ("machine", "compiler", "go", "commit", "date"))
    shapes = [text(MARGIN, 30, "Nanoseconds an operation, all readers together; lower is better",
                   18, "start", weight="bold"),
              *legend(58), *row_of(reads, 84), *row_of(grown, 84 + HEIGHT + 20),
              text(MARGIN, height - 12, foot, 11, "start", "#4b5563")]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="DejaVu Sans, Verdana, sans-serif" role="img" '
        'aria-label="Time of an operation by readers, block size, streams and buffer">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>', *shapes, "</svg>", ""])
