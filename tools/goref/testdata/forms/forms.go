// SPDX-License-Identifier: Apache-2.0

// Package forms has the forms of channel operations that a stream does not need. A test runs it as
// it is and rewritten, and expects the same of both. It has the part of the reference's API that a
// rewritten copy must have.
package forms

import (
	"errors"
	"fmt"
	"io"
)

type AsyncStream struct{}

type StreamReader struct{ io.ReadWriteCloser }

func (StreamReader) WriteTo(io.Writer) (int64, error) { return 0, nil }

func AsyncStreamFromReader(int, io.Reader) *AsyncStream { return nil }

func AsyncStreamFromSlice([]byte) *AsyncStream {
	for _, line := range Forms() {
		fmt.Println(line)
	}
	return &AsyncStream{}
}

func (*AsyncStream) MakeStreamReader() *StreamReader { return nil }

func (*AsyncStream) Close() error { return nil }

var log []string

func say(format string, arguments ...any) { log = append(log, fmt.Sprintf(format, arguments...)) }

func evaluated[T any](name string, value T) T {
	say("evaluates %s", name)
	return value
}

// Forms returns what happened.
func Forms() []string {
	log = nil
	buffered := make(chan int, 3)
	buffered <- 1
	buffered <- 2
	buffered <- <-buffered + 10
	say("%d of %d", len(buffered), cap(buffered))
	close(buffered)
	for value := range buffered {
		value := value * 2
		say("ranges %d", value)
	}
	value, open := <-buffered
	say("%d %t", value, open)

	failures := make(chan error, 1)
	failures <- io.EOF // another type than the channel's
	failures <- nilAfter(<-failures)
	say("%v", <-failures)

	inner := make(chan chan string)
	go func(to chan<- chan string) {
		answer := make(chan string, 1)
		answer <- "nested"
		to <- answer
	}(inner)
	say("%s", <-<-inner)

	done := make(chan struct{})
	parts := [2]chan int{make(chan int), make(chan int)}
	go send(parts[:], nil, done)
	var got [2]int
	for i := 0; i < 2; i++ {
		select {
		case got[evaluated("index", 0)] = <-evaluated("first", parts[0]):
			parts[0] = nil
		case got[evaluated("other index", 1)] = <-parts[1]:
			parts[1] = nil
		}
	}
	say("%v", got)
	<-done

	full := make(chan error, 1)
	for i := 0; i < 2; i++ {
		select {
		default:
			say("full")
		case full <- evaluated("value", errors.New("kept")):
			say("sent")
		}
	}
	say("%v", <-full)

	count := 0
	ticks := make(chan int)
	go (func() {
		defer close(ticks)
		for range [3]int{} {
			ticks <- 0
		}
	})()
outer:
	for range ticks {
		if count++; count < 3 {
			continue outer
		}
	}
	say("%d ticks", count)

	go fmt.Sprintln(evaluated("argument", 1), len(parts))
	go println_(3, "constant", nil)
	go func() { select {} }()
	return log
}

func println_(int, string, error) {}

func nilAfter(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

func send(to []chan int, unused error, done chan<- struct{}) {
	for i, ch := range to {
		ch <- i + 5
	}
	done <- struct{}{}
}
