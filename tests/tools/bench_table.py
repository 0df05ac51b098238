# SPDX-License-Identifier: Apache-2.0
#
# What tools/bench.sh makes of results, with results that are made up: ratios point the right way,
# medians decide, each goal has its rows, what is held against each other is run side by side, and
# the picture is a well-formed one of all that was measured.

import pathlib
import sys
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/bench"))

import goals  # noqa: E402
import picture  # noqa: E402
import table  # noqa: E402
from goals import Run  # noqa: E402


def result(ns, **more):
    return {"ns_per_op": ns, "ops": 100, "bytes": 51200, "seconds": ns * 100e-9, **more}


def line_of(row, *rounds):
    [line] = table.goal_lines({row: list(rounds)})
    return line


def row_of(goal, name, figure=None):
    [row] = [row for row in goals.GOALS if row.goal == goal and row.ours.name == name
             and figure in (None, row.figure)]
    return row


def check_ratios():
    row = row_of("P1", "read-512-8")
    rounds = [{Run("ours", "read-512-8"): result(100), Run("go", "read-512-8"): result(go)}
              for go in (290, 310, 900)]
    line = line_of(row, *rounds)
    assert (line["ratio"], line["spread"], line["met"]) == ("3.1 ×", "2.9–9", "met"), line
    assert line["ours"] == "100 ns" and line["against"] == "Go: 310 ns", line
    assert line_of(row, *rounds[:1])["met"] == "not met"

    # More bytes a second are better, whatever an operation took.
    fill = row_of("P5", "fill-65536-1")
    line = line_of(fill, {fill.ours: {"bytes": 3e9, "seconds": 1, "ns_per_op": 9},
                          fill.theirs: {"bytes": 1e9, "seconds": 1, "ns_per_op": 1}})
    assert line["ratio"] == "3 ×" and line["met"] == "met", line


def check_own_figures():
    row = row_of("P6", "fair-512-100", goals.WAIT)
    rounds = {run: result(1, min_share=0.5, worst_wait_ns=41e6) for run in row.runs()}
    assert line_of(row, rounds)["met"] == "not met" and line_of(row, rounds)["ratio"] == ""
    assert line_of(row, rounds)["needed"] == "≤ 40 ms", line_of(row, rounds)
    assert line_of(row_of("P6", "fair-512-100", goals.SHARE), rounds)["met"] == "not met"

    event = row_of("P9", "trace-memory", goals.EVENT)
    rounds = {event.ours: result(500, events=400, lost=0), goals.TRACE_OFF: result(100)}
    assert line_of(event, rounds)["value"] == 100, line_of(event, rounds)
    lost = row_of("P9", "trace-memory", goals.LOST)
    assert line_of(lost, rounds)["met"] == "met"
    assert line_of(lost, {lost.ours: result(1, lost=1)})["met"] == "not met"


def check_plan():
    assert {row.goal for row in goals.GOALS} == {f"P{n}" for n in range(1, 17)} | {"–"}
    groups = goals.side_by_side(goals.GOALS)
    placed = [run for group in groups for run in group]
    assert len(placed) == len(set(placed))
    for row in goals.GOALS:
        assert sum(set(row.runs()) <= set(group) for group in groups) == 1, row


def check_picture():
    runs = [{"side": side, "name": f"{kind}-{size}-{readers}", "ns_per_op": size + readers}
            for side, kind in (("ours", "read"), ("go", "read"), ("ours", "copy"))
            for size in picture.SIZES for readers in goals.READERS]
    growth = {along: {name: {run.side: 100.0 * place for run in goals.growth_runs(name)}
                      for place, name in enumerate(names, 1)}
              for along, names in goals.GROWTH.items()}
    setting = {key: "<&>" for key in ("machine", "compiler", "go", "commit", "date")}
    drawn = picture.draw({"runs": runs, "growth": growth, "setting": setting})
    shapes = xml.etree.ElementTree.fromstring(drawn)
    lines = shapes.findall("{*}polyline")
    assert len(lines) == 3 * 3 + 2 * 3 + 1, len(lines)
    assert picture.draw({"runs": runs[:8], "growth": {}, "setting": setting})
    assert "growth: streams" in table.text(setting, [], growth)


def main():
    check_ratios()
    check_own_figures()
    check_plan()
    check_picture()


if __name__ == "__main__":
    main()
