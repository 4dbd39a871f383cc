package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
)

// prefix is what gRPC puts before a message: whether it is compressed, and its length.
const prefix = 5

// A request must fit into one DATA frame of the size that every HTTP/2 server accepts.
const largestBody = 16 * 1024

// bodies are requests that all callers take in turn.
type bodies struct {
	frames [][]byte
	once   bool
	taken  atomic.Int64
}

func readBodies(file string, once bool) (*bodies, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	b := &bodies{once: once}
	for len(content) >= prefix {
		size := prefix + int(binary.BigEndian.Uint32(content[1:prefix]))
		if content[0] != 0 || size > len(content) || size > largestBody {
			return nil, fmt.Errorf("%s: frame %d is compressed, cut off, or larger than %d bytes",
				file, len(b.frames), largestBody)
		}
		b.frames = append(b.frames, content[:size])
		content = content[size:]
	}
	if len(content) > 0 || len(b.frames) == 0 {
		return nil, errors.New(file + ": no gRPC frames, or something behind them")
	}
	return b, nil
}

// next is the body to send now and its number; nil when each was sent once and none may be twice.
func (b *bodies) next() (int, []byte) {
	n := int(b.taken.Add(1) - 1)
	if n >= len(b.frames) {
		if b.once {
			return 0, nil
		}
		n %= len(b.frames)
	}
	return n, b.frames[n]
}

func (b *bodies) exhausted() bool {
	return b.once && int(b.taken.Load()) > len(b.frames)
}
