// SPDX-License-Identifier: Apache-2.0

// Package bench has the workloads that the library is measured against. Each has a name, and each
// run is one call, so that a driver can interleave this side with its own. README.md lists the
// names.
package bench

import (
	"encoding/json"
	"flag"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"goref/play"
)

// Result is one run of one workload.
type Result struct {
	Name       string  `json:"name"`
	NsPerOp    float64 `json:"ns_per_op"`
	Ops        int64   `json:"ops"`
	Bytes      int64   `json:"bytes"`
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpu_seconds"`
	Switches   int64   `json:"context_switches"`
	Threads    int     `json:"threads"` // GOMAXPROCS
	Readers    int     `json:"readers"` // workers that run at once: readers, clients, producers

	// The slowest worker's share of the mean, for workloads that run for a time with several workers.
	MinShare *float64 `json:"min_share,omitempty"`
}

// workload is one part of a benchmark: setup makes what is needed and returns the body of one
// worker, and what must be done at the end. Only the bodies' time counts.
type workload struct {
	workers int
	setup   func() (worker func(*counter), finish func())
}

// counter holds what one worker has done. It has its own cache line.
type counter struct {
	number int
	ops    int64
	bytes  int64
	limit  int64 // of ops; 0: until the time is over
	over   *atomic.Bool
	_      [88]byte
}

// more counts an operation, and returns whether to do another.
func (c *counter) more(bytes int) bool {
	c.ops++
	c.bytes += int64(bytes)
	return !c.done()
}

func (c *counter) done() bool {
	if c.limit > 0 {
		return c.ops >= c.limit
	}
	return c.over.Load()
}

// standard lists the workloads that are run when none is named.
var standard = []string{
	"read-512-1", "read-512-2", "read-512-8", "read-512-100",
	"read-4096-1", "read-4096-2", "read-4096-8", "read-4096-100",
	"read-65536-1", "read-65536-2", "read-65536-8", "read-65536-100",
	"write-to-1", "write-to-2", "write-to-8", "write-to-100",
	"fill-65536-1", "fill-65536-8", "live-512-1", "live-512-8", "live-512-100",
	"open-reader", "open-stream-slice", "open-stream-source",
	"w1", "w2", "w3", "w4", "w5",
}

// find parses a name: words, then numbers.
func find(name string) (workload, error) {
	parts := strings.Split(name, "-")
	var numbers []int
	for len(parts) > 0 {
		last := parts[len(parts)-1]
		number, err := strconv.Atoi(last)
		if err != nil || number < 1 || number > 1<<30 || strconv.Itoa(number) != last {
			break
		}
		numbers = append([]int{number}, numbers...)
		parts = parts[:len(parts)-1]
	}
	key := fmt.Sprintf("%s/%d", strings.Join(parts, "-"), len(numbers))
	switch key {
	case "read/2":
		return read(numbers[0], numbers[1]), nil
	case "streams/2":
		return streams(numbers[0], numbers[1]), nil
	case "write-to/1":
		return writeTo(numbers[0]), nil
	case "fill/2":
		return fillAndRead(numbers[0], numbers[1]), nil
	case "live/2":
		return live(numbers[0], numbers[1]), nil
	case "open-reader/0":
		return openReader(), nil
	case "open-stream-slice/0":
		return openStream(false), nil
	case "open-stream-source/0":
		return openStream(true), nil
	case "w1/0":
		return oneWay(0, 1), nil
	case "w2/0":
		return roundTrip(), nil
	case "w3/0":
		return oneWay(128, 1), nil
	case "w4/0":
		return oneWay(128, 2), nil
	case "w5/0":
		return selectTwo(), nil
	}
	return workload{}, fmt.Errorf("unknown workload %q; see goref bench --list", name)
}

// Main is the command bench.
func Main(arguments []string) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	seconds := flags.Float64("seconds", 1, "")
	ops := flags.Int64("ops", 0, "")
	asJSON := flags.Bool("json", false, "")
	list := flags.Bool("list", false, "")
	names, code, ok := play.Parse(flags, arguments)
	if !ok {
		return code
	}
	if !(*seconds > 0 && *seconds <= 3600) || *ops < 0 {
		return play.Fail("bench: --seconds must be more than 0 and at most 3600, --ops not negative")
	}
	if *list {
		fmt.Println(strings.Join(standard, "\n"))
		return 0
	}
	if len(names) == 0 {
		names = standard
	}
	workloads := make([]workload, len(names))
	for i, name := range names {
		var err error
		if workloads[i], err = find(name); err != nil {
			return play.Fail("bench: %v", err)
		}
	}
	for i, name := range names {
		result := run(name, workloads[i], time.Duration(*seconds*float64(time.Second)), *ops)
		if *asJSON {
			text, _ := json.Marshal(result)
			fmt.Println(string(text))
		} else {
			fmt.Println(result)
		}
	}
	return 0
}

func (r Result) String() string {
	text := fmt.Sprintf("%-20s %10.1f ns/op %12d ops %8.2f GB/s %6.2f s cpu", r.Name, r.NsPerOp, r.Ops,
		float64(r.Bytes)/r.Seconds/1e9, r.CPUSeconds)
	if r.MinShare != nil {
		text += fmt.Sprintf("  slowest %.2f of mean", *r.MinShare)
	}
	return text
}

// run runs a workload for a time, or for about so many operations in total.
func run(name string, work workload, duration time.Duration, ops int64) Result {
	worker, finish := work.setup()
	runtime.GC() // so that the previous run's garbage is not collected in this one
	var over atomic.Bool
	counters := make([]counter, work.workers)
	var done sync.WaitGroup
	begun, before := time.Now(), usage()
	if ops == 0 {
		timer := time.AfterFunc(duration, func() { over.Store(true) })
		defer timer.Stop()
	}
	for i := range counters {
		c := &counters[i]
		c.number, c.over = i, &over
		if ops > 0 {
			c.limit = (ops + int64(work.workers) - 1) / int64(work.workers)
		}
		done.Add(1)
		go func() {
			defer done.Done()
			worker(c)
		}()
	}
	done.Wait()
	elapsed, after := time.Since(begun).Seconds(), usage()
	finish()
	result := Result{
		Name: name, Seconds: elapsed, Threads: runtime.GOMAXPROCS(0), Readers: work.workers,
		CPUSeconds: after.cpu - before.cpu, Switches: after.switches - before.switches,
	}
	fewest := counters[0].ops
	for i := range counters {
		c := &counters[i]
		result.Ops += c.ops
		result.Bytes += c.bytes
		if c.ops < fewest {
			fewest = c.ops
		}
	}
	result.NsPerOp = elapsed * 1e9 / float64(result.Ops)
	if ops == 0 && work.workers > 1 {
		share := float64(fewest) * float64(work.workers) / float64(result.Ops)
		result.MinShare = &share
	}
	return result
}

type used struct {
	cpu      float64
	switches int64
}

func usage() used {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	cpu := time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	return used{cpu: cpu.Seconds(), switches: int64(usage.Nvcsw + usage.Nivcsw)}
}
