# SPDX-License-Identifier: Apache-2.0
#
# Every header compiles alone, and has its #pragma once. (The exception is tests/pch, which the
# build compiles directly, and where gcc warns of the pragma.) A public header (channels/include,
# lib/include) is compiled with what an installed copy has: the public headers of its own layer and
# of those below. A private header is compiled with the flags of its layer's sources, as the build
# recorded them, so a new dependency needs no change here. A header that a source of this build
# includes first, or that is precompiled, has already been compiled alone. The build names the
# layers to check, since it may have been configured without the tools.

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import sources

PUBLIC = {"channels": ("channels/include",), "lib": ("lib/include", "channels/include")}
KEPT_FLAGS = ("-I", "-isystem", "-D", "-std=", "-W", "-pthread")


def included_first(recorded):
    """The headers that a source of the build includes first."""
    headers = set()
    for source, (_, flags, folder, alone) in recorded.items():
        # Generated sources exist only after a whole build; they include no header of ours first.
        if not alone or not os.path.isfile(source):
            continue
        text = pathlib.Path(source).read_text(encoding="utf-8")
        first = re.search(r'^#include ["<](.*)[">]', text, re.MULTILINE)
        near = [os.path.dirname(source)]
        near += [os.path.join(folder, flag[2:]) for flag in flags if flag.startswith("-I")]
        found = (os.path.join(place, first[1]) for place in near) if first else ()
        headers.update(os.path.normpath(path) for path in found if os.path.isfile(path))
    return headers


def recorded_flags(build):
    """Maps each source to its compiler, flags and folder, and to whether nothing precedes it."""
    flags = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        source = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
        words = shlex.split(entry["command"])
        first_flag = next(i for i, word in enumerate(words) if word.startswith("-"))
        kept = [word for word in words[first_flag:] if word.startswith(KEPT_FLAGS)]
        alone = "-include" not in words and "-include-pch" not in words
        flags[source] = (words[:first_flag], kept, entry["directory"], alone)
    return flags


def compile_alone(root, build, header, recorded):
    """The compiler's complaint about one header, or None if it compiles."""
    layer = header.parts[0]
    near = [source for source in recorded if source.startswith(f"{root}{os.sep}{layer}{os.sep}")]
    if not near:
        return f"{header}: nothing in {layer}/ is built, so its flags are not known"
    # The source that shares most of its path with the header has the most suitable flags.
    source = max(near, key=lambda path: len(os.path.commonpath([path, root / header])))
    compiler, flags, _, _ = recorded[source]
    if "include" in header.parts[:2]:
        flags = ["-std=c++20"] + [f"-I{root / folder}" for folder in PUBLIC[layer]]
        name = f"<{pathlib.PurePath(*header.parts[2:])}>"
    else:
        name = f'"{root / header}"'
    done = subprocess.run(
        compiler + flags + ["-fsyntax-only", "-x", "c++", "-"], input=f"#include {name}\n",
        cwd=build, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else f"{header}: does not compile alone\n{done.stderr}"


def main():
    if len(sys.argv) < 4 or not pathlib.Path(sys.argv[2], "compile_commands.json").is_file():
        print(f"usage: {sys.argv[0]} FOLDER BUILD LAYER..., the root, a build folder, the layers",
              file=sys.stderr)
        sys.exit(2)
    root, build = (pathlib.Path(name).resolve() for name in sys.argv[1:3])
    headers = [path for path in sources.cpp_files(root, sys.argv[3:]) if path.suffix == ".hpp"
               and path.parts[:2] not in (("tests", "adopt"), ("tests", "pch"))]
    complaints = [f"{path}: has no #pragma once" for path in headers
                  if "#pragma once\n" not in (root / path).read_text(encoding="utf-8")]
    recorded = recorded_flags(build)
    proven = included_first(recorded)
    unproven = [path for path in headers
                if "include" in path.parts[:2] or str(root / path) not in proven]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda path: compile_alone(root, build, path, recorded), unproven)
        complaints += [complaint for complaint in results if complaint]
    sources.report("check_headers", complaints, len(headers))


if __name__ == "__main__":
    main()
