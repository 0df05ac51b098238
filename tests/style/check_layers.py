# SPDX-License-Identifier: Apache-2.0
#
# The rules about which layer may name what:
#
#   1. lib/ is written in channels alone: it names no lock, atomic, thread or other primitive for
#      synchronisation, and includes no header that declares one.
#   2. Layers include downwards only: channels <- lib <- tools. A layer's private headers (its src/)
#      are its own; of the layers below it sees what is installed, without the detail/ folders.
#   3. The same holds for the storeys of channels/src, which are its folders: seam <- core <- process
#      <- trace. A public header belongs to the storey that implements it.
#   4. Each third-party library may be used by certain layers, and by no public header, where it would
#      bind the user to our copy of it. The exceptions are listed with their reasons.
#   5. A library reads the environment by secure_getenv: it may be linked into a program with raised
#      privileges, whose user may not choose what it does.

import pathlib
import re

import sources

FORBIDDEN_IN_LIB = re.compile(
    r"\bstd\s*::\s*("
    r"(?:recursive_|timed_|recursive_timed_|shared_|shared_timed_)?mutex|lock_guard|unique_lock|"
    r"scoped_lock|shared_lock|atomic\w*|memory_order\w*|condition_variable\w*|j?thread|this_thread|"
    r"counting_semaphore|binary_semaphore|latch|barrier|future|shared_future|promise|async|"
    r"packaged_task|call_once|once_flag)\b"
    r"|\b(pthread_\w+|sem_(?:init|wait|post|timedwait)|SYS_futex|futex|mtx_\w+|thrd_\w+|cnd_\w+|"
    r"__atomic_\w+|__sync_\w+)\b")
FORBIDDEN_HEADERS_IN_LIB = {
    "mutex", "shared_mutex", "atomic", "condition_variable", "thread", "semaphore", "latch",
    "barrier", "future", "pthread.h", "semaphore.h", "threads.h", "stdatomic.h", "linux/futex.h"}

# Each layer's public prefix, and what a layer may include in addition to its own headers.
PREFIX = {"csp": "channels", "asyncstream": "lib"}
BELOW = {"channels": (), "lib": ("channels",), "tools": ("channels", "lib")}

STOREYS = ("seam", "core", "process", "trace")
PUBLIC_STOREY = {"csp/process.hpp": "process", "csp/waiting.hpp": "process",
                 "csp/trace.hpp": "trace", "csp/spdlog.hpp": "trace"}

# Each third-party include, and the layers that may use it in private files. Tests may use all.
THIRD_PARTY = {
    r"spdlog/|fmt/": ("channels", "tools"),
    r"(?:concurrentqueue/|moodycamel/)*(?:blocking)?concurrentqueue\.h|CSP_CONCURRENTQUEUE":
        ("channels",),
    r"CLI/": ("tools",),
    r"nlohmann/": ("tools",),
    r"doctest": (),
}
# Each public header that may name a third-party library: its pattern, and the reason.
ALLOWED_IN_PUBLIC = {
    "channels/include/csp/spdlog.hpp":
        (r"spdlog/", "it is the bridge to spdlog, and only users of spdlog include it"),
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>|(\w+))', re.MULTILINE)


def primitives(path, text):
    code = sources.without_comments_and_strings(text)
    for number, line in enumerate(code.splitlines(), 1):
        match = FORBIDDEN_IN_LIB.search(line)
        if match:
            yield f"{path}:{number}: lib/ names {match.group(0)}; use a channel"


def storey_complaint(path, included):
    if path.parts[:2] != ("channels", "src") or path.parts[2] not in STOREYS:
        return None
    storey = PUBLIC_STOREY.get(included, included.split("/")[0])
    if storey in STOREYS and STOREYS.index(storey) > STOREYS.index(path.parts[2]):
        return f"{path.parts[2]}/ includes {included}, which is above it"
    return None


def include_complaint(root, path, included, quoted):
    """What is wrong with one include line of a file in channels, lib or tools, or None."""
    layer = path.parts[0]
    public = "include" in path.parts
    if complaint := storey_complaint(path, included):
        return complaint
    if layer == "lib" and included in FORBIDDEN_HEADERS_IN_LIB:
        return f"lib/ includes <{included}>; use a channel"
    for pattern, layers in THIRD_PARTY.items():
        if re.match(pattern, included) and not (root / layer / "include" / included).exists():
            allowed = ALLOWED_IN_PUBLIC.get(path.as_posix())
            if public and not (allowed and re.match(allowed[0], included)):
                return f"a public header includes {included}"
            if layer not in layers:
                return f"{layer}/ includes {included}"
            return None
    owner = PREFIX.get(included.split("/")[0])
    if owner == layer:
        return None
    if owner:
        if owner not in BELOW[layer]:
            return f"{layer}/ includes {included} of {owner}/, which is above it"
        if "/detail/" in included:
            return f"{layer}/ includes {included}, which is private to {owner}/"
        return None
    if quoted:
        homes = (root / path.parent, root / layer / "src", root / layer)
        if ".." in included.split("/") or not any((home / included).is_file() for home in homes):
            return f'"{included}" is no header of {layer}/, nor a public one below it'
    return None


def main():
    root = sources.root_from_arguments()
    complaints = []
    paths = sources.cpp_files(root, ("channels", "lib", "tools"))
    for path in paths:
        text = (root / path).read_text(encoding="utf-8")
        if path.parts[0] == "lib":
            complaints += primitives(path, text)
        if path.parts[0] != "tools" and re.search(r"(?<!secure_)\bgetenv\b", text):
            complaints.append(f"{path}: names getenv; use secure_getenv")
        for match in INCLUDE.finditer(text):
            quoted, angled, macro = match.groups()
            complaint = include_complaint(root, path, quoted or angled or macro, bool(quoted))
            if complaint:
                number = text.count("\n", 0, match.start(0) + 1) + 1
                complaints.append(f"{path}:{number}: {complaint}")
    for name in ALLOWED_IN_PUBLIC:
        if pathlib.Path(name).parent.name not in PREFIX:
            complaints.append(f"{name}: the exception names no public header")
    sources.report("check_layers", complaints, len(paths))


if __name__ == "__main__":
    main()
