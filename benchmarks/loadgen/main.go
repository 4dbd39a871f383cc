// Loadgen calls one gRPC method for a while from many callers at once, each of which asks again as soon as it is
// answered, and says how fast the answers came, what status each had, and whether each was whole.
//
// Requests are prebuilt: a file of gRPC frames (a zero byte, the length in four bytes, the message), one after the
// other. They are taken in turn by all callers; with -once each at most once.
//
// Standard output: the line "measuring" when the warm-up is over, "measured" when the time is, then one JSON object.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"
)

type metadata []string

func (m *metadata) String() string     { return strings.Join(*m, ", ") }
func (m *metadata) Set(v string) error { *m = append(*m, v); return nil }

type options struct {
	address, path, bodies, samples string
	callers, connections, keep     int
	warm, measure, pause           time.Duration
	once, stream, untilCaughtUp    bool
	metadata                       metadata
}

func parse() options {
	var o options
	flag.StringVar(&o.address, "address", "", "host:port that serves gRPC without TLS")
	flag.StringVar(&o.path, "path", "", "the method: /package.Service/Method")
	flag.StringVar(&o.bodies, "bodies", "", "file of gRPC frames to send")
	flag.StringVar(&o.samples, "samples", "", "file for answers that are kept, a JSON object a line")
	flag.IntVar(&o.callers, "callers", 1, "calls under way at any time")
	flag.IntVar(&o.connections, "connections", 1, "connections that the callers share")
	flag.IntVar(&o.keep, "keep", 0, "how many answers to keep")
	flag.DurationVar(&o.warm, "warm", time.Second, "time before measuring")
	flag.DurationVar(&o.measure, "measure", 5*time.Second, "time that is measured")
	flag.DurationVar(&o.pause, "pause", 0, "how long a caller waits after a refusal, as RetryInfo asks")
	flag.BoolVar(&o.once, "once", false, "send no body twice; the run ends when all are sent")
	flag.BoolVar(&o.stream, "stream", false, "open one stream of events a caller, and read them until the time is over")
	flag.BoolVar(&o.untilCaughtUp, "until-caught-up", false, "of streams: from the start until each said caught_up")
	flag.Var(&o.metadata, "metadata", "name=value, sent with every call; may be repeated")
	flag.Parse()
	return o
}

func main() {
	if err := run(parse()); err != nil {
		fmt.Fprintln(os.Stderr, "loadgen:", err)
		os.Exit(1)
	}
}

func run(o options) error {
	bodies, err := readBodies(o.bodies, o.once)
	if err != nil {
		return err
	}
	start := time.Now()
	clock := window{start.Add(o.warm), start.Add(o.warm + o.measure)}
	log := newRecord(o.keep)
	connections := make([]*connection, o.connections)
	for i := range connections {
		callers := o.callers / o.connections
		if i < o.callers%o.connections {
			callers++
		}
		if connections[i], err = dial(o, callers, bodies, clock, log); err != nil {
			return err
		}
	}
	runtime.GOMAXPROCS(len(connections) + 1) // a thread for each connection, one for the clock
	debug.SetGCPercent(-1)                   // a run is short; a collection would wait for threads that wait for answers
	failures := make(chan error, len(connections))
	var running sync.WaitGroup
	for _, c := range connections {
		running.Go(func() { failures <- c.serve() })
	}
	var cpu <-chan float64
	if o.untilCaughtUp {
		cpu = processorTimeOf(running.Wait)
	} else {
		cpu = processorTime(clock)
	}
	running.Wait()
	close(failures)
	for failure := range failures {
		if failure != nil {
			return failure
		}
	}
	report := log.report(connections, o.measure)
	if o.untilCaughtUp {
		report.Seconds = lastCaughtUp(connections).Sub(start).Seconds()
	}
	report.ProcessorSeconds = <-cpu
	report.Exhausted = bodies.exhausted()
	if err := log.save(o.samples); err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	if err := json.NewEncoder(out).Encode(report); err != nil {
		return err
	}
	return out.Flush()
}

// processorTime announces the measured window, and delivers what this process itself spent in it.
func processorTime(w window) <-chan float64 {
	result := make(chan float64, 1)
	go func() {
		time.Sleep(time.Until(w.begin))
		fmt.Println("measuring")
		before := processorSeconds()
		time.Sleep(time.Until(w.end))
		fmt.Println("measured")
		result <- processorSeconds() - before
	}()
	return result
}

// processorTimeOf is the same around something that takes as long as it takes.
func processorTimeOf(work func()) <-chan float64 {
	result := make(chan float64, 1)
	fmt.Println("measuring")
	before := processorSeconds()
	work()
	fmt.Println("measured")
	result <- processorSeconds() - before
	return result
}

func lastCaughtUp(connections []*connection) time.Time {
	var last time.Time
	for _, c := range connections {
		if c.streams.lastCaughtUp.After(last) {
			last = c.streams.lastCaughtUp
		}
	}
	return last
}

func processorSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // RUSAGE_SELF into memory of ours cannot fail
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}
