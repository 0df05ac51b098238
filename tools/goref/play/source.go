// SPDX-License-Identifier: Apache-2.0

package play

import (
	"errors"
	"io"

	"goref/trace"
)

// Bytes returns the first n bytes of every source.
func Bytes(n int) []byte {
	bytes := make([]byte, n)
	fill(bytes, 0)
	return bytes
}

func fill(bytes []byte, offset int) {
	for k := range bytes {
		i := offset + k
		bytes[k] = byte(i*131 + (i>>8)*17 + (i>>16)*29 + 7)
	}
}

// script is what a source has been told to do and has not done yet. It is changed only when all is
// at rest.
type script struct {
	orders []order
	parked *trace.Process // the process that waits for an order
	offset int
}

// order is a feed of size bytes or, with an error, the end. The error comes with the last bytes or,
// if apart, with the next Read.
type order struct {
	size  int
	err   error
	apart bool
}

func errorNamed(name string) error {
	switch name {
	case "eof":
		return io.EOF
	case "short_buffer":
		return io.ErrShortBuffer
	case "unexpected_eof":
		return io.ErrUnexpectedEOF
	case "short_write":
		return io.ErrShortWrite
	}
	return errors.New(name)
}

func (source *script) give(next order) {
	source.orders = append(source.orders, next)
	if source.parked != nil {
		parked := source.parked
		source.parked = nil
		parked.Unpark()
	}
}

// next waits for an order, and returns the first, which stays until done.
func (source *script) next() *order {
	for len(source.orders) == 0 {
		source.parked = trace.Current()
		source.parked.Park()
	}
	return &source.orders[0]
}

func (source *script) done() { source.orders = source.orders[1:] }

// bytes fills p with the next bytes.
func (source *script) bytes(p []byte) {
	fill(p, source.offset)
	source.offset += len(p)
}

// pulled is a source with Read.
type pulled struct{ *script }

func (source pulled) Read(p []byte) (int, error) {
	order := source.next()
	n := order.size
	if n > len(p) {
		n = len(p)
	}
	source.bytes(p[:n])
	order.size -= n
	if order.size > 0 || order.apart && n > 0 {
		return n, nil
	}
	if order.err == nil {
		source.done() // an end stays, for later reads
		return n, nil
	}
	return n, order.err
}

// pushing is a source with WriteTo.
type pushing struct{ pulled }

func (source pushing) WriteTo(w io.Writer) (int64, error) {
	var written int64
	for {
		order := *source.next()
		if order.err == nil || order.size > 0 {
			bytes := make([]byte, order.size)
			source.bytes(bytes)
			n, err := w.Write(bytes)
			written += int64(n)
			if err == nil && n < len(bytes) {
				err = io.ErrShortWrite
			}
			if err != nil {
				return written, err
			}
		}
		if order.err == io.EOF {
			return written, nil
		}
		if order.err != nil {
			return written, order.err
		}
		source.done()
	}
}
