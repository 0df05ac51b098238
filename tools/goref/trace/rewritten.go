// SPDX-License-Identifier: Apache-2.0

package trace

// The following is used only by rewritten packages. In each form, T is determined by the channel
// alone, so that a value may be of any type that can be assigned to it.

// Recv is <-ch.
func Recv[T any](name string, ch <-chan T) T {
	Receiving(name, ch)
	return <-ch
}

// Recv2 is the receive that also returns whether the channel is still open.
func Recv2[T any](name string, ch <-chan T) (T, bool) {
	Receiving(name, ch)
	value, open := <-ch
	return value, open
}

// Close is close(ch).
func Close[T any](name string, ch chan<- T) {
	Closing(name, ch)
	close(ch)
}

// To is ch <- value, as To(name, ch)(value).
func To[T any](name string, ch chan<- T) func(T) {
	return func(value T) {
		Sending(name, ch, value)
		ch <- value
	}
}

// Value converts value to the element type of ch, as Value(ch)(value).
func Value[T any](chan<- T) func(T) T {
	return func(value T) T { return value }
}

// Loop is a range over a channel: for l := Range(name, ch); l.Next(); { ... l.Value ... }.
type Loop[T any] struct {
	Value T
	name  string
	ch    <-chan T
}

// Range begins a Loop.
func Range[T any](name string, ch <-chan T) *Loop[T] { return &Loop[T]{name: name, ch: ch} }

// Next is false when the channel is closed and empty.
func (loop *Loop[T]) Next() (open bool) {
	loop.Value, open = Recv2(loop.name, loop.ch)
	return open
}
