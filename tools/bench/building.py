# SPDX-License-Identifier: Apache-2.0
#
# Measures compile times: of a file of one line that includes a header, with the options that meson
# uses for a program with this library; and of the two libraries in an empty folder, with two jobs.
# ccache is switched off, since its answers would be measured.

import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

HEADERS = {"compile-csp": ("csp", "csp/csp.hpp"),
           "compile-asyncstream": ("asyncstream", "asyncstream/asyncstream.hpp")}
LIBRARIES = "build-libraries"
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Building:
    def __init__(self, build):
        self.build = build
        self.folder = build / "libraries"
        self.environment = {**os.environ, "CCACHE_DISABLE": "1",
                            "PKG_CONFIG_PATH": str(build / "meson-uninstalled")}
        self.compiler = shlex.split(os.environ.get("CXX", "c++"))

    def knows(self, name):
        return name == LIBRARIES or name in HEADERS

    def run(self, name):
        """The result has the fields that a workload's have."""
        seconds = self.libraries() if name == LIBRARIES else self.header(*HEADERS[name])
        return {"name": name, "ns_per_op": seconds * 1e9, "ops": 1, "bytes": 0, "seconds": seconds}

    def header(self, package, header):
        options = shlex.split(self.said("pkg-config", "--cflags", package))
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder, "one.cpp")
            source.write_text(f"#include <{header}>\n", encoding="utf-8")
            return self.timed(*self.compiler, "-std=c++20", "-O2", *options, "-c", source,
                              "-o", f"{folder}/one.o")

    def libraries(self):
        if not (self.folder / "build.ninja").exists():
            self.said("meson", "setup", self.folder, ROOT, "-Dbuildtype=release",
                      *(f"-D{part}=disabled" for part in ("tools", "tests", "benchmarks")))
        self.said("ninja", "-C", self.folder, "-t", "clean")
        return self.timed("ninja", "-C", self.folder, "-j2")

    def timed(self, *command):
        begun = time.monotonic()
        self.said(*command)
        return time.monotonic() - begun

    def said(self, *command):
        ended = subprocess.run(command, env=self.environment, capture_output=True, text=True,
                               check=False)
        if ended.returncode != 0:
            sys.exit(f"bench: {command[0]} ended with status {ended.returncode}: "
                     f"{(ended.stdout + ended.stderr).strip()}")
        return ended.stdout
