// SPDX-License-Identifier: Apache-2.0

// Command goref is the Go side of this project; tools/goref/README.md describes its commands.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"

	"goref/bench"
	"goref/play"
	"goref/rewrite"
	"goref/streamer"
)

const help = `goref run SCENARIO...        play scenarios (-: one a line on standard input), print their traces
goref compare FILE|FOLDER...  play recorded scenarios, and compare the traces with the recordings
    --limit 10s                 how long a step may take to come to rest
    --package DIR               on a traced copy of that Go package, instead of the model
goref rewrite DIR OUT         write that copy, and a program around it, to OUT
goref bench [NAME]...         measure workloads (all, when none is named)
    --seconds 1 | --ops N       how long, or how much
    --json                      one line of JSON each
    --list                      the names
The exit code is 0 when all is equal or done, 1 when something differs or blocks, 2 for bad input.
`

func main() { os.Exit(command(os.Args[1:])) }

func command(arguments []string) int {
	if len(arguments) == 0 {
		return play.Fail("a command is missing; see goref help")
	}
	switch arguments[0] {
	case "help", "--help", "-h":
		fmt.Print(help)
		return 0
	case "bench":
		return bench.Main(arguments[1:])
	case "rewrite":
		if len(arguments) != 3 {
			return play.Fail("rewrite: a package's folder and a folder to write to are needed")
		}
		if err := rewrite.Module(arguments[1], arguments[2]); err != nil {
			return play.Fail("rewrite: %v", err)
		}
		return 0
	case "run", "compare":
		for i, argument := range arguments {
			if strings.TrimLeft(argument, "-") == "package" && i+1 < len(arguments) {
				rest := append(append([]string{}, arguments[:i]...), arguments[i+2:]...)
				return onPackage(arguments[i+1], rest)
			}
		}
		model := play.Adapt[*streamer.AsyncStream, *streamer.StreamReader](
			streamer.AsyncStreamFromReader, streamer.AsyncStreamFromSlice, streamer.ErrAlreadyClosed)
		return play.Main(model, arguments)
	}
	return play.Fail("unknown command %q; see goref help", arguments[0])
}

// onPackage runs a command on a rewritten copy of the package in a folder.
func onPackage(dir string, arguments []string) int {
	folder, err := os.MkdirTemp("", "goref-")
	if err != nil {
		return play.Fail("%v", err)
	}
	defer os.RemoveAll(folder)
	if err := rewrite.Module(dir, folder); err != nil {
		return play.Fail("--package: %v", err)
	}
	program, err := rewrite.Build(folder)
	if err != nil {
		return play.Fail("--package %s: %v", dir, err)
	}
	command := exec.Command(program, arguments...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = command.Run()
	if _, ended := err.(*exec.ExitError); err != nil && !ended {
		return play.Fail("--package %s: %v", dir, err)
	}
	return command.ProcessState.ExitCode()
}
