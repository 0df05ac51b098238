// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"reflect"
	"sort"
	"strings"
	"unsafe"
)

// The shape of a value determines what is recorded of it, so that a package need not use this one's
// names: two integers and a channel are a request, bytes and an error are a slice or a response,
// and everything else is a token.

// Event is one line of a trace, as the recordings have it.
type Event struct {
	Step int     `json:"step"`
	Proc string  `json:"proc"`
	Op   string  `json:"op"`
	Chan string  `json:"chan,omitempty"`
	Msg  Message `json:"msg,omitempty"`
	Call string  `json:"call,omitempty"`
}

// Message is what an event records of a message.
type Message map[string]any

type event struct {
	step     int
	process  *Process
	op       string
	channel  *channel
	message  *message
	call     string
	returned Message
}

// message holds a channel in place of its name, which may become known only later.
type message struct {
	fields Message
	result *channel
}

// Events returns the events so far, by step, then by process; those of a process are in its order.
func (recorder *Recorder) Events() []Event {
	recorder.mutex.Lock()
	defer recorder.mutex.Unlock()
	events := make([]Event, 0, len(recorder.events))
	for _, happened := range recorder.events {
		shown := Event{Step: happened.step, Proc: happened.process.name, Op: happened.op, Msg: happened.returned, Call: happened.call}
		if happened.channel != nil {
			shown.Chan = happened.channel.name
		}
		if shown.Op == "closed" && shown.Proc == "readersMonitor" {
			shown.Chan = "any" // all its channels close at once, and which it sees first is random
		}
		if happened.message != nil {
			shown.Msg = happened.message.fields
			if happened.message.result != nil {
				shown.Msg["result"] = happened.message.result.name
			}
		}
		events = append(events, shown)
	}
	sort.SliceStable(events, func(i, j int) bool {
		if events[i].Step != events[j].Step {
			return events[i].Step < events[j].Step
		}
		return events[i].Proc < events[j].Proc
	})
	return events
}

// Line returns the event as a line of a recording.
func (shown Event) Line() string {
	text, err := json.Marshal(shown)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// Checksum is the crc32 of bytes in the recordings' form.
func Checksum(bytes []byte) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE(bytes)) }

// AlreadyClosed is the recorded package's error for a second close.
var AlreadyClosed error

// ErrorName is the recordings' name of an error: nil, or a string.
func ErrorName(err error) any {
	switch {
	case err == nil:
		return nil
	case err == io.EOF:
		return "eof"
	case err == io.ErrShortBuffer:
		return "short_buffer"
	case err == io.ErrUnexpectedEOF:
		return "unexpected_eof"
	case err == io.ErrShortWrite:
		return "short_write"
	case AlreadyClosed != nil && errors.Is(err, AlreadyClosed):
		return "already_closed"
	}
	return err.Error()
}

var errorType = reflect.TypeOf((*error)(nil)).Elem()

func (recorder *Recorder) describe(process *Process, sent any) *message {
	value := reflect.ValueOf(sent)
	for value.Kind() == reflect.Pointer && !value.IsNil() {
		value = value.Elem()
	}
	if value.Kind() != reflect.Struct || value.NumField() == 0 {
		return nil
	}
	addressable := reflect.New(value.Type()).Elem()
	addressable.Set(value)
	value = addressable
	var numbers []int64
	var result, bytes, failure *reflect.Value
	for i := 0; i < value.NumField(); i++ {
		field := value.Field(i)
		switch {
		case field.CanInt():
			numbers = append(numbers, field.Int())
		case field.Kind() == reflect.Chan:
			result = &field
		case field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Uint8:
			bytes = &field
		case field.Type() == errorType:
			failure = &field
		}
	}
	switch {
	case result != nil && len(numbers) == 2:
		return &message{
			fields: Message{"offset": numbers[0], "maxsize": numbers[1]},
			result: recorder.channel(process, "responses", readable(*result)),
		}
	case bytes != nil && failure != nil:
		err, _ := readable(*failure).(error)
		return &message{fields: Message{
			"len": bytes.Len(), "error": ErrorName(err), "crc32": Checksum(bytes.Bytes()),
		}}
	}
	return nil
}

// readable returns what a field holds; reflection reads an unexported field only through its
// address.
func readable(field reflect.Value) any {
	return reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Interface()
}

var designNames = map[string]string{
	"requests": "requests", "slices": "slices", "addreader": "add_reader",
	"subtractreader": "subtract_reader", "waitzeroreaders": "wait_zero_readers",
}

var designProcesses = map[string]string{
	"transfer": "transfer", "readintobuffer": "readIntoBuffer", "readersmonitor": "readersMonitor",
}

func plain(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// ProcessName returns the design's name of a process, however the package spells it, and whether it
// is one.
func ProcessName(name string) (string, bool) {
	if design, ok := designProcesses[plain(name)]; ok {
		return design, true
	}
	return name, false
}

// channelName returns the design's name for the channel that the package calls name, if it has one.
// A reader's own channel is recognised by the reader that made it, or because a reader sends it in
// a request.
func channelName(process *Process, name string, kind reflect.Type) (string, bool) {
	if design, ok := designNames[plain(name)]; ok {
		return design, true
	}
	carriesBytes := false
	element := kind.Elem()
	if element.Kind() == reflect.Pointer {
		element = element.Elem()
	}
	if element.Kind() == reflect.Struct {
		for i := 0; i < element.NumField(); i++ {
			carriesBytes = carriesBytes || element.Field(i).Type == reflect.TypeOf([]byte(nil))
		}
	}
	if carriesBytes && strings.HasPrefix(process.name, "reader") && process.name != "readersMonitor" {
		return "responses:" + process.name, true
	}
	return name, false
}
