package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// outcome is what came of the calls of one connection.
type outcome struct {
	asked         int
	latencies     []time.Duration // of whole answers with status 0 within the window
	statuses      map[string]int  // of all calls, before and after the window too
	messages      map[string]string
	malformed     int
	fewest, most  int // bytes of a message
	measuredBytes int
}

func newOutcome() outcome {
	return outcome{statuses: map[string]int{}, messages: map[string]string{}, latencies: make([]time.Duration, 0, 1<<18)}
}

func (o *outcome) enter(one *call, took time.Duration, counts bool) {
	status := one.status
	if status == "" {
		status = "missing"
	}
	o.statuses[status]++
	if status != "0" {
		if _, known := o.messages[status]; !known {
			o.messages[status] = one.message
		}
		return
	}
	size := len(one.answer) - prefix
	if size < 0 || one.answer[0] != 0 || int(binary.BigEndian.Uint32(one.answer[1:prefix])) != size {
		o.malformed++
		return
	}
	if o.most == 0 || size < o.fewest {
		o.fewest = size
	}
	o.most = max(o.most, size)
	if counts {
		o.latencies = append(o.latencies, took)
		o.measuredBytes += size
	}
}

// record keeps some answers for whoever wants to look whether they are right.
type record struct {
	room  atomic.Int64
	mutex sync.Mutex
	kept  []sample
}

type sample struct {
	Body   int    `json:"body"`
	Answer []byte `json:"answer"`
}

func newRecord(keep int) *record {
	r := &record{}
	r.room.Store(int64(keep))
	return r
}

func (r *record) keep(one *call) {
	if r.room.Load() <= 0 || one.status != "0" || len(one.answer) < prefix || r.room.Add(-1) < 0 {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.kept = append(r.kept, sample{one.body, slices.Clone(one.answer[prefix:])})
}

func (r *record) save(file string) error {
	if file == "" {
		return nil
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	buffered := bufio.NewWriter(out)
	encoder := json.NewEncoder(buffered)
	for _, one := range r.kept {
		if err := encoder.Encode(one); err != nil {
			return err
		}
	}
	return buffered.Flush()
}

type report struct {
	Seconds          float64           `json:"seconds"`
	Answered         int               `json:"answered"`
	Rate             float64           `json:"rate"`
	P50              float64           `json:"p50_micros"`
	P90              float64           `json:"p90_micros"`
	P99              float64           `json:"p99_micros"`
	Max              float64           `json:"max_micros"`
	Asked            int               `json:"asked"`
	Statuses         map[string]int    `json:"statuses"`
	Messages         map[string]string `json:"messages"`
	Malformed        int               `json:"malformed"`
	Fewest           int               `json:"fewest_bytes"`
	Most             int               `json:"most_bytes"`
	Bytes            int               `json:"measured_bytes"`
	ProcessorSeconds float64           `json:"processor_seconds"`
	Exhausted        bool              `json:"exhausted"`
	StreamMessages   int               `json:"stream_messages"`
	StreamEvents     int               `json:"stream_events"`
	StreamBytes      int               `json:"stream_bytes"`
	AllEvents        int               `json:"all_events"`
	CaughtUp         int               `json:"caught_up"`
}

func (r *record) report(connections []*connection, measured time.Duration) report {
	all := report{Seconds: measured.Seconds(), Statuses: map[string]int{}, Messages: map[string]string{}}
	var latencies []time.Duration
	for _, c := range connections {
		o := c.outcome
		latencies = append(latencies, o.latencies...)
		all.Asked += o.asked
		all.StreamMessages += c.streams.messages
		all.StreamEvents += c.streams.events
		all.StreamBytes += c.streams.bytes
		all.AllEvents += c.streams.allEvents
		all.CaughtUp += c.streams.caughtUp
		all.Malformed += o.malformed
		all.Bytes += o.measuredBytes
		all.Most = max(all.Most, o.most)
		if o.most > 0 && (all.Fewest == 0 || o.fewest < all.Fewest) {
			all.Fewest = o.fewest
		}
		for status, n := range o.statuses {
			all.Statuses[status] += n
		}
		for status, message := range o.messages {
			all.Messages[status] = message
		}
	}
	all.Answered = len(latencies)
	all.Rate = float64(all.Answered) / all.Seconds
	if len(latencies) == 0 {
		return all
	}
	slices.Sort(latencies)
	at := func(percent int) float64 {
		// The smallest latency that so many percent of the calls did not exceed.
		return float64(latencies[(len(latencies)*percent+99)/100-1].Nanoseconds()) / 1e3
	}
	all.P50, all.P90, all.P99, all.Max = at(50), at(90), at(99), at(100)
	return all
}
