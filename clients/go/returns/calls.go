package returns

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const (
	shortestPause = 100 * time.Millisecond
	longestPause  = 3 * time.Second
)

// What every call gets: a deadline, a token, a request id, repetition, and errors with reasons.
type calls struct {
	deadline time.Duration
	token    TokenSource
}

func (c *calls) unary(
	ctx context.Context, method string, request, answer any,
	connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.deadline)
		defer cancel()
	}
	request, requestID := identified(request)
	pauses := pauses{next: shortestPause, longest: longestPause}
	for {
		authorised, token, err := c.authorised(ctx)
		if err != nil {
			return err
		}
		err = invoke(authorised, method, request, answer, connection, options...)
		if err == nil {
			return nil
		}
		refused := errorOf(err)
		refused.RequestID = requestID
		again := repeatable(ctx, refused) || c.renewed(ctx, refused, token)
		if !again || !pauses.wait(ctx, refused.RetryDelay) {
			return refused
		}
	}
}

func (c *calls) stream(
	ctx context.Context, description *grpc.StreamDesc, connection *grpc.ClientConn, method string,
	begin grpc.Streamer, options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	authorised, _, err := c.authorised(ctx)
	if err != nil {
		return nil, err
	}
	stream, err := begin(authorised, description, connection, method, options...)
	if err != nil {
		return nil, errorOf(err)
	}
	return explained{stream}, nil
}

// The context with a token, and the token.
func (c *calls) authorised(ctx context.Context) (context.Context, string, error) {
	if c.token == nil {
		return ctx, "", nil
	}
	token, err := c.token(ctx)
	if err != nil {
		return nil, "", noToken{err}
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token), token, nil
}

// The token source failed.
type noToken struct {
	why error
}

func (n noToken) Error() string { return "returns: no token: " + n.why.Error() }
func (n noToken) Unwrap() error { return n.why }

// Whether a token that ran out on the way has been replaced since it was sent.
func (c *calls) renewed(ctx context.Context, refused *Error, sent string) bool {
	if refused.Reason != ErrTokenExpired || c.token == nil {
		return false
	}
	token, err := c.token(ctx)
	return err == nil && token != sent
}

// UNAVAILABLE is what a server says that stops or has lost its database, and what gRPC says where nobody answers.
// CANCELLED, where the caller did not cancel, is what gRPC's server makes of calls that arrive while it closes.
func repeatable(ctx context.Context, refused *Error) bool {
	return refused.Code == codes.Unavailable || refused.Code == codes.Canceled && ctx.Err() == nil
}

// The request with an id of the client's own if it can have one and has none, and the id: all attempts of a call have
// the same one, hence one effect. The caller's message stays as it is, so that sending it again is another call.
func identified(request any) (any, string) {
	message, ok := request.(proto.Message)
	if !ok {
		return request, ""
	}
	field := message.ProtoReflect().Descriptor().Fields().ByName("request_id")
	if field == nil {
		return request, ""
	}
	if given := message.ProtoReflect().Get(field).String(); given != "" {
		return request, given
	}
	message = proto.Clone(message)
	id := uuid.NewString()
	message.ProtoReflect().Set(field, protoreflect.ValueOfString(id))
	return message, id
}

// Pauses that grow, a little less or more each, so that those who lost a server together do not come back together.
type pauses struct {
	next, longest time.Duration
}

// Wait for the next pause, or as long as the server asks if that is longer; false without waiting where the context
// would be over before.
func (p *pauses) wait(ctx context.Context, atLeast time.Duration) bool {
	pause := max(time.Duration(float64(p.next)*(0.5+rand.Float64())), atLeast)
	p.next = min(p.next*2, p.longest)
	if deadline, limited := ctx.Deadline(); limited && time.Until(deadline) <= pause {
		return false
	}
	return rest(ctx, pause)
}

func rest(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// A stream whose errors say why.
type explained struct {
	grpc.ClientStream
}

func (s explained) SendMsg(message any) error { return explain(s.ClientStream.SendMsg(message)) }
func (s explained) RecvMsg(message any) error { return explain(s.ClientStream.RecvMsg(message)) }
func (s explained) CloseSend() error          { return explain(s.ClientStream.CloseSend()) }

func explain(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return errorOf(err)
}
