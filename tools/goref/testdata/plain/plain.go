// SPDX-License-Identifier: Apache-2.0

// Package plain is an example of a user's package: the reference's API and channels, and no
// tracing. A test compares a rewritten copy of it with the recordings.
package plain

import (
	"errors"
	"io"
)

const (
	MaxReaders = 100
	readBlock  = 64 * 1024
	writeBlock = 32 * 1024
)

var ErrAlreadyClosed = errors.New("cannot close a stream twice")

type SliceRequest struct {
	offset  int
	maxsize int
	result  chan<- SliceResult
}

type SliceResult struct {
	slice []byte
	err   error
}

type NextSlice struct {
	slice        []byte
	reader_error error
}

type AsyncStream struct {
	buffer            []byte
	requests          chan SliceRequest
	add_reader        chan bool
	subtract_reader   chan bool
	wait_zero_readers chan bool
	closed            bool
}

type StreamReader struct {
	offset    int
	stream    *AsyncStream
	responses chan SliceResult
}

func AsyncStreamFromReader(buffersize int, source io.Reader) *AsyncStream {
	s := &AsyncStream{
		buffer:            make([]byte, buffersize),
		requests:          make(chan SliceRequest),
		add_reader:        make(chan bool),
		subtract_reader:   make(chan bool),
		wait_zero_readers: make(chan bool),
	}
	slices := make(chan NextSlice)
	go transfer(s.buffer, 0, nil, s.requests, slices)
	go readIntoBuffer(s.buffer, source, slices)
	go s.readersMonitor()
	return s
}

func AsyncStreamFromSlice(buf []byte) *AsyncStream {
	s := &AsyncStream{
		buffer:            buf,
		requests:          make(chan SliceRequest),
		add_reader:        make(chan bool),
		subtract_reader:   make(chan bool),
		wait_zero_readers: make(chan bool),
	}
	go transfer(s.buffer, len(buf), io.EOF, s.requests, nil)
	go s.readersMonitor()
	return s
}

func (s *AsyncStream) MakeStreamReader() *StreamReader {
	s.add_reader <- true
	return &StreamReader{0, s, make(chan SliceResult)}
}

func (s *AsyncStream) Close() error {
	if s.closed {
		return ErrAlreadyClosed
	}
	s.closed = true
	s.wait_zero_readers <- true
	close(s.requests)
	close(s.add_reader)
	close(s.subtract_reader)
	close(s.wait_zero_readers)
	return nil
}

func (r *StreamReader) Read(p []byte) (n int, err error) {
	r.stream.requests <- SliceRequest{r.offset, len(p), r.responses}
	answer, ok := <-r.responses
	if !ok {
		return 0, io.ErrUnexpectedEOF
	}
	n = copy(p, answer.slice)
	r.offset += n
	return n, answer.err
}

func (r *StreamReader) WriteTo(dest io.Writer) (written int64, err error) {
	for err == nil {
		r.stream.requests <- SliceRequest{r.offset, writeBlock, r.responses}
		answer := <-r.responses
		if err = answer.err; err == nil {
			dest.Write(answer.slice)
			r.offset += len(answer.slice)
			written += int64(len(answer.slice))
		}
	}
	if err == io.EOF {
		err = nil
	}
	return written, err
}

func (r *StreamReader) Close() error {
	if r.stream == nil {
		return ErrAlreadyClosed
	}
	r.stream.subtract_reader <- true
	close(r.responses)
	r.stream = nil
	return nil
}

func transfer(buffer []byte, size int, status error, requests <-chan SliceRequest, slices <-chan NextSlice) {
	var pending []SliceRequest

	answer := func(req SliceRequest) bool {
		if status != nil && status != io.EOF {
			req.result <- SliceResult{nil, status}
		} else if req.offset < size {
			end := req.offset + req.maxsize
			if end > size {
				end = size
			}
			req.result <- SliceResult{buffer[req.offset:end], nil}
		} else if status == io.EOF {
			req.result <- SliceResult{nil, io.EOF}
		} else {
			return false
		}
		return true
	}

	for {
		select {
		case req, valid := <-requests:
			if !valid {
				return
			}
			if !answer(req) {
				pending = append(pending, req)
			}

		case next, valid := <-slices:
			if !valid {
				if status == nil {
					status = io.ErrUnexpectedEOF
				}
				slices = nil
				break
			}
			if next.reader_error != nil {
				status = next.reader_error
			} else {
				size += len(next.slice)
			}
			for i := 0; i < len(pending); {
				if answer(pending[i]) {
					pending[i] = pending[len(pending)-1]
					pending = pending[:len(pending)-1]
				} else {
					i++
				}
			}
		}
	}
}

type bufferWriter struct{ rest []byte }

func (w *bufferWriter) Write(p []byte) (int, error) {
	n := copy(w.rest, p)
	w.rest = w.rest[n:]
	return n, nil
}

func readIntoBuffer(buffer []byte, source io.Reader, slices chan<- NextSlice) {
	defer close(slices)

	if pusher, ok := source.(io.WriterTo); ok {
		n, err := pusher.WriteTo(&bufferWriter{buffer})
		if err != nil {
			slices <- NextSlice{nil, err}
			return
		}
		slices <- NextSlice{buffer[:n], nil}
		slices <- NextSlice{nil, io.EOF}
		return
	}

	for rest := buffer; ; {
		if len(rest) == 0 {
			var one [1]byte
			n, err := source.Read(one[:])
			if n > 0 {
				err = io.ErrShortBuffer
			}
			slices <- NextSlice{nil, err}
			return
		}
		block := rest
		if len(block) > readBlock {
			block = block[:readBlock]
		}
		n, err := source.Read(block)
		if err != nil {
			slices <- NextSlice{nil, err}
			return
		}
		if n > 0 {
			slices <- NextSlice{block[:n], nil}
			rest = rest[n:]
		}
	}
}

func (s *AsyncStream) readersMonitor() {
	readers := 0
	for {
		switch {
		case readers == 0:
			select {
			case _, ok := <-s.wait_zero_readers:
				if !ok {
					return
				}
			case _, ok := <-s.add_reader:
				if !ok {
					return
				}
				readers++
			}
		case readers < MaxReaders:
			select {
			case <-s.add_reader:
				readers++
			case <-s.subtract_reader:
				readers--
			}
		default:
			<-s.subtract_reader
			readers--
		}
	}
}
