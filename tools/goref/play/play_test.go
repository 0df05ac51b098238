// SPDX-License-Identifier: Apache-2.0

package play

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"goref/streamer"
	"goref/trace"
)

var model = Adapt[*streamer.AsyncStream, *streamer.StreamReader](
	streamer.AsyncStreamFromReader, streamer.AsyncStreamFromSlice, streamer.ErrAlreadyClosed)

func play(t *testing.T, streams Package, source, steps string) (string, error) {
	t.Helper()
	scenario, err := ParseScenario([]byte(fmt.Sprintf(`{"source":%q,"buffer":64,"steps":[%s]}`, source, steps)))
	if err != nil {
		t.Fatal(err)
	}
	events, err := Play(streams, scenario, 10*time.Second)
	var lines strings.Builder
	for _, shown := range events {
		lines.WriteString(shown.Line() + "\n")
	}
	return lines.String(), err
}

const open1, read1 = `{"do":"open","reader":1}`, `{"do":"read","reader":1,"max":4}`

// A blocked step is detected at once, and the error tells what waits for what.
func TestBlockedStepIsReportedAtOnce(t *testing.T) {
	begun := time.Now()
	_, err := play(t, model, "reader", open1+","+read1)
	if err == nil || !strings.Contains(err.Error(), "step 2 (read): reader1 is still blocked") ||
		!strings.Contains(err.Error(), "reader1          receive responses:reader1") {
		t.Errorf("got %v", err)
	}
	if time.Since(begun) > 5*time.Second {
		t.Errorf("it took %v", time.Since(begun))
	}
}

func TestPanicsAreTold(t *testing.T) {
	_, err := play(t, model, "slice", open1+`,{"do":"close_reader","reader":1},`+read1)
	if err == nil || !strings.Contains(err.Error(), "step 3 (read): reader1 panicked") {
		t.Errorf("got %v", err)
	}
}

// A probe that finds nothing ends slices without a status. The reference then never answers waiting
// reads, but answers later ones. The port repairs that; the model must behave like the reference.
func TestForgottenReaderStaysUnanswered(t *testing.T) {
	lines, err := play(t, model, "reader", open1+`,{"do":"feed","bytes":64},{"do":"read","reader":1,"max":64},`+
		`{"do":"read","reader":1,"max":4,"async":true},{"do":"feed","bytes":0},`+
		`{"do":"open","reader":2},{"do":"read","reader":2,"max":1}`)
	if err != nil || strings.Count(lines, `"proc":"reader1","op":"return"`) != 2 ||
		!strings.Contains(lines, `"proc":"reader2","op":"return","msg":{"crc32":"00000000","error":"unexpected_eof","n":0}`) {
		t.Errorf("%v\n%s", err, lines)
	}
}

func TestMalformedScenarios(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                             `"buffer"`,
		`{"buffer":1,"source":"socket"}`: `"socket"`,
		`{"buffer":1,"source":"slice","steps":[{"do":"dance"}]}`:                          `step 1: "do"`,
		`{"buffer":1,"source":"reader","steps":[{"do":"close"},{"do":"open"}]}`:           `step 2: open needs "reader"`,
		`{"buffer":1,"source":"slice","steps":[{"do":"feed","bytes":1}]}`:                 "step 1: feed needs a source",
		`{"buffer":1,"source":"reader","steps":[{"do":"feed","bytes":-1}]}`:               `step 1: "bytes"`,
		`{"buffer":1,"source":"reader","steps":[{"do":"read","reader":"one","max":1}]}`:   "reader",
		`{"buffer":1,"source":"reader","steps":[{"do":"await","reader":1,"patience":9}]}`: "patience",
	} {
		if _, err := ParseScenario([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

func TestDifferencesAreShown(t *testing.T) {
	event := func(proc, op string) trace.Event { return trace.Event{Step: 1, Proc: proc, Op: op, Chan: "c"} }
	recorded := []trace.Event{event("a", "send"), event("a", "recv"), event("b", "close")}
	if report := Compare(recorded, []trace.Event{recorded[2], recorded[0], recorded[1]}); report != "" {
		t.Errorf("the order between processes counted:\n%s", report)
	}
	for _, played := range [][]trace.Event{
		recorded[:2], {recorded[1], recorded[0], recorded[2]}, append(recorded[:3:3], event("c", "recv")),
	} {
		if report := Compare(recorded, played); strings.Count(report, ">") != 1 {
			t.Errorf("one place differs, but:\n%s", report)
		}
	}
}

// lossy is a model with a bug: every reader ignores its second close.
type lossy struct{ Reader }

func (lossy) Close() error { return errors.New("lost") }

type lossyStream struct{ Stream }

func (s lossyStream) MakeStreamReader() Reader { return lossy{s.Stream.MakeStreamReader()} }

func TestBugsAreSeen(t *testing.T) {
	buggy := model
	buggy.FromSlice = func(bytes []byte) Stream { return lossyStream{model.FromSlice(bytes)} }
	buggy.FromReader = func(size int, source io.Reader) Stream { return lossyStream{model.FromReader(size, source)} }
	recording, err := ReadRecording("../../../tests/golden/named/slice-one-reader.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	recording.Scenario.Steps = recording.Scenario.Steps[:5] // without the close, which would block
	events, err := Play(buggy, recording.Scenario, 10*time.Second)
	if report := Compare(recording.Events, events); err != nil || !strings.Contains(report, "step 5, reader1") {
		t.Errorf("%v %s", err, report)
	}
}
