# SPDX-License-Identifier: Apache-2.0
#
# Tests the style checks: each rule is broken once in a small project made for it, and the check
# must report it with the file's name. The same project unbroken must pass. Without this test a
# check that detects nothing would look like a clean project.

import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tools"))
sys.dont_write_bytecode = True
import pictures  # noqa: E402

HEAD = "// SPDX-License-Identifier: Apache-2.0\n//\n// One line of\n// reasons.\n"

GOOD = {
    "meson.build": HEAD.replace("//", "#") + "files('a.cpp', 'b.cpp', 'c.cpp', 't.cpp')\n",
    "channels/include/csp/a.hpp": HEAD + "#pragma once\n#include <mutex>\n",
    "channels/include/csp/detail/d.hpp": HEAD + "#pragma once\n",
    "channels/src/core.hpp": HEAD + "#pragma once\n",
    "channels/src/core/e.hpp": HEAD + '#pragma once\n#include "seam/g.hpp"\n',
    "channels/src/seam/g.hpp": HEAD + "#pragma once\n",
    "channels/src/trace/f.hpp": HEAD + '#pragma once\n#include "core/e.hpp"\n',
    "channels/src/a.cpp": HEAD + '#include "core.hpp"\n#include "csp/detail/d.hpp"\nstd::mutex m;\n',
    "lib/include/asyncstream/b.hpp": HEAD + '#pragma once\n#include "csp/a.hpp"\n',
    "lib/src/b.cpp": HEAD + "// not a std::mutex\n"
                            'const char* text = "std::atomic<int>";  /* std::thread */\n',
    "README.md": "| what | is |\n|---|---|\n| a `\\|` | cell |\n\n",
    "channels/CONTRACT.md": "- **C1** One.\n",
    "lib/CONTRACT.md": "- **A1** One.\n",
    "lib/README.md": "- **D1** One.\n",
    "tests/t.cpp": HEAD + '#include "t.hpp"\nTEST_CASE("A1, C1, D1: one")\n',
    "tests/mutations/m.mutation": "What: no mutex\nTest: t\nFile: channels/src/a.cpp\n"
                                  "--- old\n  std::mutex m;\n--- new\n",
    "tools/c.cpp": HEAD + "#include <CLI/CLI.hpp>\n#include <asyncstream/b.hpp>\n"
                          'f("--digest");  // a peer that needs nobody\n',
    "tests/README.md": "# One two\n## One two\n[a](../README.md), [b](#one-two-1), [c](#one-two)\n"
                       "```sh\n./x | asyncstream c --digest $(cat lib/README.md)  # not --that\n"
                       "```\n```console\n$ asyncstream c --digest a \\\n    lib\nits --output\n```\n"
                       "```ini\nquoted\n```\nThe word " + "w" + "ho is quoted. `asyncstream c -`\n",
    "tests/adopt/meson.build": HEAD.replace("//", "#") + "test('console of tests/README.md')\n",
    "tests/style/prose_exempt.txt": "# A reason.\ntests/README.md: " + "w" + "ho is quoted\n"
                                    "tests/README.md: ```ini quoted\n",
    "tests/style/spelling_exempt.txt": "# A reason.\nchanel\n",
}

GOOD.update(pictures.drawn())

# The check, the file, the text added to it (which replaces it if it begins as a file does), and
# words of the complaint.
BROKEN = [
    ("check_layers", "lib/src/b.cpp", "std::mutex m;\n", "names std::mutex"),
    ("check_layers", "lib/src/b.cpp", "std :: atomic_flag f;\n", "atomic_flag"),
    ("check_layers", "lib/src/b.cpp", "std::jthread t;\n", "names std::jthread"),
    ("check_layers", "lib/src/b.cpp", "pthread_mutex_t m;\n", "names pthread_mutex_t"),
    ("check_layers", "lib/include/asyncstream/b.hpp", "#include <future>\n", "<future>"),
    ("check_layers", "channels/src/a.cpp", '#include "asyncstream/b.hpp"\n', "is above"),
    ("check_layers", "lib/src/b.cpp", '#include "core.hpp"\n', "is no header of lib"),
    ("check_layers", "lib/src/b.cpp", '#include "../../channels/src/core.hpp"\n', "no header of lib"),
    ("check_layers", "lib/src/b.cpp", "#include <csp/detail/d.hpp>\n", "is private to channels"),
    ("check_layers", "lib/src/b.cpp", "#include <spdlog/spdlog.h>\n", "lib/ includes spdlog"),
    ("check_layers", "channels/include/csp/a.hpp", "#include <spdlog/spdlog.h>\n", "public header"),
    ("check_layers", "channels/include/csp/a.hpp", "#include CSP_CONCURRENTQUEUE\n", "public header"),
    ("check_layers", "lib/src/b.cpp", "#include CSP_CONCURRENTQUEUE\n", "CONCURRENTQUEUE"),
    ("check_layers", "channels/src/a.cpp", "#include <nlohmann/json.hpp>\n", "includes nlohmann"),
    ("check_layers", "channels/src/core/e.hpp", '#include "trace/f.hpp"\n', "is above it"),
    ("check_layers", "channels/src/seam/g.hpp", '#include "csp/process.hpp"\n', "is above it"),
    ("check_layers", "channels/src/a.cpp", 'auto e = std::getenv("E");\n', "use secure_getenv"),
    ("check_size", "channels/src/a.cpp", "int i;\n" * 2000, "2000 at most"),
    ("check_files", "lib/src/b.cpp", "\n" * 300, "split it"),
    ("check_files", "lib/src/b.cpp", "// in /" + "root/b\n", "a folder of a machine"),
    ("check_files", "lib/src/b.cpp", "// from pypi" + ".org\n", "a package registry"),
    ("check_files", "lib/src/new.cpp", HEAD, "no meson.build names it"),
    ("check_files", "tools/new.hpp", "#pragma once\n", "the first line must be"),
    ("check_files", "tools/new.hpp", HEAD.replace("// One line of\n// reasons.\n", ""),
     "does not say below"),
    ("check_headers", "tests/t.hpp", HEAD + "#pragma once\nsize_t size();\n", "compile alone"),
    ("check_headers", "lib/include/asyncstream/b.hpp", '#include "core.hpp"\n', "compile alone"),
    ("check_headers", "tests/t.hpp", HEAD, "has no #pragma once"),
    ("check_promises", "lib/src/b.cpp", "// C2\n", "C2 is in none of"),
    ("check_promises", "lib/CONTRACT.md", "- **A2** Two.\n", "no test case is named after A2"),
    ("check_mutations", "channels/src/a.cpp", "std::mutex m;\n", "occur 2 times"),
    ("check_mutations", "tests/mutations/m.mutation", "--- old\nstd::mutex n;\n--- new\n",
     "occur 0 times"),
    ("check_mutations", "tests/mutations/m.mutation", "File: n.cpp\n--- old\n--- new\n",
     "no file n.cpp"),
    ("check_mutations", "tests/mutations/n.mutation", "What: no test\n", "no Test:"),
    ("check_prose", "lib/src/b.cpp", "// tells wh" + "ose turn it is\n", "name the subject"),
    ("check_prose", "lib/src/b.cpp", "// none, b" + "ut\n// for one\n", "say `except`"),
    ("check_prose", "lib/src/b.cpp", 'f("1" /* tries */ " in va' + 'in");\n', "`without success`"),
    ("check_prose", "lib/src/b.cpp", 'R"(it\n"ends" b' + 'y turns)"\n', "`interleaved`"),
    ("check_prose", "tests/mutations/m.mutation", "It waits for its" + "elf\n", "say `deadlocks`"),
    ("check_prose", "tests/style/n.py", "# told to hi" + "m\n", "name the subject"),
    ("check_prose", "README.md", "word " * 900, "900 at most"),
    ("check_prose", "README.md", "[a](lib/nowhere.md)\n", "leads nowhere"),
    ("check_prose", "README.md", "![a](../a.png)\n", "out of the project"),
    ("check_prose", "README.md", "[a](tests/README.md#one-two-2)\n", "names no heading"),
    ("check_prose", "README.md", "```\nmake\n```\n", "which nothing tries"),
    ("check_prose", "README.md", "```sh\nls\n```\n```text\nREADME.md\n```\n", "which nothing tries"),
    ("check_prose", "README.md", "```cpp\nint main() {}\n```\n", "builds and runs 0"),
    ("check_prose", "README.md", "```sh\nls; tools/nothing.sh\n```\n", "there is no tools/nothing.sh"),
    ("check_prose", "README.md", "```sh\nasyncstream c --digests\n```\n", "has no option"),
    ("check_prose", "README.md", "```console\n$ ls\n```\n", "that no test types"),
    ("check_prose", "tests/adopt/meson.build", "'console of lib/none.md'\n", "which is not there"),
    ("check_prose", "README.md", "as `asyncstream d x`\n", "no subcommand d"),
    ("check_prose", "README.md", "a sepe" + "rate thread\n", "==>"),
    ("check_prose", "tests/README.md", HEAD, "nothing needs"),
    ("check_pictures", "lib/processes.svg", "<!-- moved -->\n", "is not what"),
    ("check_files", "README.md", "| a | b |\n|---|---|\n| c | d | e |\n", "a row with other cells"),
]

# The build record of the project; its test is given a precompiled header.
COMPILED = {
    "channels/src/a.cpp": "c++ -std=c++20 -I../channels/src",
    "lib/src/b.cpp": "c++ -std=c++20",
    "tests/t.cpp": "c++ -std=c++20 -include pch.hpp",
}

UNBROKEN = sorted({check for check, *_ in BROKEN})


def run(check, changed=None, text="", environment=None):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, content in GOOD.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        if changed:
            with open(root / changed, "w" if text.startswith(HEAD) else "a",
                      encoding="utf-8") as file:
                file.write(text)
        arguments = [root]
        if check == "check_headers":
            entries = [{"directory": folder, "file": name, "command": command}
                       for name, command in COMPILED.items()]
            build = root / "build"
            build.mkdir()
            (build / "compile_commands.json").write_text(json.dumps(entries), encoding="utf-8")
            arguments += [build, "channels", "lib", "tests"]
        return subprocess.run([sys.executable, HERE / f"{check}.py", *arguments],
                              capture_output=True, text=True, check=False, env=environment)


def main():
    failures = []
    for check in UNBROKEN:
        done = run(check)
        if done.returncode != 0:
            failures.append(f"{check} complains of a good project:\n{done.stderr}")
    for check, changed, text, words in BROKEN:
        done = run(check, changed, text)
        # check_size concerns no single file.
        names = check == "check_size" or changed in done.stderr
        if done.returncode != 1 or not names or words not in done.stderr:
            failures.append(f"{check} with {str(text)[:60]!r} in {changed}: expected a complaint "
                            f"with {words!r}, got\n{done.stdout}{done.stderr}")
    done = run("check_prose", environment={**os.environ, "PATH": "/nowhere"})
    if done.returncode != 1 or "codespell is not installed" not in done.stderr:
        failures.append(f"check_prose passes without codespell:\n{done.stderr}")
    for failure in failures:
        print(failure, file=sys.stderr)
    print(f"check_checks: {len(BROKEN) + len(UNBROKEN) + 1} cases, {len(failures)} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
