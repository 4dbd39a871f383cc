package returns_test

import (
	"context"
	"net"
	"sync"
	"testing"

	returnsv1 "returns.commerce/client/commerce/returns/v1"
	"returns.commerce/client/returns"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// scripted is a gRPC server that does what no healthy service does when asked to: it fails in the wanted order, repeats
// events, says nothing. What the service itself does is tried by tests/clients, on a real one.
type scripted struct {
	returnsv1.UnimplementedReturnsServiceServer

	create func(context.Context, *returnsv1.CreateReturnRequest) (*returnsv1.Return, error)
	list   func(*returnsv1.ListReturnsRequest) (*returnsv1.ListReturnsResponse, error)
	stream func(*returnsv1.StreamReturnEventsRequest, grpc.ServerStreamingServer[returnsv1.StreamReturnEventsResponse]) error

	mutex   sync.Mutex
	created []*returnsv1.CreateReturnRequest
	tokens  []string
	asked   []*returnsv1.StreamReturnEventsRequest
}

func (s *scripted) CreateReturn(
	ctx context.Context, request *returnsv1.CreateReturnRequest,
) (*returnsv1.Return, error) {
	s.mutex.Lock()
	s.created = append(s.created, request)
	s.hear(ctx)
	s.mutex.Unlock()
	return s.create(ctx, request)
}

func (s *scripted) ListReturns(
	_ context.Context, request *returnsv1.ListReturnsRequest,
) (*returnsv1.ListReturnsResponse, error) {
	return s.list(request)
}

func (s *scripted) StreamReturnEvents(
	request *returnsv1.StreamReturnEventsRequest,
	stream grpc.ServerStreamingServer[returnsv1.StreamReturnEventsResponse],
) error {
	s.mutex.Lock()
	s.asked = append(s.asked, request)
	s.hear(stream.Context())
	s.mutex.Unlock()
	return s.stream(request, stream)
}

func (s *scripted) hear(ctx context.Context) {
	given, _ := metadata.FromIncomingContext(ctx)
	for _, token := range given.Get("authorization") {
		s.tokens = append(s.tokens, token)
	}
}

func serve(t *testing.T, server *scripted, options ...returns.Option) *returns.Client {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serving := grpc.NewServer()
	returnsv1.RegisterReturnsServiceServer(serving, server)
	go func() { _ = serving.Serve(listener) }()
	t.Cleanup(serving.Stop)
	client, err := returns.NewClient(
		listener.Addr().String(), append([]returns.Option{returns.WithPlainText()}, options...)...,
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func refusal(code codes.Code, reason returns.Reason, metadata map[string]string, more ...proto.Message) error {
	said := status.New(code, "because")
	info := &errdetails.ErrorInfo{Reason: string(reason), Domain: returns.Domain, Metadata: metadata}
	detailed, err := said.WithDetails(info)
	for _, one := range more {
		if err == nil {
			switch one := one.(type) {
			case *errdetails.BadRequest:
				detailed, err = detailed.WithDetails(one)
			case *errdetails.RetryInfo:
				detailed, err = detailed.WithDetails(one)
			}
		}
	}
	if err != nil {
		panic(err)
	}
	return detailed.Err()
}
