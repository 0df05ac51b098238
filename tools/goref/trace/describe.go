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

// What is recorded of a value is found by its shape, so that a package need not use this one's names: two
// integers and a channel are a request, bytes and an error are a slice or a response, all else is a token.

// Event is one line of a trace, as the recordings have it.
type Event struct {
	Step int     `json:"step"`
	Proc string  `json:"proc"`
	Op   string  `json:"op"`
	Chan string  `json:"chan,omitempty"`
	Msg  Message `json:"msg,omitempty"`
	Call string  `json:"call,omitempty"`
}

// Message is what an event tells of a message.
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

// message keeps a channel where the event will have its name, which may be learnt only later.
type message struct {
	fields Message
	result *channel
}

// Events are the events so far: by step, then by process; within a process as it did them.
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
			shown.Chan = "any" // all its channels are closed at once, and which it sees first is chance
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

// Line is the event as a line of a recording.
func (shown Event) Line() string {
	text, err := json.Marshal(shown)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// Checksum is the crc32 of bytes as the recordings write it.
func Checksum(bytes []byte) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE(bytes)) }

// AlreadyClosed is the error that the recorded package has for a second close.
var AlreadyClosed error

// ErrorName is the name that the recordings give an error: nil, or a string.
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

// readable is what a field holds; reflection shows that of an unexported field only by its address.
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

// ProcessName is the name of the design, however the package spells it, and whether it is one.
func ProcessName(name string) (string, bool) {
	if design, ok := designProcesses[plain(name)]; ok {
		return design, true
	}
	return name, false
}

// channelName is the name of the design for what the package calls name, if it has one. A reader's own
// channel is told by the reader that made it, or by its being what a reader sends in a request.
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
