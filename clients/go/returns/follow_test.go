package returns_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	returnsv1 "returns.commerce/client/commerce/returns/v1"
	"returns.commerce/client/returns"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

type streaming = grpc.ServerStreamingServer[returnsv1.StreamReturnEventsResponse]

func batch(sequences ...int64) *returnsv1.StreamReturnEventsResponse {
	content := &returnsv1.StreamReturnEventsResponse_Batch{}
	for _, sequence := range sequences {
		content.Events = append(content.Events, &returnsv1.ReturnEvent{
			Id: fmt.Sprintf("id-%d", sequence), Sequence: sequence, Cursor: fmt.Sprintf("after-%d", sequence),
		})
	}
	return &returnsv1.StreamReturnEventsResponse{
		Cursor:  fmt.Sprintf("after-%d", sequences[len(sequences)-1]),
		Content: &returnsv1.StreamReturnEventsResponse_Batch_{Batch: content},
	}
}

func send(stream streaming, messages ...*returnsv1.StreamReturnEventsResponse) {
	for _, message := range messages {
		_ = stream.Send(message)
	}
}

func TestFollowGoesOnAfterWhatWasHandledAndDropsRepeats(t *testing.T) {
	attempt := 0
	server := &scripted{stream: func(request *returnsv1.StreamReturnEventsRequest, stream streaming) error {
		attempt++
		switch attempt {
		case 1:
			send(stream, batch(1, 2), batch(3))
			return status.Error(codes.Unavailable, "gone")
		case 2:
			return status.Error(codes.Internal, "gone before a word")
		case 3: // As from a server that begins a little earlier.
			send(stream, batch(2, 3, 4))
			return nil // The end of a stream without a goodbye.
		case 4:
			send(stream, &returnsv1.StreamReturnEventsResponse{
				Cursor:  "after-9",
				Content: &returnsv1.StreamReturnEventsResponse_Checkpoint_{},
			}, &returnsv1.StreamReturnEventsResponse{
				Cursor: "after-10",
				Content: &returnsv1.StreamReturnEventsResponse_Goodbye_{Goodbye: &returnsv1.StreamReturnEventsResponse_Goodbye{
					Reason:     returnsv1.StreamReturnEventsResponse_Goodbye_REASON_MAX_AGE,
					RetryDelay: durationpb.New(time.Millisecond),
				}},
			})
			return nil
		default:
			send(stream, &returnsv1.StreamReturnEventsResponse{
				Cursor:  "after-10",
				Content: &returnsv1.StreamReturnEventsResponse_CaughtUp_{},
			}, batch(11))
			return refusal(codes.OutOfRange, returns.ErrCursorExpired, map[string]string{"earliest_cursor": "after-20"})
		}
	}}
	client := serve(t, server)
	var handled []int64
	var cursors, pauses []string
	var refused *returns.Error
	caughtUp := 0
	request := &returnsv1.StreamReturnEventsRequest{
		Position: &returnsv1.StreamReturnEventsRequest_Start_{Start: returnsv1.StreamReturnEventsRequest_START_EARLIEST},
	}
	for event, err := range client.Follow(
		t.Context(), request,
		returns.OnCursor(func(cursor string) { cursors = append(cursors, cursor) }),
		returns.OnPause(func(why string) { pauses = append(pauses, why) }),
		returns.OnCaughtUp(func() { caughtUp++ }),
	) {
		if err != nil {
			if !errors.As(err, &refused) || !errors.Is(err, returns.ErrCursorExpired) {
				t.Fatal(err)
			}
			continue // There is nothing more: the loop ends.
		}
		handled = append(handled, event.GetSequence())
	}
	if !slices.Equal(handled, []int64{1, 2, 3, 4, 11}) {
		t.Error(handled)
	}
	if refused == nil || refused.Metadata["earliest_cursor"] != "after-20" {
		t.Error(refused)
	}
	var asked []string
	for _, one := range server.asked {
		asked = append(asked, one.GetAfterCursor())
	}
	if !slices.Equal(asked, []string{"", "after-3", "after-3", "after-4", "after-10"}) {
		t.Error(asked)
	}
	if !slices.Equal(cursors, []string{"after-2", "after-3", "after-4", "after-9", "after-10", "after-10", "after-11"}) {
		t.Error(cursors)
	}
	if len(pauses) != 4 || pauses[3] != "max age" || caughtUp != 1 {
		t.Error(pauses, caughtUp)
	}
	if request.GetStart() != returnsv1.StreamReturnEventsRequest_START_EARLIEST {
		t.Error("the caller's request was changed")
	}
}

func TestLeavingTheLoopEndsTheStream(t *testing.T) {
	ended := make(chan struct{})
	server := &scripted{stream: func(_ *returnsv1.StreamReturnEventsRequest, stream streaming) error {
		send(stream, batch(1, 2, 3))
		<-stream.Context().Done()
		close(ended)
		return nil
	}}
	cursors := 0
	hear := returns.OnCursor(func(string) { cursors++ })
	for event, err := range serve(t, server).Follow(t.Context(), &returnsv1.StreamReturnEventsRequest{}, hear) {
		if err != nil {
			t.Fatal(err)
		}
		if event.GetSequence() == 2 {
			break
		}
	}
	<-ended
	if cursors != 0 {
		t.Error("a batch that was not dealt with moved the place that is safe to store")
	}
}

func TestFollowEndsWithItsContext(t *testing.T) {
	server := &scripted{stream: func(_ *returnsv1.StreamReturnEventsRequest, stream streaming) error {
		send(stream, batch(1))
		<-stream.Context().Done()
		return nil
	}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range serve(t, server).Follow(ctx, &returnsv1.StreamReturnEventsRequest{}) {
		last = err
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Error(last)
	}
}

func TestFollowWithNobodyThereEndsWithItsDeadline(t *testing.T) {
	client, err := returns.NewClient("127.0.0.1:1", returns.WithPlainText())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	pauses := 0
	var last error
	for _, err := range client.Follow(ctx, &returnsv1.StreamReturnEventsRequest{}, returns.OnPause(func(string) { pauses++ })) {
		last = err
	}
	if !errors.Is(last, context.DeadlineExceeded) || pauses == 0 || pauses > 20 {
		t.Error(last, pauses)
	}
}

func TestFollowTakesANewTokenWhenTheOldOneRanOut(t *testing.T) {
	current := "old"
	server := &scripted{stream: func(_ *returnsv1.StreamReturnEventsRequest, stream streaming) error {
		if current == "old" {
			current = "new"
			return refusal(codes.Unauthenticated, returns.ErrTokenExpired, nil)
		}
		if current == "new" {
			current = "newest"
			send(stream, batch(1))
		}
		return refusal(codes.Unauthenticated, returns.ErrTokenInvalid, nil)
	}}
	client := serve(t, server, returns.WithToken(func(context.Context) (string, error) { return current, nil }))
	var last error
	events := 0
	for _, err := range client.Follow(t.Context(), &returnsv1.StreamReturnEventsRequest{}) {
		if last = err; err == nil {
			events++
		}
	}
	if !errors.Is(last, returns.ErrTokenInvalid) || events != 1 {
		t.Error(last, events)
	}
}

func TestFollowGoesOnWhileTokensCannotBeHad(t *testing.T) {
	broken := errors.New("the vault is closed")
	asked := 0
	source := func(context.Context) (string, error) {
		if asked++; asked > 2 && asked < 8 {
			return "", broken
		}
		return "token", nil
	}
	server := &scripted{}
	server.stream = func(request *returnsv1.StreamReturnEventsRequest, stream streaming) error {
		if request.GetAfterCursor() == "" {
			send(stream, batch(1))
			return status.Error(codes.Unavailable, "gone")
		}
		return refusal(codes.OutOfRange, returns.ErrCursorExpired, nil)
	}
	var last error
	for _, err := range serve(t, server, returns.WithToken(source)).Follow(t.Context(), &returnsv1.StreamReturnEventsRequest{}) {
		last = err
	}
	if !errors.Is(last, returns.ErrCursorExpired) {
		t.Error(last)
	}
	// A source that never had one is a mistake to tell at once.
	never := func(context.Context) (string, error) { return "", broken }
	for _, err := range serve(t, server, returns.WithToken(never)).Follow(t.Context(), &returnsv1.StreamReturnEventsRequest{}) {
		last = err
	}
	if !errors.Is(last, broken) {
		t.Error(last)
	}
}

func TestASilentStreamIsLeft(t *testing.T) {
	server := &scripted{}
	server.stream = func(request *returnsv1.StreamReturnEventsRequest, stream streaming) error {
		if request.GetAfterCursor() == "" {
			send(stream, batch(1))
			<-stream.Context().Done() // And not another word.
			return nil
		}
		return refusal(codes.OutOfRange, returns.ErrCursorExpired, nil)
	}
	client := serve(t, server)
	returns.SetPatience(client, 100*time.Millisecond)
	var last error
	request := &returnsv1.StreamReturnEventsRequest{HeartbeatInterval: durationpb.New(100 * time.Millisecond)}
	for _, err := range client.Follow(t.Context(), request) {
		last = err
	}
	if !errors.Is(last, returns.ErrCursorExpired) {
		t.Error(last)
	}
}
