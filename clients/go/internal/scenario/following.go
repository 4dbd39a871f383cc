package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	returnsv1 "returns.commerce/client/commerce/returns/v1"
)

// How long events that should not come are waited for.
const afterthought = time.Second

type follower struct {
	cancel context.CancelFunc
	// Closed when the loop has ended, with err.
	ended chan struct{}
	err   error

	mutex   sync.Mutex
	handled []any
	// Closed when the next event has been handled.
	more chan struct{}
}

func (f *follower) stop() {
	f.cancel()
	<-f.ended
}

func (f *follower) soFar() ([]any, <-chan struct{}) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.handled, f.more
}

func (f *follower) handle(event any) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.handled = append(f.handled, event)
	close(f.more)
	f.more = make(chan struct{})
}

func (on *stage) follow(ctx context.Context, next step) error {
	client, err := on.client(next.As)
	if err != nil {
		return err
	}
	request := &returnsv1.StreamReturnEventsRequest{}
	if err := on.message(next.Request, request); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	one := &follower{cancel: cancel, ended: make(chan struct{}), more: make(chan struct{})}
	on.followers[next.Follower] = one
	go func() {
		defer close(one.ended)
		for event, err := range client.Follow(ctx, request) {
			if err != nil {
				one.err = err
				return
			}
			said, err := plain(event)
			if err != nil {
				one.err = err
				return
			}
			one.handle(said)
		}
	}()
	return nil
}

func (on *stage) followed(next step) error {
	one, ok := on.followers[next.Follower]
	if !ok {
		return fmt.Errorf("there is no follower %q", next.Follower)
	}
	defer one.stop()
	deadline := time.After(patience)
	if next.ExpectError != nil {
		select {
		case <-one.ended:
			return on.refused(next.ExpectError, one.err)
		case <-deadline:
			return errors.New("it still follows")
		}
	}
	filled, err := on.Variables.fill(next.ExpectEvents)
	if err != nil {
		return err
	}
	expected, ok := filled.([]any)
	if !ok {
		return errors.New("expect_events is no list")
	}
	for {
		handled, more := one.soFar()
		if len(handled) >= len(expected) {
			break
		}
		select {
		case <-more:
		case <-one.ended:
			return fmt.Errorf("it ended after %d of %d events: %w", len(handled), len(expected), one.err)
		case <-deadline:
			return fmt.Errorf("%d of %d events came", len(handled), len(expected))
		}
	}
	select {
	case <-one.ended:
		return fmt.Errorf("it ended: %w", one.err)
	case <-time.After(afterthought):
	}
	handled, _ := one.soFar()
	if err := inOrder(handled); err != nil {
		return err
	}
	return matches(expected, handled, "")
}

func inOrder(events []any) error {
	seen := map[any]bool{}
	last := int64(0)
	for _, event := range events {
		fields := event.(map[string]any)
		if seen[fields["id"]] {
			return fmt.Errorf("the event %v came twice", fields["id"])
		}
		seen[fields["id"]] = true
		sequence, err := strconv.ParseInt(fmt.Sprint(fields["sequence"]), 10, 64)
		if err != nil || sequence <= last {
			return fmt.Errorf("sequence %v after %d", fields["sequence"], last)
		}
		last = sequence
	}
	return nil
}
