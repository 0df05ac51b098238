// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"runtime"
	"sort"
	"strings"
)

// allBlocked reports whether every process that counts as running is blocked by something other
// than a traced channel, such as a WaitGroup. Turns then have to continue without it.
func (recorder *Recorder) allBlocked() bool {
	recorder.mutex.Lock()
	changes, running := recorder.changes, map[int64]bool{}
	for id, process := range recorder.processes {
		if !process.waits {
			running[id] = true
		}
	}
	known := len(running) == recorder.running
	recorder.mutex.Unlock()
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	blocked := 0
	for _, stack := range strings.Split(string(stacks), "\n\n") {
		id, state := parseHead(stack)
		switch state {
		case "semacquire", "sync.Mutex.Lock", "sync.Cond.Wait", "sync.WaitGroup.Wait", "chan receive", "chan send", "select":
			if running[id] {
				blocked++
			}
		}
	}
	recorder.mutex.Lock()
	defer recorder.mutex.Unlock()
	return known && blocked == len(running) && changes == recorder.changes
}

func (recorder *Recorder) giveTurnLocked() bool {
	recorder.mutex.Lock()
	defer recorder.mutex.Unlock()
	return recorder.giveTurn()
}

// ceased notes that a running process has begun to wait, or has ended. Called with the mutex held.
func (recorder *Recorder) ceased() {
	recorder.count(-1)
	if recorder.failure == nil && (recorder.running > 0 || recorder.giveTurn()) {
		return
	}
	select {
	case recorder.rested <- struct{}{}:
	default:
	}
}

func (recorder *Recorder) count(by int) {
	recorder.running += by
	recorder.changes++
}

// giveTurn lets one operation happen. The source's message precedes any other, as usually under
// Go's own scheduler; otherwise the process that has waited longest is next. A default case is
// taken if nothing else can happen. The result is false if nothing can happen at all. Called with
// the mutex held.
func (recorder *Recorder) giveTurn() bool {
	waiting := recorder.waiting()
	var chosen *Process
	var which int
	for _, process := range waiting {
		for i, offer := range process.offers {
			first := chosen == nil || (offer.channel.is("slices") && !chosen.offers[which].channel.is("slices"))
			if first && recorder.ready(process, offer, waiting) {
				chosen, which = process, i
			}
		}
	}
	if chosen != nil {
		recorder.turns++
		recorder.happen(chosen, which, waiting)
		return true
	}
	for _, process := range waiting {
		if process.tries {
			process.resume(defaultCase)
			return true
		}
	}
	return false
}

// waiting returns the processes that wait for a turn, the longest first.
func (recorder *Recorder) waiting() []*Process {
	var waiting []*Process
	for _, process := range recorder.processes {
		if process.waits {
			waiting = append(waiting, process)
		}
	}
	sort.Slice(waiting, func(i, j int) bool {
		if waiting[i].since != waiting[j].since {
			return waiting[i].since < waiting[j].since
		}
		return waiting[i].name < waiting[j].name
	})
	return waiting
}

// ready reports whether the offer can happen. Of a pair, the sender's offer is the ready one.
func (recorder *Recorder) ready(process *Process, offer Offer, waiting []*Process) bool {
	channel := offer.channel
	switch {
	case channel == nil:
		return false
	case !offer.send:
		return len(channel.buffered) > 0 || channel.closed
	case channel.closed || len(channel.buffered) < channel.capacity:
		return true
	}
	receiver, _ := partner(process, channel, waiting)
	return receiver != nil
}

func partner(sender *Process, channel *channel, waiting []*Process) (*Process, int) {
	if channel.capacity > 0 {
		return nil, 0
	}
	for _, other := range waiting {
		for i, offer := range other.offers {
			if other != sender && offer.channel == channel && !offer.send {
				return other, i
			}
		}
	}
	return nil, 0
}

// happen records an offer that is ready, and lets its processes perform it.
func (recorder *Recorder) happen(process *Process, which int, waiting []*Process) {
	offer := process.offers[which]
	channel := offer.channel
	switch {
	case offer.send && channel.closed:
		// it is about to panic
	case offer.send:
		recorder.add(event{process: process, op: "send", channel: channel, message: offer.message})
		if receiver, i := partner(process, channel, waiting); receiver != nil {
			recorder.add(event{process: receiver, op: "recv", channel: channel, message: offer.message})
			receiver.resume(i)
		} else {
			channel.buffered = append(channel.buffered, offer.message)
		}
	case len(channel.buffered) > 0:
		recorder.add(event{process: process, op: "recv", channel: channel, message: channel.buffered[0]})
		channel.buffered = channel.buffered[1:]
	default:
		recorder.add(event{process: process, op: "closed", channel: channel})
	}
	process.resume(which)
}

// turn waits until one of the offers can be performed, or, without offers, until Unpark.
func (process *Process) turn(tries bool, offers []Offer) int {
	recorder := process.recorder
	recorder.mutex.Lock()
	for i := range offers {
		offers[i].channel = recorder.channel(process, offers[i].name, offers[i].handle)
		if offers[i].send {
			offers[i].message = recorder.describe(process, offers[i].value)
		}
	}
	process.offers, process.tries, process.waits, process.since = offers, tries, true, recorder.turns
	recorder.ceased()
	recorder.mutex.Unlock()
	which := <-process.granted
	if which == stopped {
		runtime.Goexit()
	}
	return which
}

// resume ends a turn's wait. Called with the mutex held.
func (process *Process) resume(which int) {
	process.offers, process.tries, process.waits = nil, false, false
	process.recorder.count(+1)
	process.granted <- which
}

// Park waits for Unpark, which another goroutine must call when this process is at rest.
func (process *Process) Park() {
	if process == nil {
		mustBeCurrent()
	}
	process.turn(false, nil)
}

// Unpark lets a parked process continue.
func (process *Process) Unpark() {
	process.recorder.mutex.Lock()
	defer process.recorder.mutex.Unlock()
	process.resume(unparked)
}
