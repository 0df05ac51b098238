// SPDX-License-Identifier: Apache-2.0

// Package trace records the channel operations of a package, and detects when that package has come
// to rest.
//
// Each operation asks for its turn before it is done. When no process runs any more, the Recorder
// picks one operation that can happen (both ends of it, if it takes two), records it, and lets
// those processes perform it on the real channels. So at most one message is under way at any time,
// and a run is the same every time, whatever else the machine does. Rest needs no waiting: it means
// that nothing can be picked.
//
// Everything is off until a Recorder is started: until then a hook costs one load and one branch.
// Go does not tell a goroutine its identity, so a process is found by the number at the head of its
// stack trace. That is slow, and is done only while a Recorder is on.
package trace

import (
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
)

var (
	active atomic.Pointer[Recorder]
	on     atomic.Bool // active is not nil
)

// On reports whether a Recorder is running.
func On() bool { return on.Load() }

// Offer is one operation that a process wants to perform.
type Offer struct {
	name    string
	send    bool
	handle  any // the channel: it is the identity, and the reference keeps its address unique
	value   any // of a send
	channel *channel
	message *message
}

// OnSend offers to send value on ch.
func OnSend[T any](name string, ch chan<- T, value T) Offer {
	return Offer{name: name, send: true, handle: ch, value: value}
}

// OnReceive offers to receive from ch.
func OnReceive[T any](name string, ch <-chan T) Offer {
	return Offer{name: name, handle: ch}
}

// Choose waits until one of the offers has its turn, and returns its index. The caller must then
// perform that one.
func Choose(offers ...Offer) int { return mustBeCurrent().turn(false, offers) }

// TryChoose is Choose for a select with a default case: -1 if nothing else can be done.
func TryChoose(offers ...Offer) int { return mustBeCurrent().turn(true, offers) }

// Make gives a new channel the name under which it is recorded.
func Make[T any](name string, ch chan T) chan T {
	if on.Load() {
		called(name, ch)
	}
	return ch
}

func called(name string, ch any) {
	if process := Current(); process != nil {
		process.called(name, ch)
	}
}

// Sending goes before ch <- value. Go 1.19 does not inline it, so hot code should ask On first.
func Sending[T any](name string, ch chan<- T, value T) {
	if on.Load() {
		sending(name, ch, value)
	}
}

func sending[T any](name string, ch chan<- T, value T) {
	if process := Current(); process != nil {
		process.turn(false, []Offer{OnSend(name, ch, value)})
	}
}

// Receiving goes before <-ch.
func Receiving[T any](name string, ch <-chan T) {
	if on.Load() {
		receiving(name, ch)
	}
}

func receiving[T any](name string, ch <-chan T) {
	if process := Current(); process != nil {
		process.turn(false, []Offer{OnReceive(name, ch)})
	}
}

// Closing goes before close(ch).
func Closing[T any](name string, ch chan<- T) {
	if on.Load() {
		closing(name, ch)
	}
}

func closing(name string, ch any) {
	if process := Current(); process != nil {
		process.close(name, ch)
	}
}

// Go runs body as a process of the caller's recording.
func Go(name string, body func()) {
	if process := Current(); process != nil {
		process.recorder.Go(name, body)
	} else {
		go body()
	}
}

// Current returns the process of the calling goroutine, or nil if it is not recorded.
func Current() *Process {
	recorder := active.Load()
	if recorder == nil {
		return nil
	}
	return recorder.find(goroutine())
}

func mustBeCurrent() *Process {
	process := Current()
	if process == nil {
		panic("trace: a select, or a read of the source, in a goroutine that is not recorded")
	}
	return process
}

// goroutine returns the number of the calling goroutine: its stack trace begins "goroutine 7
// [running]".
func goroutine() int64 {
	var buffer [64]byte
	id, _ := parseHead(string(buffer[:runtime.Stack(buffer[:], false)]))
	return id
}

// parseHead reads the number and the state of a goroutine from the first line of its stack trace,
// as in "goroutine 7 [chan receive, 2 minutes]:".
func parseHead(line string) (int64, string) {
	line = strings.TrimPrefix(line, "goroutine ")
	number, state, _ := strings.Cut(line, " [")
	if end := strings.IndexAny(state, ",]"); end >= 0 {
		state = state[:end]
	}
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		panic("trace: the head of a stack trace has another form than expected: " + line)
	}
	return id, state
}
