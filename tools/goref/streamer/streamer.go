// SPDX-License-Identifier: Apache-2.0

// Package streamer is this project's own model, in Go, of the design that the library ports: one
// source is pulled once into a buffer, and readers made at any time each read it from byte 0. Three
// goroutines share nothing and communicate only by unbuffered channels:
//
//	readIntoBuffer --slices--> transfer <--requests-- readers, each answered on its own channel
//	readersMonitor <--add_reader, subtract_reader, wait_zero_readers-- readers and the stream
//
// The library is compared with this model and measured against it, so the model keeps the defects
// that the port repairs: bytes that come with an error are dropped, a source outlives a stream that
// is closed before it ends, the failures of a sink are ignored, and use after close panics.
package streamer

import (
	"errors"
	"io"

	"goref/trace"
)

// ErrAlreadyClosed is the error of a second Close.
var ErrAlreadyClosed = errors.New("already closed")

// MaxReaders is how many readers of one stream can be open; opening another one waits for a place.
var MaxReaders = 100

type sliceRequest struct {
	offset  int
	maxsize int
	result  chan<- sliceResult
}

type sliceResult struct {
	slice []byte
	err   error
}

type nextSlice struct {
	slice       []byte
	readerError error
}

type token struct{}

// AsyncStream is one source with its buffer, from which any number of readers can be made.
type AsyncStream struct {
	requests        chan sliceRequest
	addReader       chan token
	subtractReader  chan token
	waitZeroReaders chan token
	closed          bool
}

// StreamReader reads a stream from its beginning. It belongs to one goroutine at a time.
type StreamReader struct {
	stream    *AsyncStream // nil once closed
	offset    int
	responses chan sliceResult
}

// AsyncStreamFromReader pulls r into a buffer of buffersize bytes.
func AsyncStreamFromReader(buffersize int, r io.Reader) *AsyncStream {
	stream := newStream()
	buffer := make([]byte, buffersize)
	slices := trace.Make("slices", make(chan nextSlice))
	trace.Go("transfer", func() { transfer(buffer, 0, nil, stream.requests, slices) })
	trace.Go("readIntoBuffer", func() { readIntoBuffer(buffer, r, slices) })
	trace.Go("readersMonitor", stream.readersMonitor)
	return stream
}

// AsyncStreamFromSlice returns a stream that has its bytes already, and shares them with the
// caller.
func AsyncStreamFromSlice(buffer []byte) *AsyncStream {
	stream := newStream()
	trace.Go("transfer", func() { transfer(buffer, len(buffer), io.EOF, stream.requests, nil) })
	trace.Go("readersMonitor", stream.readersMonitor)
	return stream
}

func newStream() *AsyncStream {
	return &AsyncStream{
		requests:        trace.Make("requests", make(chan sliceRequest)),
		addReader:       trace.Make("add_reader", make(chan token)),
		subtractReader:  trace.Make("subtract_reader", make(chan token)),
		waitZeroReaders: trace.Make("wait_zero_readers", make(chan token)),
	}
}

// MakeStreamReader opens a reader, and waits while there are too many.
func (stream *AsyncStream) MakeStreamReader() *StreamReader {
	trace.Sending("add_reader", stream.addReader, token{})
	stream.addReader <- token{}
	return &StreamReader{stream: stream, responses: trace.Make("responses", make(chan sliceResult))}
}

// Close waits until no reader is open, then ends the stream.
func (stream *AsyncStream) Close() error {
	if stream.closed {
		return ErrAlreadyClosed
	}
	stream.closed = true
	trace.Sending("wait_zero_readers", stream.waitZeroReaders, token{})
	stream.waitZeroReaders <- token{}
	trace.Closing("requests", stream.requests)
	close(stream.requests)
	trace.Closing("add_reader", stream.addReader)
	close(stream.addReader)
	trace.Closing("subtract_reader", stream.subtractReader)
	close(stream.subtractReader)
	trace.Closing("wait_zero_readers", stream.waitZeroReaders)
	close(stream.waitZeroReaders)
	return nil
}

// ask makes one request and waits for its answer; false if the reader was closed meanwhile.
func (reader *StreamReader) ask(maxsize int) (sliceResult, bool) {
	request := sliceRequest{reader.offset, maxsize, reader.responses}
	if trace.On() {
		trace.Sending("requests", reader.stream.requests, request)
	}
	reader.stream.requests <- request
	if trace.On() {
		trace.Receiving("responses", reader.responses)
	}
	result, open := <-reader.responses
	return result, open
}

// Read waits until there are bytes at the reader's offset, or an end.
func (reader *StreamReader) Read(p []byte) (int, error) {
	result, open := reader.ask(len(p))
	if !open {
		return 0, io.ErrUnexpectedEOF
	}
	n := copy(p, result.slice)
	reader.offset += n
	return n, result.err
}

// WriteTo passes what is left of the stream to w, in slices of the buffer itself.
func (reader *StreamReader) WriteTo(w io.Writer) (int64, error) {
	const most = 32 * 1024
	var written int64
	for {
		result, open := reader.ask(most)
		if !open {
			return int64(reader.offset), nil
		}
		if result.err == io.EOF {
			return written, nil
		}
		if result.err != nil {
			return written, result.err
		}
		_, _ = w.Write(result.slice)
		reader.offset += len(result.slice)
		written += int64(len(result.slice))
	}
}

// Close gives the reader's place back.
func (reader *StreamReader) Close() error {
	if reader.stream == nil {
		return ErrAlreadyClosed
	}
	trace.Sending("subtract_reader", reader.stream.subtractReader, token{})
	reader.stream.subtractReader <- token{}
	trace.Closing("responses", reader.responses)
	close(reader.responses)
	reader.stream = nil
	return nil
}
