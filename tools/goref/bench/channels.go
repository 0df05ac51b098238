// SPDX-License-Identifier: Apache-2.0

package bench

import "sync"

// oneWay: producers send numbers to as many consumers. The producers are the workers.
func oneWay(capacity, producers int) workload {
	return workload{producers, func() (func(*counter), func()) {
		ch := make(chan int64, capacity)
		var consumers sync.WaitGroup
		for i := 0; i < producers; i++ {
			consumers.Add(1)
			go func() {
				defer consumers.Done()
				for range ch {
				}
			}()
		}
		worker := func(c *counter) {
			for again := true; again; again = c.more(0) {
				ch <- c.ops
			}
		}
		return worker, func() {
			close(ch)
			consumers.Wait()
		}
	}}
}

// roundTrip: a number is sent, and sent back.
func roundTrip() workload {
	return workload{1, func() (func(*counter), func()) {
		there, back := make(chan int64), make(chan int64)
		go func() {
			for value := range there {
				back <- value
			}
		}()
		worker := func(c *counter) {
			for again := true; again; again = c.more(0) {
				there <- c.ops
				<-back
			}
		}
		return worker, func() { close(there) }
	}}
}

// selectTwo: one goroutine selects over two channels with a producer each. The producers are the workers.
func selectTwo() workload {
	return workload{2, func() (func(*counter), func()) {
		channels := [2]chan int64{make(chan int64), make(chan int64)}
		over := make(chan bool)
		go func() {
			first, second := channels[0], channels[1]
			for first != nil || second != nil {
				select {
				case _, open := <-first:
					if !open {
						first = nil
					}
				case _, open := <-second:
					if !open {
						second = nil
					}
				}
			}
			close(over)
		}()
		worker := func(c *counter) {
			for again := true; again; again = c.more(0) {
				channels[c.number] <- c.ops
			}
		}
		return worker, func() {
			close(channels[0])
			close(channels[1])
			<-over
		}
	}}
}
