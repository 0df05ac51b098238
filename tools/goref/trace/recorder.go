// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"fmt"
	"reflect"
	"sort"
	"strings"
	"sync"
	"time"
)

// Recorder holds the events of one run, and decides which process may proceed.
type Recorder struct {
	mutex     sync.Mutex
	step      int
	events    []event
	processes map[int64]*Process // by goroutine
	// Processes that neither wait for a turn nor are parked, including those about to start.
	running  int
	changes  int // how often running has changed
	turns    int // how many were given, which serves as the time
	channels map[uintptr]*channel
	failure  error
	rested   chan struct{} // holds a token when the recording may have come to rest, or failed
}

// Process is one named goroutine.
type Process struct {
	recorder *Recorder
	name     string
	offers   []Offer
	waits    bool
	tries    bool // has a default case
	since    int  // the turn after which it began to wait
	granted  chan int
}

type channel struct {
	name     string
	known    bool // the name is one of the design's
	handle   any
	capacity int
	buffered []*message
	closed   bool
}

const (
	defaultCase = -1
	unparked    = -2
	stopped     = -3
)

// Start makes a new Recorder the active one.
func Start() *Recorder {
	recorder := &Recorder{
		processes: map[int64]*Process{},
		channels:  map[uintptr]*channel{},
		rested:    make(chan struct{}, 1),
	}
	active.Store(recorder)
	on.Store(true)
	return recorder
}

// Stop ends recording. Processes that still wait are ended where they are.
func (recorder *Recorder) Stop() {
	on.Store(false)
	active.Store(nil)
	recorder.mutex.Lock()
	defer recorder.mutex.Unlock()
	for _, process := range recorder.processes {
		if process.waits {
			process.resume(stopped)
		}
	}
}

// Go runs body as a new process. A panic in it becomes the recording's failure.
func (recorder *Recorder) Go(name string, body func()) {
	name, _ = ProcessName(name)
	process := &Process{recorder: recorder, name: name, granted: make(chan int, 1)}
	recorder.mutex.Lock()
	recorder.count(+1)
	recorder.mutex.Unlock()
	go func() {
		id := goroutine()
		recorder.mutex.Lock()
		recorder.processes[id] = process
		recorder.mutex.Unlock()
		defer func() {
			reason := recover()
			recorder.mutex.Lock()
			defer recorder.mutex.Unlock()
			delete(recorder.processes, id)
			if reason != nil && recorder.failure == nil {
				recorder.failure = fmt.Errorf("%s panicked: %v", process.name, reason)
			}
			recorder.ceased()
		}()
		body()
	}()
}

// BeginStep sets the step of the events that follow.
func (recorder *Recorder) BeginStep(step int) {
	recorder.mutex.Lock()
	defer recorder.mutex.Unlock()
	recorder.step = step
}

// AwaitRest returns when no process runs and none can. The error is a panic of a process, or that
// the limit has passed.
func (recorder *Recorder) AwaitRest(limit time.Duration) error {
	late := time.NewTimer(limit)
	defer late.Stop()
	const patience = 5 * time.Millisecond
	for {
		recorder.mutex.Lock()
		running, failure := recorder.running, recorder.failure
		recorder.mutex.Unlock()
		if running == 0 || failure != nil {
			return failure
		}
		select {
		case <-recorder.rested:
		case <-time.After(patience):
			if recorder.allBlocked() && !recorder.giveTurnLocked() {
				return nil
			}
		case <-late.C:
			return fmt.Errorf("not at rest after %v", limit)
		}
	}
}

func (recorder *Recorder) find(id int64) *Process {
	recorder.mutex.Lock()
	defer recorder.mutex.Unlock()
	return recorder.processes[id]
}

// close is recorded before it happens. A process that waits for it gets no turn before the closer
// has begun to wait.
func (process *Process) close(name string, handle any) {
	recorder := process.recorder
	recorder.mutex.Lock()
	defer recorder.mutex.Unlock()
	channel := recorder.channel(process, name, handle)
	if channel != nil {
		channel.closed = true
		recorder.add(event{process: process, op: "close", channel: channel})
	}
}

func (process *Process) called(name string, handle any) {
	process.recorder.mutex.Lock()
	defer process.recorder.mutex.Unlock()
	process.recorder.channel(process, name, handle)
}

// channel finds the channel of a handle (nil for a nil channel), and names it unless it has a
// better name.
func (recorder *Recorder) channel(process *Process, name string, handle any) *channel {
	value := reflect.ValueOf(handle)
	if value.IsNil() {
		return nil
	}
	found := recorder.channels[value.Pointer()]
	if found == nil {
		found = &channel{handle: handle, capacity: value.Cap(), name: name}
		recorder.channels[value.Pointer()] = found
	}
	if better, known := channelName(process, name, value.Type()); known && !found.known {
		found.name, found.known = better, true
	}
	return found
}

func (channel *channel) is(name string) bool { return channel != nil && channel.name == name }

func (recorder *Recorder) add(happened event) {
	happened.step = recorder.step
	recorder.events = append(recorder.events, happened)
}

// Return records that a call of the API returned in the calling process.
func (recorder *Recorder) Return(call string, message Message) {
	process := recorder.find(goroutine())
	recorder.mutex.Lock()
	defer recorder.mutex.Unlock()
	recorder.add(event{process: process, op: "return", call: call, returned: message})
}

// Waiting returns a line for each process that says what it waits for.
func (recorder *Recorder) Waiting() string {
	recorder.mutex.Lock()
	defer recorder.mutex.Unlock()
	var lines []string
	for _, process := range recorder.processes {
		var waits []string
		for _, offer := range process.offers {
			verb := map[bool]string{true: "send ", false: "receive "}[offer.send]
			if offer.channel == nil {
				waits = append(waits, verb+"nil")
			} else {
				waits = append(waits, verb+offer.channel.name)
			}
		}
		switch {
		case !process.waits:
			waits = []string{"(runs, or waits for something that is no channel)"}
		case len(waits) == 0:
			waits = []string{"(a feed)"}
		}
		lines = append(lines, fmt.Sprintf("  %-16s %s", process.name, strings.Join(waits, " | ")))
	}
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}
