# SPDX-License-Identifier: Apache-2.0
#
# Tests what tools/bench.sh makes of results, with invented results: ratios have the right
# direction, medians decide, each goal has its rows, compared runs are interleaved, the picture is
# well-formed and shows everything measured, and both are published.

import json
import pathlib
import sys
import tempfile
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools/bench"))

import building  # noqa: E402
import goals  # noqa: E402
import picture  # noqa: E402
import publish  # noqa: E402
import table  # noqa: E402
from goals import Run  # noqa: E402


def result(ns, **more):
    return {"ns_per_op": ns, "ops": 100, "bytes": 51200, "seconds": ns * 100e-9, **more}


def line_of(row, *rounds):
    [line] = table.goal_lines({row: list(rounds)})
    return line


def row_of(goal, name, figure=None, theirs=...):
    [row] = [row for row in goals.GOALS if row.goal == goal and row.ours.name == name
             and figure in (None, row.figure) and theirs in (..., row.theirs)]
    return row


def check_ratios():
    go = Run("go", "read-4096-8")
    row = row_of("P2", "read-4096-8", theirs=go)
    rounds = [{row.ours: result(100), go: result(ns)} for ns in (290, 310, 900)]
    line = line_of(row, *rounds)
    assert (line["ratio"], line["spread"], line["met"]) == ("3.1 ×", "2.9–9", "met"), line
    assert line["ours"] == "100 ns" and line["against"] == "Go: 310 ns", line
    assert line["needed"] == "≥ 3 ×" and line_of(row, *rounds[:1])["met"] == "not met"

    # More bytes a second are better, whatever an operation took.
    fill = row_of("P5", "fill-65536-1")
    line = line_of(fill, {fill.ours: {"bytes": 3e9, "seconds": 1, "ns_per_op": 9},
                          fill.theirs: {"bytes": 1e9, "seconds": 1, "ns_per_op": 1}})
    assert line["ratio"] == "3 ×" and line["met"] == "met", line

    # One more wake-up is worse.
    opened = row_of("P7", "open-stream-source")
    line = line_of(opened, {run: result(50 if run == opened.ours else 10)
                            for run in opened.runs()})
    assert (line["ratio"], line["needed"], line["met"]) == ("5 ×", "≤ 4 ×", "not met"), line
    assert line["against"] == "hand-over: 10 ns; Go: 10 ns", line

    # Shown, but no goal.
    shown = row_of("P14", "message-512-8")
    line = line_of(shown, {shown.ours: result(10), shown.theirs: result(5)})
    assert (line["ratio"], line["needed"], line["met"]) == ("0.5 ×", "", ""), line


def check_own_figures():
    row = row_of("P8", "fair-512-100", theirs=None)
    line = line_of(row, {row.ours: result(1, min_share=0.7)})
    assert (line["needed"], line["ratio"], line["met"]) == ("≥ 0.8 of the mean", "", "not met")
    wait = row_of("P8", "fair-512-100", goals.WAIT)
    line = line_of(wait, {wait.ours: result(1, worst_wait_ns=20e6),
                          wait.theirs: result(1, worst_wait_ns=18e6)})
    assert (line["ratio"], line["met"]) == ("0.9 ×", "met"), line
    built = row_of("P16", "build-libraries")
    assert line_of(built, {built.ours: result(31e7)})["met"] == "not met"
    assert line_of(built, {built.ours: result(29e7)})["ours"] == "29 s"

    event = row_of("P9", "trace-memory", goals.EVENT)
    rounds = {event.ours: result(500, events=400, lost=0), goals.TRACE_OFF: result(100)}
    assert line_of(event, rounds)["value"] == 100, line_of(event, rounds)
    lost = row_of("P9", "trace-memory", goals.LOST)
    assert line_of(lost, rounds)["met"] == "met"
    assert line_of(lost, {lost.ours: result(1, lost=1)})["met"] == "not met"
    # Two messages of 10 ns more, in a read of 1000.
    filtered = row_of("P9", "trace-filtered")
    rounds = {filtered.ours: result(110), goals.TRACE_OFF: result(100),
              goals.MESSAGE_READ: result(1000)}
    assert line_of(filtered, rounds)["value"] == 0.02, line_of(filtered, rounds)


def check_plan():
    numbers = list(dict.fromkeys(row.goal for row in goals.GOALS))
    assert numbers == [f"P{n}" for n in range(1, 17)] == list(goals.TITLES), numbers
    built = {row.ours.name for row in goals.GOALS if row.goal == "P16"}
    assert built == {*building.HEADERS, building.LIBRARIES}, built
    groups = goals.side_by_side(goals.GOALS)
    assert sorted(map(id, goals.GOALS)) == sorted(id(row) for group in groups for row in group)
    for group in groups:
        assert len({row.goal for row in group}) == 1, group
    for goal in numbers:
        placed = [run for group in groups if group[0].goal == goal
                  for run in goals.runs_of(group)]
        assert len(placed) == len(set(placed)), goal


def made_up():
    runs = [{"side": side, "name": f"{kind}-{size}-{readers}", "ns_per_op": size + readers}
            for side, kind in (("ours", "read"), ("go", "read"), ("ours", "copy"))
            for size in picture.SIZES for readers in goals.READERS]
    growth = {along: {name: {run.side: 100.0 * place for run in goals.growth_runs(name)}
                      for place, name in enumerate(names, 1)}
              for along, names in goals.GROWTH.items()}
    setting = {key: "<&>" for key in ("machine", "compiler", "go", "commit", "date")}
    row = row_of("P4", "view-2")
    lines = table.goal_lines({row: [{run: result(1) for run in row.runs()}]})
    return {"runs": runs, "growth": growth, "setting": setting, "goals": lines}


def check_picture():
    kept = made_up()
    shapes = xml.etree.ElementTree.fromstring(picture.draw(kept))
    lines = shapes.findall(".//{*}polyline")
    assert len(lines) == 3 * 3 + 2 * 3 + 1, len(lines)
    assert picture.draw({**kept, "runs": kept["runs"][:8], "growth": {}})


def check_page():
    kept = made_up()
    with tempfile.TemporaryDirectory() as folder:
        build = pathlib.Path(folder)
        publish.kept_in(build).write_text(json.dumps(kept), encoding="utf-8")
        publish.publish(build, build)
        page = (build / "RESULTS.md").read_text(encoding="utf-8")
        xml.etree.ElementTree.parse(build / "results.svg")
    assert "0 met, 1 not met" in page and "| P4 " in page and "growth: streams" in page, page
    for goal, title in goals.TITLES.items():
        assert f"- **{goal}**: {title}." in page, goal


def main():
    check_ratios()
    check_own_figures()
    check_plan()
    check_picture()
    check_page()


if __name__ == "__main__":
    main()
