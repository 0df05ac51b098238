# SPDX-License-Identifier: Apache-2.0
#
# The goal table: one line for each row of goals.py, as data and as Markdown that is also legible as
# plain text.

import statistics

SIDES = {"ours": "", "go": "Go ", "untraced": "untraced ", "coreutils": "coreutils "}


def three_digits(value):
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) >= 0.1 else f"{value:.2f}"


def figure_text(value, unit):
    for step, name in ((1e6, "ms"), (1e4, "µs")):
        if unit == "ns" and value >= step:
            return f"{three_digits(value / (1e6 if name == 'ms' else 1e3))} {name}"
    return f"{three_digits(value)} {unit}"


def _median(row, rounds, run):
    return statistics.median(row.figure.take(results, run) for results in rounds)


def _goal_line(row, rounds):
    values = [row.value(results) for results in rounds]
    median = statistics.median(values)
    against = []
    for run in (row.theirs, row.beside):
        if run:
            name = run.name if run.name != row.ours.name else ""
            figure = figure_text(_median(row, rounds, run), row.figure.unit)
            against.append(f"{SIDES[run.side]}{name}".strip() + f": {figure}")
    needed = ""
    if row.bound is not None:
        sign = "≥" if row.at_least() else "≤"
        needed = f"{sign} {row.bound:g}" + (" ×" if row.theirs else f" {row.figure.unit}")
    return {
        "goal": row.goal,
        "workload": row.ours.name,
        "ours": figure_text(_median(row, rounds, row.ours), row.figure.unit),
        "against": "; ".join(against),
        "ratio": f"{three_digits(median)} ×" if row.theirs else "",
        "spread": f"{three_digits(min(values))}–{three_digits(max(values))}",
        "needed": needed,
        "met": "" if row.bound is None else "met" if row.met(median) else "not met",
        "value": median,
    }


def goal_lines(measured):
    return [_goal_line(row, rounds) for row, rounds in measured.items()]


def _markdown(header, rows):
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    rule = ["-" * width for width in widths]
    return ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |"
            for row in [header, rule, *rows]]


def _growth_text(growth):
    for along, points in growth.items():
        rows, before = [], {}
        for name, sides in points.items():
            cells = [name]
            for side in ("ours", "go"):
                value = sides.get(side)
                step = f" ({value / before[side]:.2f} ×)" if value and side in before else ""
                cells.append(figure_text(value, "ns") + step if value else "")
                if value:
                    before[side] = value
            rows.append(cells)
        yield ""
        yield from _markdown([f"growth: {along}", "ours (to the line above)", "Go"], rows)


def text(setting, lines, growth):
    out = [f"- {key}: {value}" for key, value in setting.items()]
    keys = ("goal", "workload", "ours", "against", "ratio", "spread", "needed", "met")
    header = ["goal", "workload", "ours", "against", "ratio", "spread", "needed", ""]
    if lines:
        out += ["", *_markdown(header, [[line[key] for key in keys] for line in lines])]
    counted = [line["met"] for line in lines if line["met"]]
    out += [*_growth_text(growth), "",
            f"{counted.count('met')} met, {counted.count('not met')} not met"]
    return "\n".join(out)
