package main

import (
	"encoding/binary"
	"errors"
	"time"
)

// In a StreamReturnEventsResponse: the fields batch and caught_up, and events within the batch, all length-delimited.
const (
	batchTag    = 1<<3 | 2
	caughtUpTag = 3<<3 | 2
	eventsTag   = 1<<3 | 2
)

// streamed is what came of the streams of one connection.
type streamed struct {
	messages, events, bytes int // within the window
	allEvents               int
	caughtUp                int
	lastCaughtUp            time.Time
}

// take reads the whole messages that have arrived on a stream, and keeps the rest.
func (s *streamed) take(one *call, data []byte, counts bool) error {
	one.answer = append(one.answer, data...)
	rest := one.answer
	for len(rest) >= prefix {
		size := prefix + int(binary.BigEndian.Uint32(rest[1:prefix]))
		if rest[0] != 0 {
			return errors.New("a message is compressed")
		}
		if size > len(rest) {
			break
		}
		if err := s.enter(rest[prefix:size], counts); err != nil {
			return err
		}
		rest = rest[size:]
	}
	one.answer = one.answer[:copy(one.answer, rest)]
	return nil
}

func (s *streamed) enter(message []byte, counts bool) error {
	events := 0
	err := fields(message, func(tag uint64, content []byte) error {
		switch tag {
		case batchTag:
			return fields(content, func(tag uint64, _ []byte) error {
				if tag == eventsTag {
					events++
				}
				return nil
			})
		case caughtUpTag:
			s.caughtUp++
			s.lastCaughtUp = time.Now()
		}
		return nil
	})
	s.allEvents += events
	if counts && events > 0 {
		s.messages++
		s.events += events
		s.bytes += len(message)
	}
	return err
}

// fields calls for every field of an encoded message that has a length; others are not in messages of a stream.
func fields(message []byte, found func(tag uint64, content []byte) error) error {
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		if n <= 0 || tag&7 != 2 {
			return errors.New("a message is not one of a stream of events")
		}
		length, m := binary.Uvarint(message[n:])
		if m <= 0 || uint64(len(message)-n-m) < length {
			return errors.New("a message is cut off")
		}
		begin := n + m
		if err := found(tag, message[begin:begin+int(length)]); err != nil {
			return err
		}
		message = message[begin+int(length):]
	}
	return nil
}

// ended says whether the streams of a connection have been read for long enough.
func (c *connection) ended() bool {
	if c.untilCaughtUp {
		return c.streams.caughtUp >= c.callers
	}
	return !time.Now().Before(c.window.end)
}
