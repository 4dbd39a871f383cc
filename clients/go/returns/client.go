package returns

import (
	"fmt"
	"time"

	returnsv1 "returns.commerce/client/commerce/returns/v1"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// DefaultDeadline is how long a call may take, with all its repetitions, that brings no deadline in its context.
const DefaultDeadline = 10 * time.Second

// Client is a connection to the service, with a client for each part of it. It may be used by many goroutines at once.
type Client struct {
	Returns  returnsv1.ReturnsServiceClient
	Orders   returnsv1.OrdersServiceClient
	Policy   returnsv1.PolicyServiceClient
	Webhooks returnsv1.WebhooksServiceClient

	connection *grpc.ClientConn
	calls      *calls
	// How much longer than the interval of its heartbeats a stream may be silent.
	patience time.Duration
}

// NewClient answers a client of the service at an address, HOST:PORT or any that gRPC knows, such as
// dns:///returns.internal:443. It speaks TLS and trusts what the system trusts, unless an option says otherwise. It
// connects with the first call; close it after use. Errors are those of the options: a file that cannot be read, say.
func NewClient(address string, options ...Option) (*Client, error) {
	chosen := settings{deadline: DefaultDeadline}
	for _, option := range options {
		if err := option(&chosen); err != nil {
			return nil, fmt.Errorf("returns: %w", err)
		}
	}
	if chosen.transport == nil {
		chosen.transport = credentials.NewTLS(nil)
	}
	calls := &calls{deadline: chosen.deadline, token: chosen.token}
	dialing := append(transportOptions(),
		grpc.WithTransportCredentials(chosen.transport),
		grpc.WithChainUnaryInterceptor(calls.unary),
		grpc.WithChainStreamInterceptor(calls.stream),
	)
	connection, err := grpc.NewClient(address, append(dialing, chosen.dialing...)...)
	if err != nil {
		return nil, fmt.Errorf("returns: %w", err)
	}
	return &Client{
		Returns:    returnsv1.NewReturnsServiceClient(connection),
		Orders:     returnsv1.NewOrdersServiceClient(connection),
		Policy:     returnsv1.NewPolicyServiceClient(connection),
		Webhooks:   returnsv1.NewWebhooksServiceClient(connection),
		connection: connection,
		calls:      calls,
		patience:   time.Minute,
	}, nil
}

// Close ends the connection and every call that is under way.
func (c *Client) Close() error {
	return c.connection.Close()
}

type settings struct {
	deadline  time.Duration
	token     TokenSource
	transport credentials.TransportCredentials
	dialing   []grpc.DialOption
}

// Option changes how a client connects and calls.
type Option func(*settings) error

// WithToken sends a bearer token with every call.
func WithToken(source TokenSource) Option {
	return func(s *settings) error {
		s.token = source
		return nil
	}
}

// WithDeadline sets how long a call may take, with all its repetitions, that brings no deadline in its context. Streams
// (Follow, ImportOrders) have none but their context's.
func WithDeadline(deadline time.Duration) Option {
	return func(s *settings) error {
		if deadline <= 0 {
			return fmt.Errorf("the deadline must be positive, not %v", deadline)
		}
		s.deadline = deadline
		return nil
	}
}

// WithPlainText connects without TLS: tokens and data can be read on the way. For this machine, and behind a proxy that
// does TLS.
func WithPlainText() Option {
	return func(s *settings) error {
		s.transport = insecure.NewCredentials()
		return nil
	}
}

// WithDialOptions adds options of gRPC itself, such as interceptors. They come after the client's own: an interceptor
// sees every repetition of a call.
func WithDialOptions(options ...grpc.DialOption) Option {
	return func(s *settings) error {
		s.dialing = append(s.dialing, options...)
		return nil
	}
}
