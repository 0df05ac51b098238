// SPDX-License-Identifier: Apache-2.0

package play

import (
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"goref/trace"
)

// Reader has the methods of a stream reader that a scenario needs.
type Reader interface {
	Read([]byte) (int, error)
	WriteTo(io.Writer) (int64, error)
	Close() error
}

// Stream has the methods of a stream that a scenario needs.
type Stream interface {
	MakeStreamReader() Reader
	Close() error
}

// Package is the package that scenarios are played on.
type Package struct {
	FromReader    func(int, io.Reader) Stream
	FromSlice     func([]byte) Stream
	AlreadyClosed error
}

// Adapt makes a Package of functions that return their own types.
func Adapt[S interface {
	MakeStreamReader() R
	Close() error
}, R Reader](fromReader func(int, io.Reader) S, fromSlice func([]byte) S, alreadyClosed error) Package {
	return Package{
		FromReader:    func(size int, source io.Reader) Stream { return adapted[S, R]{fromReader(size, source)} },
		FromSlice:     func(bytes []byte) Stream { return adapted[S, R]{fromSlice(bytes)} },
		AlreadyClosed: alreadyClosed,
	}
}

type adapted[S interface {
	MakeStreamReader() R
	Close() error
}, R Reader] struct{ stream S }

func (a adapted[S, R]) MakeStreamReader() Reader { return a.stream.MakeStreamReader() }
func (a adapted[S, R]) Close() error             { return a.stream.Close() }

// player is a scenario in progress.
type player struct {
	recorder *trace.Recorder
	limit    time.Duration
	script   *script
	stream   Stream
	readers  map[int]*Reader  // nil inside until the open has returned
	calls    map[string]*call // by process: its last call
}

type call struct{ returned bool }

// Play plays a scenario and returns its trace. The error describes a step that blocked or panicked.
func Play(streams Package, scenario Scenario, limit time.Duration) ([]trace.Event, error) {
	trace.AlreadyClosed = streams.AlreadyClosed
	p := &player{
		recorder: trace.Start(), limit: limit, script: &script{}, readers: map[int]*Reader{}, calls: map[string]*call{},
	}
	defer p.recorder.Stop()
	p.call("stream", func() {
		switch size := *scenario.Buffer; scenario.Source {
		case "slice":
			p.stream = streams.FromSlice(Bytes(size))
		case "writer_to":
			p.stream = streams.FromReader(size, pushing{pulled{p.script}})
		default:
			p.stream = streams.FromReader(size, pulled{p.script})
		}
	})
	if err := p.recorder.AwaitRest(limit); err != nil {
		return nil, fmt.Errorf("making the stream: %v\n%s", err, p.recorder.Waiting())
	}
	for i, step := range scenario.Steps {
		p.recorder.BeginStep(i + 1)
		process, err := p.begin(step)
		if err == nil {
			err = p.recorder.AwaitRest(limit)
		}
		if err == nil && !step.Async && process != "" && !p.calls[process].returned {
			err = fmt.Errorf("%s is still blocked, and everything is at rest", process)
		}
		if err != nil {
			return nil, fmt.Errorf("step %d (%s): %v\n%s", i+1, step.Do, err, p.recorder.Waiting())
		}
	}
	return p.recorder.Events(), nil
}

// begin starts a step, and returns the process whose call must have returned when all is at rest.
func (p *player) begin(step Step) (string, error) {
	process := "stream"
	number := 0
	if step.Reader != nil {
		number = *step.Reader
		process = fmt.Sprintf("reader%d", number)
	}
	last := p.calls[process]
	switch step.Do {
	case "feed":
		p.script.give(order{size: *step.Bytes})
		return "", nil
	case "end":
		end := order{err: errorNamed(*step.Error), apart: step.Apart}
		if step.Bytes != nil {
			end.size = *step.Bytes
		}
		p.script.give(end)
		return "", nil
	case "await":
		if last == nil {
			return "", fmt.Errorf("%s has called nothing", process)
		}
		return process, nil
	}
	if last != nil && !last.returned {
		return "", fmt.Errorf("the last call of %s has not returned", process)
	}
	slot := p.readers[number]
	switch step.Do {
	case "open":
		if slot != nil {
			return "", fmt.Errorf("%s is open already", process)
		}
		slot = new(Reader)
		p.readers[number] = slot
		p.call(process, func() {
			*slot = p.stream.MakeStreamReader()
			p.recorder.Return("open", nil)
		})
		return process, nil
	case "close":
		p.call(process, func() {
			p.recorder.Return("close", trace.Message{"error": trace.ErrorName(p.stream.Close())})
		})
		return process, nil
	}
	if slot == nil {
		return "", fmt.Errorf("%s is not open", process)
	}
	p.call(process, p.readerCall(step, *slot))
	return process, nil
}

func (p *player) readerCall(step Step, reader Reader) func() {
	switch step.Do {
	case "read":
		return func() {
			bytes := make([]byte, *step.Max)
			n, err := reader.Read(bytes)
			p.recorder.Return("read", trace.Message{
				"n": n, "error": trace.ErrorName(err), "crc32": trace.Checksum(bytes[:n]),
			})
		}
	case "write_to":
		return func() {
			sum := crc32.NewIEEE()
			n, err := reader.WriteTo(sum)
			p.recorder.Return("write_to", trace.Message{
				"n": n, "error": trace.ErrorName(err), "crc32": fmt.Sprintf("%08x", sum.Sum32()),
			})
		}
	default:
		return func() {
			p.recorder.Return("close", trace.Message{"error": trace.ErrorName(reader.Close())})
		}
	}
}

// call makes a call of the API in a process of that name. Its results are read only when all is at
// rest.
func (p *player) call(process string, body func()) {
	made := &call{}
	p.calls[process] = made
	p.recorder.Go(process, func() {
		body()
		made.returned = true
	})
}
