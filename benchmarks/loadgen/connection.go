package main

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const (
	// What a client of gRPC's own arrives at once it has measured the line: answers never wait for the window.
	streamWindow     = 4 << 20
	connectionWindow = 64 << 20
	initialWindow    = 65_535 // of HTTP/2, before anybody says otherwise
	// How long the server may stay silent while calls are under way.
	patience = 30 * time.Second
)

// window is the time that counts.
type window struct{ begin, end time.Time }

// call is a request under way.
type call struct {
	started time.Time
	body    int
	answer  []byte
	status  string
	message string
	unread  int // bytes of a stream for which no more room was given yet
}

// connection is one HTTP/2 connection and the callers that share it, all in one goroutine: whatever the server sent
// together is read, and asked again, together.
type connection struct {
	callers int
	pause   time.Duration
	bodies  *bodies
	window  window
	record  *record

	socket   *socket
	in       *bufio.Reader
	out      *bufio.Writer
	framer   *http2.Framer
	encoder  *hpack.Encoder
	encoded  bytes.Buffer
	decoder  *hpack.Decoder
	decoding *call
	head     []hpack.HeaderField

	calls      map[uint32]*call
	free       []*call
	nextStream uint32
	mayBeSent  int
	unread     int
	waiting    int
	paused     []time.Time // when callers who were refused ask again, the soonest first
	outcome    outcome

	streaming, untilCaughtUp bool
	streams                  streamed
}

func dial(o options, callers int, b *bodies, w window, r *record) (*connection, error) {
	socket, err := open(o.address, patience)
	if err != nil {
		return nil, err
	}
	c := &connection{
		callers: callers, pause: o.pause, bodies: b, window: w, record: r, socket: socket,
		in: bufio.NewReaderSize(socket, 256<<10), out: bufio.NewWriterSize(socket, 64<<10),
		calls: map[uint32]*call{}, nextStream: 1, mayBeSent: initialWindow, outcome: newOutcome(),
		streaming: o.stream, untilCaughtUp: o.untilCaughtUp,
	}
	c.framer = http2.NewFramer(c.out, c.in)
	c.framer.SetReuseFrames()
	c.encoder = hpack.NewEncoder(&c.encoded)
	c.decoder = hpack.NewDecoder(4096, c.header)
	c.head = head(o)
	return c, nil
}

func head(o options) []hpack.HeaderField {
	fields := []hpack.HeaderField{
		{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "http"},
		{Name: ":path", Value: o.path}, {Name: ":authority", Value: o.address},
		{Name: "content-type", Value: "application/grpc"}, {Name: "user-agent", Value: "loadgen/1"},
		{Name: "te", Value: "trailers"},
	}
	for _, pair := range o.metadata {
		name, value, _ := strings.Cut(pair, "=")
		fields = append(fields, hpack.HeaderField{Name: name, Value: value})
	}
	return fields
}

// serve makes calls until the window is over and all of them are answered.
func (c *connection) serve() error {
	defer c.socket.Close()
	c.out.WriteString(http2.ClientPreface)
	c.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: streamWindow},
		http2.Setting{ID: http2.SettingEnablePush, Val: 0})
	c.framer.WriteWindowUpdate(0, connectionWindow-initialWindow)
	for range c.callers {
		c.ask(time.Now())
	}
	for c.resume(); len(c.calls) > 0 || c.waiting > 0 || len(c.paused) > 0; c.resume() {
		if c.streaming && c.ended() {
			return nil // closing the connection ends its streams
		}
		if c.in.Buffered() == 0 {
			if err := c.out.Flush(); err != nil {
				return err
			}
			if len(c.paused) > 0 && !c.socket.readable(time.Until(c.paused[0])) {
				continue
			}
		}
		frame, err := c.framer.ReadFrame()
		if err != nil {
			return fmt.Errorf("with %d calls under way: %w", len(c.calls), err)
		}
		if err := c.handle(frame); err != nil {
			return err
		}
	}
	return nil
}

// ask sends the next request, or leaves the caller waiting until the server has room for it.
func (c *connection) ask(now time.Time) {
	if c.mayBeSent < largestBody {
		c.waiting++
		return
	}
	number, body := c.bodies.next()
	if body == nil {
		return
	}
	c.encoded.Reset()
	for _, field := range c.head {
		c.encoder.WriteField(field) // into memory: cannot fail
	}
	stream := c.nextStream
	c.nextStream += 2
	c.framer.WriteHeaders(http2.HeadersFrameParam{
		StreamID: stream, BlockFragment: c.encoded.Bytes(), EndHeaders: true,
	})
	c.framer.WriteData(stream, true, body) // an error stays in the buffered writer, whose Flush tells
	c.mayBeSent -= len(body)
	c.calls[stream] = c.begun(now, number)
	c.outcome.asked++
}

func (c *connection) begun(now time.Time, body int) *call {
	var one *call
	if last := len(c.free) - 1; last >= 0 {
		one, c.free = c.free[last], c.free[:last]
	} else {
		one = &call{}
	}
	*one = call{started: now, body: body, answer: one.answer[:0]}
	return one
}

func (c *connection) handle(frame http2.Frame) error {
	switch f := frame.(type) {
	case *http2.DataFrame:
		return c.data(f)
	case *http2.HeadersFrame:
		if !f.HeadersEnded() {
			return fmt.Errorf("headers in several frames are not understood")
		}
		c.decoding = c.calls[f.StreamID]
		if _, err := c.decoder.Write(f.HeaderBlockFragment()); err != nil {
			return err
		}
		if err := c.decoder.Close(); err != nil {
			return err
		}
		if f.StreamEnded() {
			c.answered(f.StreamID)
		}
	case *http2.RSTStreamFrame:
		if one := c.calls[f.StreamID]; one != nil {
			one.status = "RST_STREAM " + f.ErrCode.String()
			c.answered(f.StreamID)
		}
	case *http2.WindowUpdateFrame:
		if f.StreamID == 0 {
			c.mayBeSent += int(f.Increment)
			c.retry()
		}
	case *http2.SettingsFrame:
		if !f.IsAck() {
			return c.framer.WriteSettingsAck()
		}
	case *http2.PingFrame:
		if !f.IsAck() {
			return c.framer.WritePing(true, f.Data)
		}
	case *http2.GoAwayFrame:
		return fmt.Errorf("the server goes away: %v %s", f.ErrCode, f.DebugData())
	}
	return nil
}

func (c *connection) data(f *http2.DataFrame) error {
	one := c.calls[f.StreamID]
	if one != nil && c.streaming {
		now := time.Now()
		counts := c.untilCaughtUp || !now.Before(c.window.begin) && now.Before(c.window.end)
		if err := c.streams.take(one, f.Data(), counts); err != nil {
			return err
		}
		if one.unread += int(f.Length); one.unread >= streamWindow/4 {
			if err := c.framer.WriteWindowUpdate(f.StreamID, uint32(one.unread)); err != nil {
				return err
			}
			one.unread = 0
		}
	} else if one != nil {
		one.answer = append(one.answer, f.Data()...)
	}
	c.unread += int(f.Length)
	if c.unread >= connectionWindow/4 {
		if err := c.framer.WriteWindowUpdate(0, uint32(c.unread)); err != nil {
			return err
		}
		c.unread = 0
	}
	if f.StreamEnded() {
		c.answered(f.StreamID)
	}
	return nil
}

func (c *connection) header(field hpack.HeaderField) {
	if c.decoding == nil {
		return
	}
	switch field.Name {
	case "grpc-status":
		c.decoding.status = field.Value
	case "grpc-message":
		c.decoding.message = field.Value
	case ":status":
		if field.Value != "200" {
			c.decoding.status = "HTTP " + field.Value
		}
	}
}

func (c *connection) answered(stream uint32) {
	one := c.calls[stream]
	if one == nil {
		return
	}
	delete(c.calls, stream)
	now := time.Now()
	if c.streaming {
		c.outcome.statuses[one.status]++ // no stream ends by itself
		c.outcome.messages[one.status] = one.message
		return
	}
	counts := !now.Before(c.window.begin) && now.Before(c.window.end)
	c.outcome.enter(one, now.Sub(one.started), counts)
	if counts {
		c.record.keep(one)
	}
	c.free = append(c.free, one)
	if one.status != "0" && c.pause > 0 {
		c.paused = append(c.paused, now.Add(c.pause))
	} else if now.Before(c.window.end) {
		c.ask(now)
	}
}

// resume lets callers go on whose pause is over.
func (c *connection) resume() {
	if len(c.paused) == 0 {
		return
	}
	now := time.Now()
	for len(c.paused) > 0 && !c.paused[0].After(now) {
		c.paused = c.paused[1:]
		if now.Before(c.window.end) {
			c.ask(now)
		}
	}
}

// retry lets callers go on who waited for room.
func (c *connection) retry() {
	now := time.Now()
	for n := c.waiting; n > 0 && c.mayBeSent >= largestBody; n-- {
		c.waiting--
		if now.Before(c.window.end) {
			c.ask(now)
		}
	}
}
