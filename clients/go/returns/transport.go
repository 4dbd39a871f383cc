package returns

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
)

// ServiceConfig spreads calls over all servers of the address. Repeating is not in it: gRPC's own repeating gives up
// after five attempts, and where the answer had begun to arrive; this package repeats until the deadline.
const ServiceConfig = `{"loadBalancingConfig": [{"round_robin": {}}]}`

// The largest answer: an order of 10,000 lines with long names, or an event that tells of one, with room to spare.
const maxAnswerBytes = 64 << 20

func transportOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithDefaultServiceConfig(ServiceConfig),
		grpc.WithDisableServiceConfig(),
		grpc.WithDisableRetry(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswerBytes)),
		// A connection whose other end vanished is noticed, also while nothing but a silent stream uses it.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
		// gRPC's own start at a second and grow to two minutes: longer than a server needs to start again.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 3 * time.Second},
			MinConnectTimeout: 5 * time.Second,
		}),
	}
}

// TLSFiles are PEM files. All are optional, but a certificate needs its key.
type TLSFiles struct {
	// Certificates to trust instead of the system's.
	CA string
	// The client's own certificate chain and its key, for mutual TLS. They are read again for each connection, so that
	// they can be replaced.
	Certificate, Key string
	// What the server's certificate must be for; the address's host if empty.
	ServerName string
}

// WithTLS connects with TLS and these files.
func WithTLS(files TLSFiles) Option {
	return func(s *settings) error {
		config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: files.ServerName}
		if files.CA != "" {
			pem, err := os.ReadFile(files.CA)
			if err != nil {
				return err
			}
			config.RootCAs = x509.NewCertPool()
			if !config.RootCAs.AppendCertsFromPEM(pem) {
				return fmt.Errorf("%s has no certificate in PEM form", files.CA)
			}
		}
		if (files.Certificate == "") != (files.Key == "") {
			return fmt.Errorf("a client certificate needs both its chain and its key")
		}
		if files.Certificate != "" {
			if _, err := tls.LoadX509KeyPair(files.Certificate, files.Key); err != nil {
				return err
			}
			config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				pair, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
				return &pair, err
			}
		}
		s.transport = credentials.NewTLS(config)
		return nil
	}
}

// WithTLSConfig connects with a TLS configuration of the caller's own.
func WithTLSConfig(config *tls.Config) Option {
	return func(s *settings) error {
		s.transport = credentials.NewTLS(config.Clone())
		return nil
	}
}
