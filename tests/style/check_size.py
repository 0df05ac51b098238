# SPDX-License-Identifier: Apache-2.0
#
# The CSP layer must stay small: at most 2,000 lines of code in channels/, without the trace. A line
# of code is one that is neither blank nor a comment. The check prints the count of each storey and
# of the trace.

import collections

import sources

MOST = 2000


def is_trace(path):
    """The trace's files: its folder, its interface to the core, and its public headers."""
    return "trac" in path.name or path.name in ("describe.hpp", "spdlog.hpp") or \
        path.parts[:3] == ("channels", "src", "trace")


def main():
    root = sources.root_from_arguments()
    paths = sources.cpp_files(root, ("channels",))
    counts = collections.Counter()
    for path in paths:
        lines = (root / path).read_text(encoding="utf-8").splitlines()
        code = sum(1 for line in lines if line.strip() and not line.strip().startswith("//"))
        counts["trace" if is_trace(path) else path.parent.as_posix()] += code
    for place, code in sorted(counts.items()):
        print(f"{code:6} {place}")
    total = counts.total() - counts["trace"]
    print(f"{total:6} lines of code in channels/ without the trace")
    complaints = []
    if total > MOST:
        complaints.append(f"channels/ has {total} lines of code without the trace; {MOST} at most")
    sources.report("check_size", complaints, len(paths))


if __name__ == "__main__":
    main()
