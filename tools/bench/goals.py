# SPDX-License-Identifier: Apache-2.0
#
# The goals, as rows: what is run for each, which number is taken from it, what it is compared with,
# and when the goal is met. Most ratios say "how many times as good", so more is better; some say
# "how many times as long". A ratio is taken in each round between interleaved runs, and the median
# of the rounds counts.

import dataclasses
from typing import Callable, Optional

READERS = (1, 2, 8, 100)

TITLES = {
    "P1": "reads of 512 bytes from memory, by 1, 2, 8 and 100 readers: against the bare copy, Go, "
          "and a buffer with a mutex and a condition variable, without messages",
    "P2": "reads of 4 and 64 KiB: against the bare copy, and Go",
    "P3": "32 KiB seen, or written to a sink: against Go's WriteTo",
    "P4": "two readers against one",
    "P5": "reads of 64 KiB while the source is pulled: against Go",
    "P6": "readers that wait for each block: against the mutex and the condition variable. No "
          "thread can reach Go's figure: its scheduler switches goroutines in 0.1 µs, and the "
          "kernel takes 4 to 60 µs to wake a thread",
    "P7": "a reader opened and closed; a stream from memory, and from a source, opened, read and "
          "closed: in wake-ups of a thread (hand-over)",
    "P8": "fairness, 100 readers of 512 bytes, 2 s: the slowest, and the longest wait of all, also "
          "against 100 threads that only copy",
    "P9": "the trace: off, filtered out, in memory, in a file",
    "P10": "processor time of 100 readers that wait, and of 1,000 open streams, in 2 s",
    "P11": "resident memory of a buffer of 64 MiB with 1 MiB in it, of an idle stream from memory "
           "with its threads, and of a reader",
    "P12": "1 GiB to four files: against the system's tee",
    "P13": "a message to one of 2,000 processes: with a channel that all share, against a channel "
           "for each. Also against two processes that share it, which are still in the cache",
    "P14": "reads of 512 bytes by message, two hand-offs between threads each: against Go",
    "P15": "messages from thread to thread: against a channel of a mutex and condition variables. "
           "Go keeps both ends on one processor",
    "P16": "compiling a file that includes one header, and the two libraries, by two jobs",
}


@dataclasses.dataclass(frozen=True)
class Run:
    """One program's run of one workload; `side` is the program: ours, go, untraced, coreutils."""
    side: str
    name: str


Results = dict  # maps each Run to what it printed, in one round


@dataclasses.dataclass(frozen=True)
class Figure:
    """A number that is taken from a round's results, and its form for people."""
    take: Callable[[Results, Run], float]
    unit: str
    less_is_better: bool = True


NS = Figure(lambda results, run: results[run]["ns_per_op"], "ns")
RATE = Figure(lambda results, run: results[run]["bytes"] / results[run]["seconds"] / 1e9, "GB/s",
              less_is_better=False)
SHARE = Figure(lambda results, run: results[run]["min_share"], "of the mean", less_is_better=False)
WAIT = Figure(lambda results, run: results[run]["worst_wait_ns"] / 1e6, "ms")
CPU = Figure(lambda results, run: results[run]["cpu_seconds"] * 1e3, "ms of CPU")
LOST = Figure(lambda results, run: results[run]["lost"], "events lost")
SECONDS = Figure(lambda results, run: results[run]["seconds"], "s")


def _resident(unit, size):
    return Figure(lambda results, run: results[run]["resident_bytes"] / size, unit)


TRACE_OFF = Run("ours", "trace-off")
MESSAGE_READ = Run("ours", "message-512-1")


def _added(results, run):
    """What tracing adds to all operations of a run, in ns."""
    return (results[run]["ns_per_op"] - results[TRACE_OFF]["ns_per_op"]) * results[run]["ops"]


EVENT = Figure(lambda results, run: _added(results, run) / results[run]["events"], "ns an event")
# A read by message is two messages, each of which is sent and received.
OF_A_READ = Figure(
    lambda results, run: 2 * _added(results, run) / results[run]["ops"]
    / results[MESSAGE_READ]["ns_per_op"], "of a read by message")


@dataclasses.dataclass(frozen=True)
class Row:
    goal: str
    ours: Run
    figure: Figure
    bound: Optional[float]  # of the ratio, or of ours if there is no `theirs`
    theirs: Optional[Run] = None
    beside: Optional[Run] = None  # shown, not compared
    also: tuple = ()  # must run in the same rounds
    as_cost: bool = False  # the ratio is ours to theirs, at most the bound

    def runs(self):
        return [run for run in (self.ours, self.theirs, self.beside, *self.also) if run]

    def value(self, results):
        """In one round: the ratio, or the figure itself if nothing is compared."""
        ours = self.figure.take(results, self.ours)
        if not self.theirs:
            return ours
        theirs = self.figure.take(results, self.theirs)
        return theirs / ours if self.figure.less_is_better != self.as_cost else ours / theirs

    def at_least(self):
        return not self.as_cost and (bool(self.theirs) or not self.figure.less_is_better)

    def met(self, value):
        return value >= self.bound if self.at_least() else value <= self.bound


def _ours(goal, name, figure, bound):
    return Row(goal, Run("ours", name), figure, bound)


def _against(goal, name, peer, bound, figure=NS, **more):
    return Row(goal, Run("ours", name), figure, bound, theirs=Run("ours", peer), **more)


def _against_go(goal, name, bound, figure=NS, go_name=None):
    return Row(goal, Run("ours", name), figure, bound, theirs=Run("go", go_name or name))


def _reads():
    for readers, broadcast in zip(READERS, (0.9, 1.5, 3, 3)):
        name = f"512-{readers}"
        yield _against("P1", f"read-{name}", f"copy-{name}", 0.7)
        yield _against_go("P1", f"read-{name}", 8)
        yield _against("P1", f"read-{name}", f"broadcast-{name}", broadcast)
    for size, figure, bound in ((4096, NS, 3), (65536, RATE, 1.2)):
        for readers in READERS:
            name = f"{size}-{readers}"
            yield _against("P2", f"read-{name}", f"copy-{name}", 0.85, figure)
            yield _against_go("P2", f"read-{name}", bound, figure)
    for words, bound in (("view", 25), ("write-to", 15)):
        for readers in READERS:
            yield _against_go("P3", f"{words}-{readers}", bound, go_name=f"write-to-{readers}")
    for words in ("read-512", "view"):
        yield _against("P4", f"{words}-2", f"{words}-1", 1.7)


def _streams():
    for readers, bound in ((1, 1.5), (8, 1.2)):
        yield _against_go("P5", f"fill-65536-{readers}", bound, RATE)
    for readers in (1, 8, 100):
        live = f"live-512-{readers}"
        yield _against("P6", live, f"live-broadcast-512-{readers}", 1, beside=Run("go", live))
    for name, bound in (("open-reader", 0.3), ("open-stream-slice", 2), ("open-stream-source", 4)):
        yield _against("P7", name, "hand-over", bound, as_cost=True, beside=Run("go", name))
    yield _ours("P8", "fair-512-100", SHARE, 0.8)
    for figure in (SHARE, WAIT):
        yield _against("P8", "fair-512-100", "fair-copy-512-100", 0.8, figure)


def _resources():
    for run in (Run("ours", "read-512-1"), TRACE_OFF):
        yield Row("P9", run, NS, 1.02, theirs=Run("untraced", run.name), as_cost=True)
    yield Row("P9", Run("ours", "trace-filtered"), OF_A_READ, 0.05, also=(TRACE_OFF, MESSAGE_READ))
    for name, bound in (("trace-memory", 150), ("trace-jsonl", 600)):
        yield Row("P9", Run("ours", name), EVENT, bound, also=(TRACE_OFF,))
        yield _ours("P9", name, LOST, 0)
    for name in ("idle-100", "idle-streams-1000"):
        yield _ours("P10", name, CPU, 20)
    yield _ours("P11", "memory-64-1", _resident("MiB", 2**20), 5)
    yield _ours("P11", "memory-stream", _resident("KiB", 2**10), 64)
    yield _ours("P11", "memory-reader", _resident("bytes", 1), 512)


def _programs_and_channels():
    yield Row("P12", Run("ours", "tee-4"), RATE, 1, theirs=Run("coreutils", "tee-4"))
    yield _against("P13", "shared-2000", "apart-2000", 0.8)
    yield _against("P13", "shared-2000", "shared-2", None)
    for readers, bound in ((1, 0.5), (8, None), (100, None)):
        yield _against_go("P14", f"message-512-{readers}", bound, go_name=f"read-512-{readers}")
    for number, bound in enumerate((5, 5, 1.5, 2, 5), 1):
        name = f"w{number}"
        yield _against("P15", name, f"{name}-mutex", bound, beside=Run("go", name))
    for name, bound in (("compile-csp", 1.5), ("compile-asyncstream", 2), ("build-libraries", 30)):
        yield _ours("P16", name, SECONDS, bound)


GOALS = [*_reads(), *_streams(), *_resources(), *_programs_and_channels()]

# Growth: the quantity that grows, and its points. Both sides run, except with large buffers: Go
# clears a buffer that it uses again, all 8 GiB of it.
GROWTH = {
    "readers": [f"read-512-{n}" for n in (1, 10, 100, 1000, 10000)],
    "streams": [f"streams-512-{n}" for n in (1, 10, 100, 1000)],
    "bytes a read": [f"read-{n}-1" for n in (1, 16, 256, 4096, 65536)],
    "MiB of buffer": [f"open-buffer-{n}" for n in (1, 64, 1024, 8192)],
}
ONLY_OURS = ("open-buffer",)

# These take longer than the others: idle and fair, because the goals say so, and ten thousand
# threads, which take more than a second to start and end.
LONGER = {"idle": 2, "fair": 2, "read-512-10000": 4}


def growth_runs(name):
    sides = ("ours",) if name.startswith(ONLY_OURS) else ("ours", "go")
    return [Run(side, name) for side in sides]


def runs_of(rows):
    return list(dict.fromkeys(run for row in rows for run in row.runs()))


def side_by_side(rows):
    """The rows in groups: runs that one goal compares are interleaved. A run that two goals need
    is made for each of them, because otherwise everything would be one group."""
    groups = []
    for row in rows:
        touched = [group for group in groups if group[0].goal == row.goal
                   and not set(runs_of(group)).isdisjoint(row.runs())]
        merged = [member for group in touched for member in group] + [row]
        place = groups.index(touched[0]) if touched else len(groups)
        groups = [group for group in groups if group not in touched]
        groups.insert(place, merged)
    return groups
