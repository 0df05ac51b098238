#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Ctrl-C, which goes to the source, to tee and to its commands at once: the end of the source must not
# overtake the signal. In 60 runs nothing is called complete, no digest is printed, and tee dies of
# the signal, so that a shell's loop around it ends too.
source "$(dirname "$0")/common.sh"

cat >interrupt.py <<'END'
import os, signal, subprocess, sys

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.default_int_handler)  # not ignored, whatever we were started by

for run in range(60):
    kind = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)[run % 3]
    source = subprocess.Popen(["cat", "/dev/zero"], stdout=subprocess.PIPE,
                              preexec_fn=lambda: os.setpgid(0, 0))
    ready, tell = os.pipe()
    tee = subprocess.Popen([os.environ["ASYNCSTREAM"], "tee", "--digest", "/dev/null", "--pipe",
                            "echo begun >&2; exec cat >/dev/null"],
                           stdin=source.stdout, stderr=tell,
                           preexec_fn=lambda: os.setpgid(0, source.pid))
    source.stdout.close()
    os.close(tell)
    os.read(ready, 6)  # "begun"
    os.killpg(source.pid, kind)
    text = open(ready, "rb").read().decode(errors="replace")
    status = tee.wait(60)
    source.wait(60)
    if status != -kind or "crc32" in text or f"ended by signal {int(kind)}" not in text:
        sys.exit(f"run {run}: status {status}: {text}")
END
python3 interrupt.py || fail "see above"
