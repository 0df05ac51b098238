#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# tee_soak.sh: random sinks that die, hang, come back and fill up, under random --retry, --want,
# --sink-timeout, --spill, --atomic and --buffer. Every sink that is called complete has every byte, the
# exit status says whether enough are, and every run ends. SOAK_SECONDS (3600) is how long, TEST_SEED
# the seed; a failure prints that of its run.
source "$(dirname "$0")/common.sh"

cat >soak.py <<'END'
import os, random, re, shutil, signal, subprocess, sys, time, zlib

program = os.environ["ASYNCSTREAM"]
until = time.monotonic() + float(os.environ.get("SOAK_SECONDS", "3600"))
seed = int(os.environ.get("TEST_SEED", time.time_ns() % 10**9))
block = os.urandom(1 << 20)


def sink(choice, name, size):
    """Its arguments, the name it has in messages, and the file that has what it took, or None."""
    part = choice.randrange(1, size + 1)
    if size == 1:  # or less: nothing that could be left untaken
        return ["--pipe", f"cat >{name}"], f"--pipe 'cat >{name}'", name
    kind = choice.choice(["file", "cat", "cat", "slow", "dies", "hangs", "comes back", "full", "limit",
                          "fifo", "killed"])
    if kind == "file":
        return [name], name, name
    if kind == "full":
        return ["/dev/full"], "/dev/full", None
    if kind == "fifo":
        os.mkfifo(name)
        # Its first reader leaves, the second stays; or nobody comes.
        if choice.random() < 0.7:
            read = f"head -c {part} {name} >/dev/null; " if size > part + 200000 else ""
            readers.append(subprocess.Popen(["sh", "-c", f"{read}cat {name} >{name}.got"],
                                            start_new_session=True))
        return [name], name, name + ".got"
    command = {
        "cat": f"cat >{name}",
        "slow": f"head -c {part} >{name}; sleep 0.{choice.randrange(4)}; cat >>{name}",
        "dies": f"head -c {part} >/dev/null; exit {choice.randrange(1, 5)}",
        "killed": f"head -c {part} >/dev/null; kill -9 $$",
        "hangs": f"{f'head -c {part} >/dev/null; ' if size > part + 200000 else ''}exec sleep 1000",
        "comes back": f"if mkdir {name}.was; then head -c {part} >/dev/null; exit 1; fi; cat >{name}",
        "limit": f"ulimit -f {part // 512 + 1}; exec cat >{name} 2>/dev/null",
    }[kind]
    return ["--pipe", command], f"--pipe '{command}'", name


def run(seed):
    global readers
    readers = []
    choice = random.Random(seed)
    shutil.rmtree("run", ignore_errors=True)
    os.mkdir("run")
    os.chdir("run")
    size = choice.choice([0, 1, choice.randrange(200000), choice.randrange(20000000)])
    data = (block[choice.randrange(1000):] * 21)[:size]
    with open("source", "wb") as file:
        file.write(data)
    crc = zlib.crc32(data)
    sinks = [sink(choice, f"sink{i}", max(size, 1)) for i in range(choice.randrange(1, 7))]
    words = ["--digest", "--sink-timeout", f"{choice.randrange(200, 700)}ms", "--retry-delay", "10ms"]
    if choice.random() < 0.6:
        words += ["--retry", str(choice.randrange(1, 4))]
    want = len(sinks)
    if choice.random() < 0.6:
        want = choice.randrange(1, len(sinks) + 1)
        words += ["--want", str(want)]
    if choice.random() < 0.3:
        words += ["--spill", "."]
    if choice.random() < 0.3:
        words += ["--atomic"]
    if choice.random() < 0.3:
        words += ["--buffer", choice.choice(["64M", "128K", "1G"])]
    fails = choice.random() < 0.1
    words += ["--from-command", "cat source; exit 1"] if fails else ["--from", "source"]
    for arguments, _, _ in sinks:
        words += arguments
    result = subprocess.run([program, "tee", *words], stderr=subprocess.PIPE, timeout=120, check=False)
    text = result.stderr.decode(errors="replace")
    complete = 0
    for _, shown, file in sinks:
        if re.search("^" + re.escape(shown) + f": {size} bytes, crc32 {crc:08x}$", text, re.MULTILINE):
            complete += 1
            for reader in readers:
                if file and file.endswith(".got") and file in reader.args[2]:
                    reader.wait(60)
            if file and open(file, "rb").read() != data:
                return f"{shown} is called complete, and is not", text
        elif re.search("^" + re.escape(shown) + ": (?!incomplete|not needed|stopped)", text.replace(
                "asyncstream tee: ", "@"), re.MULTILINE):
            return f"{shown} has a wrong sum", text
        elif re.search("^" + re.escape(shown) + ": stopped reading", text, re.MULTILINE):
            complete += 1
        elif "--atomic" in words and file == shown and os.path.exists(file):
            return f"{shown} is there, and not complete", text
    for reader in readers:
        try:
            os.killpg(reader.pid, signal.SIGKILL)  # what the shell has started, too
        except ProcessLookupError:
            pass
        reader.wait()
    status = 0 if complete >= want and not fails else 1
    too_long = "is longer than the buffer" in text
    if result.returncode != (1 if too_long else status):
        return f"exit status {result.returncode}, {complete} complete of {want} wanted", text
    if fails and complete:
        return "complete, although the source failed", text
    return None


runs = 0
while time.monotonic() < until:
    failure = None
    try:
        failure = run(seed + runs)
    except subprocess.TimeoutExpired as error:
        failure = "it does not end", str(error)
    if failure:
        sys.exit(f"TEST_SEED={seed + runs}: {failure[0]}\n{failure[1]}")
    os.chdir("..")
    runs += 1
print(f"{runs} runs from TEST_SEED={seed}")
END
python3 soak.py || fail "see above"
