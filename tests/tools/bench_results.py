# SPDX-License-Identifier: Apache-2.0
#
# Tests `asyncstream bench` in runs too short to measure speed. Every workload does what it was
# asked for, loses nothing and reports it in the promised fields; each side has exactly the names
# that the goals need; bad arguments, and builds that are unfit to be measured, are refused.

import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/bench"))

import building  # noqa: E402
import goals  # noqa: E402

OPS = 300
FIELDS = ["name", "ns_per_op", "ops", "bytes", "seconds", "cpu_seconds", "context_switches",
          "threads", "readers"]
# The size of a block in workloads that use one fixed size; 64 MiB are a multiple of each.
BLOCKS = {"view": 32768, "write-to": 32768}
WHOLE = 64 << 20


def bench(*arguments):
    return subprocess.run([os.environ["ASYNCSTREAM"], "bench", *arguments], capture_output=True,
                          text=True, check=False, timeout=150)


def results(*arguments):
    ended = bench(*arguments, "--json")
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def refused(words, *arguments):
    ended = bench(*arguments)
    assert ended.returncode == 2, (arguments, ended)
    assert len(ended.stderr.splitlines()) == 1 and words in ended.stderr, ended.stderr
    assert not ended.stdout, ended.stdout


def words_and_numbers(name):
    match = re.fullmatch(r"(.*?)((?:-\d+)*)", name)
    return match[1], [int(number) for number in match[2].split("-")[1:]]


def check(result):
    name = result["name"]
    words, numbers = words_and_numbers(name)
    assert [field for field in FIELDS if field not in result] == [], result
    assert abs(result["ns_per_op"] - result["seconds"] * 1e9 / result["ops"]) < 1, result
    assert result["cpu_seconds"] >= 0 and result["context_switches"] >= 0, result
    assert ("worst_wait_ns" in result) == words.startswith("fair"), result
    assert "min_share" not in result, result  # only in timed runs

    if words in ("idle", "idle-streams"):
        assert result["ops"] == numbers[0], result
    elif words in ("memory-stream", "memory-reader"):
        assert 0 < result["resident_bytes"] < 1 << 20, result
    elif words == "memory":
        assert result["bytes"] == numbers[1] << 20, result
        assert numbers[1] << 20 <= result["resident_bytes"] < numbers[0] << 20, result
    else:
        assert result["ops"] >= OPS, result
    if words in ("read", "message", "streams", "fair", "copy", "fair-copy", "broadcast"):
        assert result["bytes"] == result["ops"] * numbers[0], result
        assert result["readers"] == numbers[1], result
    if words in BLOCKS:
        assert result["bytes"] == result["ops"] * BLOCKS[words], result
    if words in ("live", "live-broadcast"):
        assert result["bytes"] == result["ops"] * numbers[0], result
        assert result["ops"] % numbers[1] == 0, result
    if words == "write-to":
        assert result["bytes"] % (numbers[0] * WHOLE) == 0, result
    if words == "fill":
        assert result["bytes"] % (numbers[1] * WHOLE) == 0 and result["bytes"] > 0, result
    if words.startswith("open-stream"):
        assert result["bytes"] == result["ops"] * 512, result
    if words.startswith("trace"):
        traced = words in ("trace-memory", "trace-jsonl")
        assert result["lost"] == 0 and result["events"] == 2 * result["ops"] * traced, result


def check_all(names):
    """All of them in one process, so that one that leaves something behind disturbs the next. Those
    that measure memory run alone, since memory used by a stream before them stays resident."""
    alone = [name for name in names if name.startswith("memory")]
    together = [name for name in names if name not in alone]
    answered = results("--ops", str(OPS), *together)
    assert [result["name"] for result in answered] == together, answered
    for name in alone:
        answered += results("--ops", str(OPS), name)
    for result in answered:
        check(result)


def check_names(names):
    assert len(names) == len(set(names)), names
    elsewhere = {"tee-4", *building.HEADERS, building.LIBRARIES}
    needed = {run.name for row in goals.GOALS for run in row.runs() if run.side == "ours"}
    assert set(names) == needed - elsewhere, set(names) ^ (needed - elsewhere)
    go = (ROOT / "tools/goref/bench/bench.go").read_text(encoding="utf-8")
    standard = re.search(r"var standard = \[\]string\{(.*?)\n\}", go, re.DOTALL)[1]
    go_names = re.findall(r'"([^"]+)"', standard)
    assert len(go_names) > 25 and set(go_names) <= set(names), set(go_names) - set(names)
    needed = {run.name for row in goals.GOALS for run in row.runs() if run.side == "go"}
    assert set(go_names) == needed, set(go_names) ^ needed


def check_timed():
    for result in results("fair-64-3", "fair-copy-64-3", "--seconds", "0.05"):
        assert 0 <= result["min_share"] <= 1 and result["seconds"] > 0.04, result
        assert result["worst_wait_ns"] > 0 and result["bytes"] == result["ops"] * 64, result
    [grown] = results("read-512-200", "--ops", "400")  # more readers than a stream has by default
    assert grown["readers"] == 200 and grown["ops"] == 400, grown
    [streams] = results("streams-1-3", "--ops", "30")
    assert streams["bytes"] == streams["ops"] == 30, streams


def check_refusals():
    for name in ("w7", "w6-1", "read-512", "read-512-0", "read-512-08", "read-512-1-1",
                 "read--512-1", "-"):
        refused("unknown workload", name)
    refused("--seconds", "w1", "--seconds", "0")
    refused("--ops", "w1", "--ops", "0")


def main():
    listed = bench("--list")
    assert listed.returncode == 0, listed
    names = listed.stdout.split()
    check_names(names)
    if bench("w2", "--ops", "1").returncode == 2:
        assert os.environ["BENCH_FIT"] == "no", "a build that is fit was refused"
        refused("build with -Dbuildtype=release", "w2")
        print("refused, as it should be")
        return
    assert os.environ["BENCH_FIT"] == "yes", "a build that is not fit was not refused"
    check_refusals()
    check_timed()
    check_all(names)
    print(f"{len(names)} workloads")


if __name__ == "__main__":
    sys.exit(main())
