// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"io"
	"sync"
	"sync/atomic"

	"goref/streamer"
)

const streamSize = 64 << 20

// filled is memory that has been written to, so that no page of it is the kernel's shared zero page.
func filled(size int) []byte {
	bytes := make([]byte, size)
	for i := range bytes {
		bytes[i] = byte(i * 131)
	}
	return bytes
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func manyReaders(readers int) {
	if streamer.MaxReaders < readers {
		streamer.MaxReaders = readers
	}
}

// readOn reads a stream, again from its beginning when it has ended, until the run is over.
func readOn(stream *streamer.AsyncStream, size int, c *counter) {
	buffer := make([]byte, size)
	reader := stream.MakeStreamReader()
	for {
		n, err := reader.Read(buffer)
		if err == io.EOF {
			must(reader.Close())
			reader = stream.MakeStreamReader()
			continue
		}
		must(err)
		if !c.more(n) {
			break
		}
	}
	must(reader.Close())
}

// read: readers of one stream from memory, each reading blocks of that size.
func read(size, readers int) workload {
	return workload{readers, func() (func(*counter), func()) {
		manyReaders(readers)
		stream := streamer.AsyncStreamFromSlice(filled(streamSize))
		worker := func(c *counter) { readOn(stream, size, c) }
		return worker, func() { must(stream.Close()) }
	}}
}

// streams: like read, but each reader has its own stream, all over the same memory.
func streams(size, count int) workload {
	return workload{count, func() (func(*counter), func()) {
		memory := filled(streamSize)
		opened := make([]*streamer.AsyncStream, count)
		for i := range opened {
			opened[i] = streamer.AsyncStreamFromSlice(memory)
		}
		worker := func(c *counter) { readOn(opened[c.number], size, c) }
		return worker, func() {
			for _, stream := range opened {
				must(stream.Close())
			}
		}
	}}
}

// counting is a sink that only counts.
type counting struct{ c *counter }

func (sink counting) Write(p []byte) (int, error) {
	sink.c.more(len(p))
	return len(p), nil
}

// writeTo: readers of one stream from memory, each of which writes it to a sink that does nothing.
// An operation is a whole stream.
func writeTo(readers int) workload {
	return workload{readers, func() (func(*counter), func()) {
		manyReaders(readers)
		stream := streamer.AsyncStreamFromSlice(filled(streamSize))
		worker := func(c *counter) {
			for again := true; again; again = !c.done() {
				reader := stream.MakeStreamReader()
				_, err := reader.WriteTo(counting{c})
				must(err)
				must(reader.Close())
			}
		}
		return worker, func() { must(stream.Close()) }
	}}
}

// hotSource gives size bytes, as many at once as requested, out of 64 KiB that stay in the cache.
type hotSource struct {
	block []byte
	left  int
}

func (source *hotSource) Read(p []byte) (int, error) {
	if source.left == 0 {
		return 0, io.EOF
	}
	if len(p) > source.left {
		p = p[:source.left]
	}
	n := copy(p, source.block)
	source.left -= n
	return n, nil
}

// fillAndRead: a stream of 64 MiB is made, filled from a source and read to the end by all readers
// at once; then the next. The counter belongs to the goroutine that makes the streams.
func fillAndRead(size, readers int) workload {
	return workload{1, func() (func(*counter), func()) {
		manyReaders(readers)
		block := filled(64 << 10)
		worker := func(c *counter) {
			for again := true; again; again = !c.done() {
				stream := streamer.AsyncStreamFromReader(streamSize, &hotSource{block, streamSize})
				ops := make([]int64, readers)
				var all sync.WaitGroup
				for i := range ops {
					all.Add(1)
					go func(ops *int64) {
						defer all.Done()
						reader := stream.MakeStreamReader()
						buffer := make([]byte, size)
						var count int64
						for {
							_, err := reader.Read(buffer)
							if err == io.EOF {
								break
							}
							must(err)
							count++
						}
						must(reader.Close())
						*ops = count
					}(&ops[i])
				}
				all.Wait()
				must(stream.Close())
				for _, count := range ops {
					c.ops += count
				}
				c.bytes += int64(readers) * streamSize
			}
		}
		return worker, func() {}
	}}
}

// liveSource is a source that is slower than its readers: it gives a block when all readers have
// read the previous one, until the time is over or left blocks are given. It counts what they have
// read.
type liveSource struct {
	block       []byte
	readers     int
	left, given int
	c           *counter
	allHaveRead <-chan struct{}
}

func (source *liveSource) Read(p []byte) (int, error) {
	if source.given > 0 {
		<-source.allHaveRead
		source.c.ops += int64(source.readers)
		source.c.bytes += int64(source.readers * len(source.block))
	}
	if source.given == source.left || source.given > 0 && source.c.done() {
		return 0, io.EOF
	}
	source.given++
	return copy(p, source.block), nil
}

// live: all readers wait at the frontier, and each block goes to all of them. An operation is a
// read.
func live(size, readers int) workload {
	return workload{1, func() (func(*counter), func()) {
		manyReaders(readers)
		block := filled(size)
		worker := func(c *counter) {
			for again := true; again; again = !c.done() {
				blocks := streamSize / size
				if blocks == 0 {
					blocks = 1
				}
				allHaveRead := make(chan struct{}, 1)
				var read atomic.Int64
				stream := streamer.AsyncStreamFromReader(blocks*size,
					&liveSource{block, readers, blocks, 0, c, allHaveRead})
				var all sync.WaitGroup
				for i := 0; i < readers; i++ {
					all.Add(1)
					go func() {
						defer all.Done()
						reader := stream.MakeStreamReader()
						buffer := make([]byte, size)
						for {
							_, err := reader.Read(buffer)
							if err == io.EOF {
								break
							}
							must(err)
							if read.Add(1)%int64(readers) == 0 {
								allHaveRead <- struct{}{}
							}
						}
						must(reader.Close())
					}()
				}
				all.Wait()
				must(stream.Close())
			}
		}
		return worker, func() {}
	}}
}

// openReader: a reader is opened and closed.
func openReader() workload {
	return workload{1, func() (func(*counter), func()) {
		stream := streamer.AsyncStreamFromSlice(filled(512))
		worker := func(c *counter) {
			for again := true; again; again = c.more(0) {
				must(stream.MakeStreamReader().Close())
			}
		}
		return worker, func() { must(stream.Close()) }
	}}
}

// openStream: a stream of 512 bytes is made, read to its end by one reader with a buffer of 4 KiB, and closed.
func openStream(fromSource bool) workload {
	return workload{1, func() (func(*counter), func()) {
		memory, buffer := filled(512), make([]byte, 4096)
		worker := func(c *counter) {
			for again := true; again; again = c.more(len(memory)) {
				var stream *streamer.AsyncStream
				if fromSource {
					stream = streamer.AsyncStreamFromReader(4096, &hotSource{memory, len(memory)})
				} else {
					stream = streamer.AsyncStreamFromSlice(memory)
				}
				reader := stream.MakeStreamReader()
				total := 0
				for {
					n, err := reader.Read(buffer)
					total += n
					if err == io.EOF {
						break
					}
					must(err)
				}
				if total != len(memory) {
					panic("a stream lost bytes")
				}
				must(reader.Close())
				must(stream.Close())
			}
		}
		return worker, func() {}
	}}
}
