# SPDX-License-Identifier: Apache-2.0
#
# Runs both sides interleaved, A B A B, in one session, and reports for each goal whether it is met.
# Runs that are compared happen within seconds of each other, since machines drift. A ratio is taken
# within a round; the median of the rounds counts, and the smallest and largest are shown beside it.
#
# tools/bench.sh builds what is run here and calls it.

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

import about
import goals
import publish
import table
from building import Building
from tee import Tee


def arguments():
    parser = argparse.ArgumentParser(prog="tools/bench.sh", description=(
        "Measures this library, Go and others side by side, and prints which goals are met."))
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true",
                        help="short runs, two rounds and a small tee, to check that everything runs")
    parser.add_argument("--rounds", type=int, help="how often each run is repeated (default 5)")
    parser.add_argument("--seconds", type=float, help="how long each run takes (default 1)")
    parser.add_argument("--only", nargs="+", metavar="GOAL", help="P1, P2, ..., or growth")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE",
                        help="write all results to this file")
    line = parser.parse_args()
    line.build = line.build.resolve()
    known = {row.goal for row in goals.GOALS} | {"growth"}
    for name in line.only or ():
        if name not in known:
            parser.error(f"unknown goal {name}; choose from {', '.join(sorted(known))}")
    line.rounds = line.rounds or (2 if line.quick else 5)
    line.seconds = line.seconds or (0.1 if line.quick else 1)
    return line


class Runner:
    """Runs one workload on one side, and keeps every result."""

    def __init__(self, line, tee):
        self.programs = {
            "ours": [line.build / "tools/asyncstream", "bench"],
            "untraced": [line.build / "untraced/tools/asyncstream", "bench"],
            "go": [line.build / "goref", "bench"],
        }
        self.seconds = line.seconds
        self.tee = tee
        self.building = Building(line.build)
        self.kept = []
        self.environment = {key: value for key, value in os.environ.items()
                            if key not in ("CSP_TRACE", "GOMAXPROCS", "GOGC")}

    def run(self, run, turn):
        if run.name == "tee-4":
            result = self.tee.run(run.side)
        elif self.building.knows(run.name):
            result = self.building.run(run.name)
        else:
            result = self.workload(run)
        self.kept.append({"side": run.side, "round": turn, **result})
        return result

    def workload(self, run):
        seconds = next((longer for name, longer in goals.LONGER.items()
                        if run.name.startswith(name)), self.seconds)
        command = [*self.programs[run.side], run.name, "--json", "--seconds", str(seconds)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900,
                               env=self.environment)
        if ended.returncode != 0:
            sys.exit(f"bench: {run.side} {run.name} ended with status {ended.returncode}: "
                     f"{ended.stderr.strip()}")
        return json.loads(ended.stdout)


def write(path, kept):
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def say(text):
    print(text, file=sys.stderr, flush=True)


def measure_goals(line, runner):
    """Maps each row to the result of each round."""
    rows = [row for row in goals.GOALS if not line.only or row.goal in line.only]
    rounds = {}
    groups = goals.side_by_side(rows)
    for number, group in enumerate(groups, 1):
        runs = goals.runs_of(group)
        say(f"[{number}/{len(groups)}] " + ", ".join(f"{run.side} {run.name}" for run in runs))
        for turn in range(line.rounds):
            results = {run: runner.run(run, turn) for run in runs}
            for row in group:
                rounds.setdefault(row, []).append(results)
    return {row: rounds[row] for row in rows}


def measure_growth(line, runner):
    """Maps growth, name and side to the median of ns an operation."""
    curves = {}
    for along, names in goals.GROWTH.items():
        say(f"growth: {along}")
        for name in names:
            runs = goals.growth_runs(name)
            turns = [{run: runner.run(run, turn) for run in runs}
                     for turn in range(min(line.rounds, 3))]
            curves.setdefault(along, {})[name] = {
                run.side: statistics.median(turn[run]["ns_per_op"] for turn in turns)
                for run in runs}
    return curves


def main():
    line = arguments()
    setting = about.setting(line.build, line.rounds, line.seconds)
    with Tee(line.build / "tools/asyncstream", (64 if line.quick else 1024) << 20) as tee:
        runner = Runner(line, tee)
        measured = measure_goals(line, runner)
        growth = measure_growth(line, runner) if not line.only or "growth" in line.only else {}
    lines = table.goal_lines(measured)
    kept = {"setting": setting, "goals": lines, "growth": growth, "runs": runner.kept}
    if not line.only and not line.quick:
        write(publish.kept_in(line.build), kept)
    if line.json:
        write(line.json, kept)
    print(table.text(setting, lines, growth))


if __name__ == "__main__":
    main()
