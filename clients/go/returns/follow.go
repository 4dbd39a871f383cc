package returns

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"time"

	returnsv1 "returns.commerce/client/commerce/returns/v1"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

const longestFollowPause = 30 * time.Second

// Follow reads the events of a tenant without end, each once and in the order of its sequence: where a stream ends, the
// next goes on after the last event that was handled, and an event is handled when the body of the loop is done with it.
//
//	for event, err := range client.Follow(ctx, request) {
//		if err != nil {
//			return err
//		}
//		handle(event)
//		store(event.Cursor)
//	}
//
// To go on later, follow with AfterCursor and the cursor that was stored. An error comes once and is the last thing that
// comes: the context's, or a refusal that another try would not change, such as [ErrCursorExpired] (list the returns,
// then follow after the list's event cursor; Metadata has earliest_cursor), a wrong filter, a token that is not trusted.
func (c *Client) Follow(
	ctx context.Context, request *returnsv1.StreamReturnEventsRequest, options ...FollowOption,
) iter.Seq2[*returnsv1.ReturnEvent, error] {
	return func(yield func(*returnsv1.ReturnEvent, error) bool) {
		f := following{
			client:   c,
			asked:    proto.CloneOf(request),
			pauses:   pauses{next: shortestPause, longest: longestFollowPause},
			patience: c.patience,
			onCursor: func(string) {},
			onPause:  func(string) {},
			onLive:   func() {},
			yield:    yield,
		}
		for _, option := range options {
			option(&f)
		}
		f.run(ctx)
	}
}

// FollowOption hears of what is no event. What it is given is called on the goroutine of the loop.
type FollowOption func(*following)

// OnCursor hears each place that is safe to store, less often than each event has one, and also where the log moved on
// without an event for this reader: with a filter that matches little, only this keeps up with what is kept.
func OnCursor(hear func(cursor string)) FollowOption {
	return func(f *following) { f.onCursor = hear }
}

// OnPause hears why a stream was interrupted, before the next one begins.
func OnPause(hear func(why string)) FollowOption {
	return func(f *following) { f.onPause = hear }
}

// OnCaughtUp hears that everything that had happened when a stream began has been handled.
func OnCaughtUp(hear func()) FollowOption {
	return func(f *following) { f.onLive = hear }
}

type following struct {
	client   *Client
	asked    *returnsv1.StreamReturnEventsRequest
	pauses   pauses
	patience time.Duration
	// The sequence of the last event that was handled.
	handled int64
	// Whether a stream has brought anything yet.
	stood    bool
	onCursor func(string)
	onPause  func(string)
	onLive   func()
	yield    func(*returnsv1.ReturnEvent, error) bool
}

// The consumer left the loop.
var errLeft = errors.New("left")

// A stream ended as the server wished, and the next may begin after some time.
type farewell struct {
	why   string
	delay time.Duration
}

func (f farewell) Error() string { return f.why }

func (f *following) run(ctx context.Context) {
	for {
		token := f.tokenNow(ctx)
		err := f.read(ctx)
		var goodbye farewell
		var refused *Error
		var without noToken
		switch {
		case errors.Is(err, errLeft):
			return
		case ctx.Err() != nil:
			f.yield(nil, ctx.Err())
			return
		case errors.As(err, &goodbye):
			f.onPause(goodbye.why)
			rest(ctx, goodbye.delay)
			continue
		case errors.As(err, &refused) && (passing(refused) || f.client.calls.renewed(ctx, refused, token)):
			f.onPause(refused.Error())
			f.pause(ctx, refused.RetryDelay)
		case errors.As(err, &without) && f.stood:
			// There were tokens before: whoever makes them is away for a while.
			f.onPause(without.Error())
			f.pause(ctx, 0)
		default:
			f.yield(nil, err)
			return
		}
	}
}

func (f *following) pause(ctx context.Context, atLeast time.Duration) {
	if !f.pauses.wait(ctx, atLeast) {
		// It ends before the next try would begin.
		<-ctx.Done()
	}
}

// What may be over on another try: nobody answers, too many streams, or what a connection that broke in the middle of a
// stream may look like.
func passing(refused *Error) bool {
	switch refused.Code {
	case codes.Unavailable, codes.ResourceExhausted, codes.Canceled, codes.Unknown, codes.Internal, codes.DeadlineExceeded:
		return true
	default:
		return false
	}
}

// Read one stream to its end, which always has a reason.
func (f *following) read(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// Pings notice a connection that is gone; this notices a server that is gone behind something that answers pings.
	silence := time.AfterFunc(f.heartbeat()+f.patience, cancel)
	defer silence.Stop()
	stream, err := f.client.Returns.StreamReturnEvents(ctx, f.asked)
	if err != nil {
		return err
	}
	for {
		message, err := stream.Recv()
		fired := !silence.Stop()
		switch {
		case errors.Is(err, io.EOF):
			return &Error{Code: codes.Unavailable, Message: "the stream ended without a goodbye"}
		case err != nil:
			if fired {
				// Perhaps a large message on a slow line: wait longer for it the next time.
				f.patience *= 2
			}
			return err
		}
		f.pauses.next, f.stood = shortestPause, true
		if err := f.deal(message); err != nil {
			return err
		}
		silence.Reset(f.heartbeat() + f.patience)
	}
}

func (f *following) deal(message *returnsv1.StreamReturnEventsResponse) error {
	for _, event := range message.GetBatch().GetEvents() {
		if event.GetSequence() <= f.handled {
			continue
		}
		if !f.yield(event, nil) {
			return errLeft
		}
		// Only now is it dealt with.
		f.handled = event.GetSequence()
		f.resumeAfter(event.GetCursor())
	}
	f.resumeAfter(message.GetCursor())
	f.onCursor(message.GetCursor())
	switch content := message.GetContent().(type) {
	case *returnsv1.StreamReturnEventsResponse_CaughtUp_:
		f.onLive()
	case *returnsv1.StreamReturnEventsResponse_Goodbye_:
		why := strings.TrimPrefix(content.Goodbye.GetReason().String(), "REASON_")
		return farewell{
			why:   strings.ToLower(strings.ReplaceAll(why, "_", " ")),
			delay: content.Goodbye.GetRetryDelay().AsDuration(),
		}
	}
	return nil
}

func (f *following) resumeAfter(cursor string) {
	f.asked.Position = &returnsv1.StreamReturnEventsRequest_AfterCursor{AfterCursor: cursor}
}

// How long a stream is silent at most while all is well; the service's own default where none is asked for.
func (f *following) heartbeat() time.Duration {
	if asked := f.asked.GetHeartbeatInterval(); asked != nil {
		return asked.AsDuration()
	}
	return 15 * time.Second
}

func (f *following) tokenNow(ctx context.Context) string {
	if f.client.calls.token == nil {
		return ""
	}
	token, _ := f.client.calls.token(ctx)
	return token
}
