# SPDX-License-Identifier: Apache-2.0
#
# Describes what a measurement was made on: its machine, compiler and commit, without which a figure
# says nothing.

import datetime
import json
import os
import pathlib
import platform
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def _said(*command, cwd=ROOT):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True,
                              cwd=cwd).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _system():
    for line in pathlib.Path("/etc/os-release").read_text(encoding="utf-8").splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.split("=", 1)[1].strip('"')
    return platform.system()


def _compiler(build):
    compiler = _said(str(build / "tools/asyncstream"), "bench", "--compiler")
    options = json.loads(_said("meson", "introspect", "--buildoptions", str(build)) or "[]")
    buildtype = {option["name"]: option["value"] for option in options}.get("buildtype", "unknown")
    return f"{compiler}, buildtype {buildtype}"


def _commit():
    commit = _said("git", "rev-parse", "--short", "HEAD") or "no commit"
    return commit + (" and changes" if _said("git", "status", "--porcelain") else "")


def setting(build, rounds, seconds):
    """The text above the table."""
    return {
        "machine": f"{os.cpu_count()} × {_processor()}",
        "system": f"{_system()}, Linux {platform.release()}",
        "compiler": _compiler(build),
        "go": _said("go", "version").removeprefix("go version "),
        "commit": _commit(),
        "date": datetime.date.today().isoformat(),
        "runs": f"{rounds} rounds of {seconds:g} s each, interleaved; medians, (smallest–largest)",
        "load": f"{os.getloadavg()[0]:.1f} before the first run",
    }
