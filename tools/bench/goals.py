# SPDX-License-Identifier: Apache-2.0
#
# The goals, as rows: what is run for each, which number is taken from it, what it is held against,
# and when the goal is met. A ratio is always "how many times as good", so more is better; it is
# taken in each round from what was run side by side, and the median of the rounds counts.

import dataclasses
from typing import Callable, Optional

READERS = (1, 2, 8, 100)


@dataclasses.dataclass(frozen=True)
class Run:
    """One program's run of one workload; `side` is the program: ours, go, untraced, coreutils."""
    side: str
    name: str


Results = dict  # Run → what it printed, in one round


@dataclasses.dataclass(frozen=True)
class Figure:
    """A number that is taken from a round's results, and how people read it."""
    take: Callable[[Results, Run], float]
    unit: str
    less_is_better: bool = True


NS = Figure(lambda results, run: results[run]["ns_per_op"], "ns")
RATE = Figure(lambda results, run: results[run]["bytes"] / results[run]["seconds"] / 1e9, "GB/s",
              less_is_better=False)
SHARE = Figure(lambda results, run: results[run]["min_share"], "of the mean", less_is_better=False)
WAIT = Figure(lambda results, run: results[run]["worst_wait_ns"] / 1e6, "ms")
CPU = Figure(lambda results, run: results[run]["cpu_seconds"] * 1e3, "ms of CPU")
RESIDENT = Figure(lambda results, run: results[run]["resident_bytes"] / 2**20, "MiB")
LOST = Figure(lambda results, run: results[run]["lost"], "events lost")

TRACE_OFF = Run("ours", "trace-off")


def _ns_an_event(results, run):
    """What tracing adds to the same reads, by the events that they made."""
    traced, plain = results[run], results[TRACE_OFF]
    return (traced["ns_per_op"] - plain["ns_per_op"]) * traced["ops"] / traced["events"]


EVENT = Figure(_ns_an_event, "ns an event")


@dataclasses.dataclass(frozen=True)
class Row:
    goal: str
    ours: Run
    figure: Figure
    bound: Optional[float]  # of the ratio, if there is a `theirs` to hold it against, else of ours
    theirs: Optional[Run] = None
    beside: Optional[Run] = None  # shown, not held against
    also: tuple = ()  # must be run in the same rounds

    def runs(self):
        return [run for run in (self.ours, self.theirs, self.beside, *self.also) if run]

    def value(self, results):
        """In one round: the ratio, or the figure itself where nothing is held against."""
        ours = self.figure.take(results, self.ours)
        if not self.theirs:
            return ours
        theirs = self.figure.take(results, self.theirs)
        return theirs / ours if self.figure.less_is_better else ours / theirs

    def at_least(self):
        return bool(self.theirs) or not self.figure.less_is_better

    def met(self, value):
        return value >= self.bound if self.at_least() else value <= self.bound


def _against_go(goal, name, bound, figure=NS, go_name=None):
    return Row(goal, Run("ours", name), figure, bound, theirs=Run("go", go_name or name))


def _rows():
    for size, goal, bound in ((512, "P1", 3), (4096, "P2", 1.8)):
        for readers in READERS:
            yield _against_go(goal, f"read-{size}-{readers}", bound)
    for readers in READERS:
        name = f"read-65536-{readers}"
        yield Row("P3", Run("ours", name), RATE, 0.9, theirs=Run("ours", f"copy-65536-{readers}"))
        yield _against_go("P3", name, 1, RATE)
    for name in ("view", "write-to"):
        for readers in READERS:
            yield _against_go("P4", f"{name}-{readers}", 3, go_name=f"write-to-{readers}")
    for readers in (1, 8):
        yield _against_go("P5", f"fill-65536-{readers}", 1.5, RATE)
    fair = "fair-512-100"
    yield Row("P6", Run("ours", fair), SHARE, 0.8, beside=Run("go", fair))
    yield Row("P6", Run("ours", fair), WAIT, 40, beside=Run("go", fair))
    yield _against_go("P7", "open-reader", 1)
    yield _against_go("P7", "open-stream-slice", 1)
    source = "open-stream-source"
    yield Row("P7", Run("ours", source), NS, 1, theirs=Run("ours", "hand-over"),
              beside=Run("go", source))
    yield _against_go("P8", "dedicated-512-1", 1, go_name="read-512-1")
    yield Row("P9", TRACE_OFF, NS, 0.98, theirs=Run("untraced", "trace-off"))
    for name, bound in (("trace-memory", 150), ("trace-jsonl", 1000)):
        yield Row("P9", Run("ours", name), EVENT, bound, also=(TRACE_OFF,))
        yield Row("P9", Run("ours", name), LOST, 0)
    yield Row("P10", Run("ours", "idle-100"), CPU, 20)
    yield Row("P11", Run("ours", "memory-64-1"), RESIDENT, 5)
    for name in ("w3", "w4"):
        yield _against_go("P12", name, 1)
    for name, bound in (("w1s", 3), ("w2s", 3), ("w5s", 2)):
        yield _against_go("P13", name, bound)
    for name in ("w1", "w2", "w5"):
        yield _against_go("P14", name, 1)
    yield Row("P15", Run("ours", "tee-4"), RATE, 1, theirs=Run("coreutils", "tee-4"))
    for readers in (1, 100):
        yield Row("P16", Run("ours", f"read-512-{readers}"), NS, 0.5,
                  theirs=Run("ours", f"broadcast-512-{readers}"))
    # No goal, but told: readers that wait for each block.
    for readers in (1, 8, 100):
        yield _against_go("–", f"live-512-{readers}", None)
    # Channels as one writes them with a mutex, and requests to a process.
    for name in ("w1", "w2", "w3", "w4", "w5"):
        yield Row("–", Run("ours", name), NS, None, theirs=Run("ours", f"{name}-mutex"))
    for clients in (1, 2, 8):
        yield Row("–", Run("ours", f"w6-{clients}"), NS, None,
                  theirs=Run("ours", f"w6-mutex-{clients}"))
    for name in ("w6", "w6s"):
        for clients in READERS:
            yield _against_go("–", f"{name}-{clients}", None)


GOALS = list(_rows())

# Growth: what it is along, and one point after the other. Both sides, but for the large buffers:
# Go clears a buffer that it uses again, all 8 GiB of it.
GROWTH = {
    "readers": [f"read-512-{n}" for n in (1, 10, 100, 1000, 10000)],
    "streams": [f"streams-512-{n}" for n in (1, 10, 100, 1000)],
    "bytes a read": [f"read-{n}-1" for n in (1, 16, 256, 4096, 65536)],
    "MiB of buffer": [f"open-buffer-{n}" for n in (1, 64, 1024, 8192)],
}
ONLY_OURS = ("open-buffer",)

# In less, each reader has so few turns that one more or less is seen; and ten thousand threads
# begin and end for longer than they read.
SECONDS = {"idle": 2, "fair": 2, "read-512-10000": 4}


def growth_runs(name):
    sides = ("ours",) if name.startswith(ONLY_OURS) else ("ours", "go")
    return [Run(side, name) for side in sides]


def side_by_side(rows):
    """The rows' runs in groups, so that all that is held against each other is run by turns."""
    groups = []
    for runs in (row.runs() for row in rows):
        touched = [group for group in groups if any(run in group for run in runs)]
        merged = list(dict.fromkeys([run for group in touched for run in group] + runs))
        place = groups.index(touched[0]) if touched else len(groups)
        groups = [group for group in groups if group not in touched]
        groups.insert(place, merged)
    return groups
