// SPDX-License-Identifier: Apache-2.0

// Package play runs scenarios on a stream package, and compares the traces with recordings.
package play

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"goref/trace"
)

// Scenario is described in tests/golden/README.md.
type Scenario struct {
	Name   string `json:"name"`
	About  string `json:"about"`
	Source string `json:"source"`
	Buffer *int   `json:"buffer"`
	Steps  []Step `json:"steps"`
}

// Step is one step; an absent field is nil.
type Step struct {
	Do     string  `json:"do"`
	Reader *int    `json:"reader"`
	Max    *int    `json:"max"`
	Bytes  *int    `json:"bytes"`
	Error  *string `json:"error"`
	Apart  bool    `json:"apart"`
	Async  bool    `json:"async"`
}

// Recording is a scenario with the events that it gave. Text is the scenario's own line.
type Recording struct {
	Scenario Scenario
	Text     string
	Events   []trace.Event
}

// most limits what a scenario can ask for, so that a typing error does not exhaust the machine's
// memory.
const most = 1 << 30

// ParseScenario reads a scenario: the object itself, or {"scenario": object}, as line 1 of a recording is.
func ParseScenario(text []byte) (Scenario, error) {
	var wrapped struct {
		Scenario json.RawMessage `json:"scenario"`
	}
	if json.Unmarshal(text, &wrapped) == nil && wrapped.Scenario != nil {
		text = wrapped.Scenario
	}
	var scenario Scenario
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&scenario); err != nil {
		return scenario, fmt.Errorf("not a scenario: %v", err)
	}
	if scenario.Buffer == nil || *scenario.Buffer < 0 || *scenario.Buffer > most {
		return scenario, fmt.Errorf(`"buffer" must be a number from 0 to %d`, most)
	}
	switch scenario.Source {
	case "reader", "writer_to", "slice":
	default:
		return scenario, fmt.Errorf(`"source" must be reader, writer_to or slice, not %q`, scenario.Source)
	}
	for i, step := range scenario.Steps {
		if err := step.check(scenario.Source); err != nil {
			return scenario, fmt.Errorf("step %d: %v", i+1, err)
		}
	}
	return scenario, nil
}

func (step Step) check(source string) error {
	var needs []string
	switch step.Do {
	case "open", "write_to", "close_reader":
		needs = []string{"reader"}
	case "read":
		needs = []string{"reader", "max"}
	case "feed":
		needs = []string{"bytes"}
	case "end":
		needs = []string{"error"}
	case "close", "await":
	default:
		return fmt.Errorf(`"do" must be open, read, write_to, close_reader, close, feed, end or await, not %q`, step.Do)
	}
	for _, field := range needs {
		given := map[string]bool{
			"reader": step.Reader != nil, "max": step.Max != nil, "bytes": step.Bytes != nil, "error": step.Error != nil,
		}
		if !given[field] {
			return fmt.Errorf("%s needs %q", step.Do, field)
		}
	}
	for field, number := range map[string]*int{"reader": step.Reader, "max": step.Max, "bytes": step.Bytes} {
		if number != nil && (*number < 0 || *number > most) {
			return fmt.Errorf("%q must be a number from 0 to %d", field, most)
		}
	}
	if source == "slice" && (step.Do == "feed" || step.Do == "end") {
		return fmt.Errorf("%s needs a source, and this scenario has none", step.Do)
	}
	return nil
}

// ReadRecording reads a recording, or a scenario alone.
func ReadRecording(path string) (Recording, error) {
	var recording Recording
	content, err := os.ReadFile(path)
	if err != nil {
		return recording, err
	}
	if json.Valid(content) { // one object, on any number of lines
		var compact bytes.Buffer
		_ = json.Compact(&compact, content)
		content = compact.Bytes()
	}
	lines := bufio.NewReader(bytes.NewReader(content))
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		line = bytes.TrimSpace(line)
		if len(line) > 0 {
			if err := recording.add(number, line); err != nil {
				return recording, fmt.Errorf("%s:%d: %v", path, number, err)
			}
		}
		if err == io.EOF {
			break
		}
	}
	if recording.Text == "" {
		return recording, fmt.Errorf("%s: empty; line 1 must be a scenario", path)
	}
	return recording, nil
}

func (recording *Recording) add(number int, line []byte) error {
	if number == 1 {
		var err error
		recording.Scenario, err = ParseScenario(line)
		recording.Text = string(line)
		return err
	}
	var happened trace.Event
	if err := json.Unmarshal(line, &happened); err != nil {
		return fmt.Errorf("not an event: %v", err)
	}
	if happened.Step < 0 || happened.Proc == "" || happened.Op == "" {
		return fmt.Errorf(`an event needs "step", "proc" and "op"`)
	}
	recording.Events = append(recording.Events, happened)
	return nil
}
