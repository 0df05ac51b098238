// SPDX-License-Identifier: Apache-2.0

// Package unlike does what package plain does in unusual ways: every form that a channel operation
// can take in Go, other names and types of messages, a lock and a WaitGroup. Its traces must still
// equal the recordings.
package unlike

import (
	"errors"
	"io"
	"sync"
)

// Request and the rest are pointers here, with fields in another order.
type Request struct {
	reply    chan<- *answer
	from     int64
	howMuch  int64
	checked_ struct{}
}

type answer struct {
	problem error
	data    []byte
}

type counts chan struct{}

type monitorChannels struct {
	add, sub, zero counts
}

type AsyncStream struct {
	Requests        chan *Request
	addReader       counts
	subtractReader  counts
	waitZeroReaders counts
	lock            sync.Mutex
	processes       sync.WaitGroup
	closed          bool
}

type StreamReader struct {
	stream  *AsyncStream
	replies chan *answer
	offset  int64
}

var ErrAlreadyClosed = errors.New("closed already")

func newStream() (stream *AsyncStream) {
	stream = &AsyncStream{Requests: make(chan *Request), addReader: make(counts)}
	stream.subtractReader, stream.waitZeroReaders = make(counts), make(chan struct{})
	stream.processes.Add(1)
	go func() {
		defer stream.processes.Done()
		readersMonitor(monitorChannels{stream.addReader, stream.subtractReader, stream.waitZeroReaders}, 0)
	}()
	return
}

func AsyncStreamFromReader(size int, source io.Reader) *AsyncStream {
	stream, buffer := newStream(), make([]byte, size)
	var slices = make(chan answer)
	stream.processes.Add(1)
	end := error(nil)
	go (*AsyncStream).transfer(stream, buffer[:0:size], end, stream.Requests, slices)
	go func(into chan<- answer) { readIntoBuffer(buffer, source, into) }(slices)
	return stream
}

func AsyncStreamFromSlice(buffer []byte) *AsyncStream {
	stream := newStream()
	stream.processes.Add(1)
	go stream.transfer(buffer, io.EOF, stream.Requests, nil)
	return stream
}

func (stream *AsyncStream) MakeStreamReader() *StreamReader {
	stream.addReader <- struct{}{}
	return &StreamReader{stream, make(chan *answer), 0}
}

func (stream *AsyncStream) Close() error {
	if func() (was bool) {
		stream.lock.Lock()
		defer stream.lock.Unlock()
		was, stream.closed = stream.closed, true
		return
	}() {
		return ErrAlreadyClosed
	}
	select {
	case stream.waitZeroReaders <- struct{}{}:
	}
	for _, close := range []func(){
		func() { close(stream.Requests) }, func() { close(stream.addReader) },
		func() { close(stream.subtractReader) }, func() { close(stream.waitZeroReaders) },
	} {
		close()
	}
	stream.processes.Wait() // for transfer and the monitor, which have not seen the closes yet
	return nil
}

func (reader *StreamReader) ask(most int64) *Request {
	return &Request{reply: reader.replies, from: reader.offset, howMuch: most}
}

func (reader *StreamReader) Read(p []byte) (int, error) {
	reader.stream.Requests <- reader.ask(int64(len(p)))
	var reply, open = (<-reader.replies)
	if !open {
		return 0, io.ErrUnexpectedEOF
	}
	n := copy(p, reply.data)
	reader.offset += int64(n)
	return n, reply.problem
}

func (reader *StreamReader) WriteTo(sink io.Writer) (total int64, err error) {
	reader.stream.Requests <- reader.ask(32 << 10)
	for reply := range reader.replies {
		if reply.problem == io.EOF {
			break
		} else if reply.problem != nil {
			return total, reply.problem
		}
		sink.Write(reply.data)
		reader.offset += int64(len(reply.data))
		total += int64(len(reply.data))
		reader.stream.Requests <- reader.ask(32 << 10)
		continue
	}
	return
}

func (reader *StreamReader) Close() (err error) {
	if err = ErrAlreadyClosed; reader.stream != nil {
		defer func() { reader.stream, err = nil, nil }()
		defer close(reader.replies)
		reader.stream.subtractReader <- struct{}{}
	}
	return
}

func (stream *AsyncStream) transfer(body []byte, status error, questions <-chan *Request, slices <-chan answer) {
	defer stream.processes.Done()
	waiting := []*Request{}
	var state struct {
		next answer
		open bool
	}
	var never chan bool
loop:
	for {
		select {
		case never <- true:
			panic("a nil channel took something")
		default: // a trace shows nothing of this
		}
	choice:
		select {
		case question := <-questions:
			if question == nil {
				break loop
			}
			if reply := find(body, status, question); reply != nil {
				question.reply <- reply
				break choice
			}
			waiting = append(waiting, question)
		case state.next, state.open = <-slices:
			switch {
			case state.open && state.next.problem != nil:
				status = state.next.problem
			case state.open:
				body = body[:len(body)+len(state.next.data)]
			default:
				if slices = nil; status == nil {
					status = io.ErrUnexpectedEOF
				}
				continue loop
			}
			for i := 0; i < len(waiting); i++ {
				if reply := find(body, status, waiting[i]); reply != nil {
					waiting[i].reply <- reply
					waiting[i], waiting = waiting[len(waiting)-1], waiting[:len(waiting)-1]
					i--
				}
			}
		}
	}
}

func find(body []byte, status error, question *Request) *answer {
	rest := int64(len(body)) - question.from
	switch {
	case status != nil && status != io.EOF:
		return &answer{problem: status}
	case rest > question.howMuch:
		rest = question.howMuch
		fallthrough
	case rest > 0:
		return &answer{data: body[question.from : question.from+rest]}
	case status != nil:
		return &answer{problem: status}
	}
	return nil
}

type limited struct {
	into []byte
	used int
}

func (l *limited) Write(p []byte) (n int, err error) {
	n = copy(l.into[l.used:], p)
	l.used += n
	return
}

func readIntoBuffer(buffer []byte, source io.Reader, slices chan<- answer) {
	defer close(slices)
	if pusher, ok := source.(io.WriterTo); ok {
		n, err := pusher.WriteTo(&limited{into: buffer})
		if err == nil {
			slices <- answer{data: buffer[:n]}
			err = io.EOF
		}
		slices <- answer{problem: err}
		return
	}
	for {
		block := buffer
		switch {
		case len(block) == 0:
			n, err := source.Read(make([]byte, 1))
			if n > 0 {
				err = io.ErrShortBuffer
			}
			slices <- answer{problem: err}
			return
		case len(block) > 1<<16:
			block = block[:1<<16]
		}
		n, err := source.Read(block)
		if err != nil {
			slices <- answer{problem: err}
			return
		}
		if n > 0 {
			slices <- answer{data: block[:n]}
			buffer = buffer[n:]
		}
	}
}

func readersMonitor(channels monitorChannels, readers int) {
	var open bool
	for {
		switch readers {
		case 0:
			select {
			case _, open = <-channels.add:
				readers++
			case _, open = <-channels.zero:
			}
		case 100:
			if _, open = <-channels.sub; open {
				readers--
			}
		default:
			open = change(channels, &readers)
		}
		if !open {
			return
		}
	}
}

// change ends in a select, which is a terminating statement.
func change(channels monitorChannels, readers *int) bool {
	select {
	case _, open := <-channels.add:
		*readers++
		return open
	case _, open := <-channels.sub:
		*readers--
		return open
	}
}
