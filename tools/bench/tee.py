# SPDX-License-Identifier: Apache-2.0
#
# Measures tee-4: one file is the standard input of `asyncstream tee` or of the system's tee, and is
# copied to four new files. The files are in memory if there is room, so that the programs are
# measured and not a disk. The first time the copies are compared byte for byte, later by size.

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SINKS = 4


class Tee:
    """Use as a context, which removes the folder at its end."""

    def __init__(self, program, size):
        self.program = program
        self.size = size
        self.compared = set()

    def __enter__(self):
        # The source, its copies, and what our side keeps of it.
        needed = self.size * (SINKS + 2) * 1.1
        shm = pathlib.Path("/dev/shm")
        in_memory = shm.is_dir() and shutil.disk_usage(shm).free > needed
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="asyncstream-bench-",
                                                    dir=shm if in_memory else None))
        self.source = self.folder / "source"
        block = os.urandom(1 << 20)
        with open(self.source, "wb") as file:
            for number in range(self.size >> 20):
                file.write(number.to_bytes(8, "little") + block[8:])
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, side):
        """The result has the fields that a workload's have."""
        files = [self.folder / f"copy{number}" for number in range(SINKS)]
        for file in files:
            file.unlink(missing_ok=True)
        # The system's tee also writes to its standard output, which is its fourth file.
        command = [self.program, "tee", *files] if side == "ours" else ["tee", *files[1:]]
        with open(self.source, "rb") as source, \
                open(os.devnull if side == "ours" else files[0], "wb") as output:
            before = os.times()
            begun = time.monotonic()
            status = subprocess.run(command, stdin=source, stdout=output, check=False).returncode
            seconds = time.monotonic() - begun
            after = os.times()
        if status != 0:
            sys.exit(f"bench: {command[0]} ended with status {status}")
        self.check(side, files)
        copied = self.size * SINKS
        cpu = (after.children_user - before.children_user
               + after.children_system - before.children_system)
        return {"name": "tee-4", "ns_per_op": seconds * 1e9, "ops": 1, "bytes": copied,
                "seconds": seconds, "cpu_seconds": cpu}

    def check(self, side, files):
        for file in files:
            same = file.stat().st_size == self.size
            if same and side not in self.compared:
                same = subprocess.run(["cmp", "-s", self.source, file], check=False).returncode == 0
            if not same:
                sys.exit(f"bench: the copies that {side} made are not the source")
        self.compared.add(side)
