// SPDX-License-Identifier: Apache-2.0

package play

import (
	"fmt"
	"strings"

	"goref/trace"
)

type place struct {
	step int
	proc string
}

// Compare describes where two traces differ. The result is empty if every process did the same in
// each step.
func Compare(recorded, played []trace.Event) string {
	want, places := group(recorded, nil)
	got, places := group(played, places)
	var report strings.Builder
	for _, at := range places {
		if strings.Join(want[at], "\n") != strings.Join(got[at], "\n") {
			fmt.Fprintf(&report, "  step %d, %s:\n%s", at.step, at.proc, sideBySide(want[at], got[at]))
		}
	}
	return report.String()
}

// group collects the lines of each process in each step; places are in order of appearance.
func group(events []trace.Event, places []place) (map[place][]string, []place) {
	known := map[place]bool{}
	for _, at := range places {
		known[at] = true
	}
	lines := map[place][]string{}
	for _, shown := range events {
		at := place{shown.Step, shown.Proc}
		if !known[at] {
			known[at] = true
			places = append(places, at)
		}
		_, line, _ := strings.Cut(shown.Line(), `"op":`)
		lines[at] = append(lines[at], strings.TrimSuffix(line, "}"))
	}
	return lines, places
}

func sideBySide(want, got []string) string {
	width := len("recorded")
	for _, line := range want {
		if len(line) > width {
			width = len(line)
		}
	}
	var report strings.Builder
	fmt.Fprintf(&report, "      %-*s  %s\n", width, "recorded", "played")
	marked := false
	for i := 0; i < len(want) || i < len(got); i++ {
		left, right, mark := "", "", " "
		if i < len(want) {
			left = want[i]
		}
		if i < len(got) {
			right = got[i]
		}
		if left != right && !marked {
			mark, marked = ">", true
		}
		fmt.Fprintf(&report, "    %s %-*s  %s\n", mark, width, left, right)
	}
	return report.String()
}
