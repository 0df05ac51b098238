// SPDX-License-Identifier: Apache-2.0

package streamer

import (
	"io"

	"goref/trace"
)

// frontier is the state of transfer: how much of the buffer is filled, how the source ended, and
// the requests that cannot be answered yet.
type frontier struct {
	buffer  []byte
	filled  int
	status  error // nil until the source has ended
	pending []sliceRequest
}

// transfer answers requests with slices of the buffer. It ends when requests is closed.
func transfer(buffer []byte, filled int, status error, requests <-chan sliceRequest, slices <-chan nextSlice) {
	state := frontier{buffer: buffer, filled: filled, status: status}
	for {
		fromReaders, fromSource := requests, slices
		if trace.On() {
			fromReaders, fromSource = turn(requests, slices)
		}
		select {
		case request, open := <-fromReaders:
			if !open {
				return
			}
			if !state.answer(request) {
				state.pending = append(state.pending, request)
			}
		case next, open := <-fromSource:
			if open {
				state.advance(next)
				state.answerPending()
				continue
			}
			slices = nil // a nil channel is never ready, so this case is disabled from here on
			if state.status == nil {
				state.status = io.ErrUnexpectedEOF // and waiting requests stay unanswered
			}
		}
	}
}

// turn returns the channel of a traced select that may proceed, and nil for the other.
func turn(requests <-chan sliceRequest, slices <-chan nextSlice) (<-chan sliceRequest, <-chan nextSlice) {
	if trace.Choose(trace.OnReceive("requests", requests), trace.OnReceive("slices", slices)) == 0 {
		return requests, nil
	}
	return nil, slices
}

func (state *frontier) advance(next nextSlice) {
	if next.readerError != nil {
		state.status = next.readerError
	} else {
		state.filled += len(next.slice)
	}
}

// answer answers a request if that is possible now. An error precedes the bytes in the buffer; an
// end of file follows them.
func (state *frontier) answer(request sliceRequest) bool {
	var result sliceResult
	switch {
	case state.status != nil && state.status != io.EOF:
		result.err = state.status
	case request.offset < state.filled:
		size := state.filled - request.offset
		if size > request.maxsize {
			size = request.maxsize
		}
		result.slice = state.buffer[request.offset : request.offset+size]
	case state.status == io.EOF:
		result.err = io.EOF
	default:
		return false
	}
	if trace.On() {
		trace.Sending("responses", request.result, result)
	}
	request.result <- result
	return true
}

// answerPending removes an answered request by moving the last one into its place.
func (state *frontier) answerPending() {
	for i := 0; i < len(state.pending); {
		if !state.answer(state.pending[i]) {
			i++
			continue
		}
		last := len(state.pending) - 1
		state.pending[i] = state.pending[last]
		state.pending = state.pending[:last]
	}
}

// readIntoBuffer reads the source to its end, and closes slices.
func readIntoBuffer(buffer []byte, source io.Reader, slices chan<- nextSlice) {
	defer func() {
		trace.Closing("slices", slices)
		close(slices)
	}()
	if pushing, ok := source.(io.WriterTo); ok {
		pushIntoBuffer(buffer, pushing, slices)
		return
	}
	const block = 64 * 1024
	for len(buffer) > 0 {
		size := len(buffer)
		if size > block {
			size = block
		}
		n, err := source.Read(buffer[:size])
		if err != nil {
			show(slices, nextSlice{nil, err})
			return
		}
		if n > 0 {
			show(slices, nextSlice{buffer[:n], nil})
			buffer = buffer[n:]
		}
	}
	var probe [1]byte
	n, err := source.Read(probe[:])
	if n > 0 {
		err = io.ErrShortBuffer
	}
	show(slices, nextSlice{nil, err})
}

func show(slices chan<- nextSlice, next nextSlice) {
	if trace.On() {
		trace.Sending("slices", slices, next)
	}
	slices <- next
}

// pushIntoBuffer serves a source that writes itself out: its bytes are shown when it is done.
func pushIntoBuffer(buffer []byte, source io.WriterTo, slices chan<- nextSlice) {
	n, err := source.WriteTo(&fixedBuffer{free: buffer})
	if err != nil {
		show(slices, nextSlice{nil, err})
		return
	}
	show(slices, nextSlice{buffer[:n], nil})
	show(slices, nextSlice{nil, io.EOF})
}

// fixedBuffer takes what fits, and does not report that something did not.
type fixedBuffer struct{ free []byte }

func (buffer *fixedBuffer) Write(p []byte) (int, error) {
	n := copy(buffer.free, p)
	buffer.free = buffer.free[n:]
	return n, nil
}

// readersMonitor counts readers. The count determines the channels that it listens to: no close is
// accepted while there are readers, no reader is subtracted from none, and none is added to too
// many.
func (stream *AsyncStream) readersMonitor() {
	for readers := 0; ; {
		add, subtract, waitZero := stream.addReader, stream.subtractReader, stream.waitZeroReaders
		switch {
		case readers == 0:
			subtract = nil
		case readers < MaxReaders:
			waitZero = nil
		default:
			add, waitZero = nil, nil
		}
		if trace.On() {
			add, subtract, waitZero = turnOfReaders(add, subtract, waitZero)
		}
		var open bool
		select {
		case _, open = <-add:
			readers++
		case _, open = <-subtract:
			readers--
		case _, open = <-waitZero:
		}
		if !open {
			return
		}
	}
}

func turnOfReaders(add, subtract, waitZero chan token) (chan token, chan token, chan token) {
	switch trace.Choose(trace.OnReceive("add_reader", add), trace.OnReceive("subtract_reader", subtract),
		trace.OnReceive("wait_zero_readers", waitZero)) {
	case 0:
		return add, nil, nil
	case 1:
		return nil, subtract, nil
	default:
		return nil, nil, waitZero
	}
}
