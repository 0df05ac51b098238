// SPDX-License-Identifier: Apache-2.0

package play

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The exit codes of every command.
const (
	Equal   = 0 // or done
	Differs = 1 // or a step blocked, or a process panicked
	Misuse  = 2 // of the command, or bad input
)

// Fail prints one line and returns Misuse.
func Fail(format string, arguments ...any) int {
	fmt.Fprintf(os.Stderr, "goref: "+format+"\n", arguments...)
	return Misuse
}

// Parse parses flags that may stand anywhere among the arguments, and returns those. If the last
// result is false, the program must end with the code before it.
func Parse(flags *flag.FlagSet, arguments []string) ([]string, int, bool) {
	flags.SetOutput(io.Discard)
	var others []string
	for len(arguments) > 0 {
		if arguments[0] == "-" {
			others, arguments = append(others, "-"), arguments[1:]
			continue
		}
		err := flags.Parse(arguments)
		if err != nil {
			return nil, Fail("%s: %v; see goref help", flags.Name(), err), false
		}
		arguments = flags.Args()
		if len(arguments) > 0 && arguments[0] != "-" {
			others, arguments = append(others, arguments[0]), arguments[1:]
		}
	}
	return others, 0, true
}

// Main runs the command "run" or "compare" on a package.
func Main(streams Package, arguments []string) int {
	if len(arguments) == 0 || (arguments[0] != "run" && arguments[0] != "compare") {
		return Fail("run or compare expected")
	}
	flags := flag.NewFlagSet(arguments[0], flag.ContinueOnError)
	limit := flags.Duration("limit", 10*time.Second, "how long one step may take to come to rest")
	files, code, ok := Parse(flags, arguments[1:])
	switch {
	case !ok:
		return code
	case len(files) == 0:
		return Fail("%s: no scenario is named; name a file (or, for run, - for one a line on standard input)", arguments[0])
	case arguments[0] == "compare":
		return compareAll(streams, files, *limit)
	}
	for _, path := range files {
		if path == "-" {
			code = worst(code, serve(streams, *limit))
		} else {
			code = worst(code, run(streams, path, *limit))
		}
	}
	return code
}

func worst(a, b int) int {
	if a > b {
		return a
	}
	return b
}

// run prints a scenario and its trace, in the form of a recording.
func run(streams Package, path string, limit time.Duration) int {
	recording, err := ReadRecording(path)
	if err != nil {
		return Fail("%v", err)
	}
	events, err := Play(streams, recording.Scenario, limit)
	if err != nil {
		fmt.Fprintf(os.Stderr, "goref: %s: %v\n", path, err)
		return Differs
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	fmt.Fprintln(out, wrapped(recording.Text))
	for _, shown := range events {
		fmt.Fprintln(out, shown.Line())
	}
	return Equal
}

func wrapped(scenario string) string {
	if strings.HasPrefix(scenario, `{"scenario":`) {
		return scenario
	}
	return `{"scenario":` + scenario + "}"
}

// serve answers each scenario on standard input with its events, as one array on one line, or with an
// object that has an "error".
func serve(streams Package, limit time.Duration) int {
	code := Equal
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	for number := 1; ; number++ {
		line, end := in.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			var answer any
			failed := Misuse
			scenario, err := ParseScenario(line)
			if err == nil {
				failed = Differs
				answer, err = Play(streams, scenario, limit)
			}
			if err != nil {
				code = worst(code, failed)
				answer = map[string]string{"error": fmt.Sprintf("line %d: %v", number, err)}
			}
			text, _ := json.Marshal(answer)
			fmt.Fprintf(out, "%s\n", text)
			out.Flush()
		}
		if end != nil {
			return code
		}
	}
}

func compareAll(streams Package, paths []string, limit time.Duration) int {
	files, err := recordings(paths)
	if err != nil {
		return Fail("%v", err)
	}
	passed, failed := 0, 0
	for _, path := range files {
		recording, err := ReadRecording(path)
		if err == nil && len(recording.Events) == 0 {
			err = fmt.Errorf("%s: a scenario without a recorded trace; goref run makes one", path)
		}
		if err != nil {
			return Fail("%v", err)
		}
		events, err := Play(streams, recording.Scenario, limit)
		report := Compare(recording.Events, events)
		if err != nil {
			report = fmt.Sprintf("  %v\n", err)
		}
		if report == "" {
			passed++
		} else {
			failed++
			fmt.Printf("%s\n%s", path, report)
		}
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		return Differs
	}
	return Equal
}

// portFolder holds what the C++ port does where it diverges on purpose. Its files are no
// recordings.
const portFolder = "port"

// recordings returns the files among paths, and those ending in .jsonl in the folders among them.
func recordings(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		before := len(files)
		err := filepath.WalkDir(path, func(found string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() && entry.Name() == portFolder {
				return filepath.SkipDir
			}
			if err == nil && !entry.IsDir() && (found == path || strings.HasSuffix(found, ".jsonl")) {
				files = append(files, found)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(files) == before {
			return nil, fmt.Errorf("%s: no recordings (*.jsonl) there", path)
		}
	}
	return files, nil
}
