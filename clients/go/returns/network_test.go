package returns_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	returnsv1 "returns.commerce/client/commerce/returns/v1"
	"returns.commerce/client/returns"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

func TestACallIntoNothingEndsWithItsDeadline(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // Takes connections and never says a word.
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	client, err := returns.NewClient(
		listener.Addr().String(), returns.WithPlainText(), returns.WithDeadline(300*time.Millisecond),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	began := time.Now()
	_, err = client.Returns.CreateReturn(t.Context(), &returnsv1.CreateReturnRequest{})
	var refused *returns.Error
	if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &refused) || refused.RequestID == "" {
		t.Error(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Error(took)
	}
}

// An authority of the test's own, whose certificates stand in files.
type authority struct {
	folder string
	key    *ecdsa.PrivateKey
	root   *x509.Certificate
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := authority{folder: t.TempDir()}
	a.key, a.root = a.issue(t, "ca", nil, nil)
	return a
}

func (a authority) path(name string) string { return filepath.Join(a.folder, name) }

// Writes NAME.pem and NAME.key: of the authority itself, or signed by it.
func (a authority) issue(
	t *testing.T, name string, by *x509.Certificate, with *ecdsa.PrivateKey,
) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"returns.internal"}, BasicConstraintsValid: true, IsCA: by == nil,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if by == nil {
		by, with = template, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, by, key.Public(), with)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for kind, content := range map[string]*pem.Block{
		".pem": {Type: "CERTIFICATE", Bytes: raw}, ".key": {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(a.path(name+kind), pem.EncodeToMemory(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	issued, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return key, issued
}

func TestMutualTLS(t *testing.T) {
	ours, strangers := newAuthority(t), newAuthority(t)
	ours.issue(t, "server", ours.root, ours.key)
	ours.issue(t, "client", ours.root, ours.key)
	pair, err := tls.LoadX509KeyPair(ours.path("server.pem"), ours.path("server.key"))
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AddCert(ours.root)
	var seen []string
	server := &scripted{create: func(ctx context.Context, _ *returnsv1.CreateReturnRequest) (*returnsv1.Return, error) {
		from, _ := peer.FromContext(ctx)
		seen = append(seen, from.AuthInfo.(credentials.TLSInfo).State.PeerCertificates[0].Subject.CommonName)
		return &returnsv1.Return{}, nil
	}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serving := grpc.NewServer(grpc.Creds(credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted,
	})))
	returnsv1.RegisterReturnsServiceServer(serving, server)
	go func() { _ = serving.Serve(listener) }()
	defer serving.Stop()

	call := func(files returns.TLSFiles) error {
		files.ServerName = "returns.internal"
		client, err := returns.NewClient(
			listener.Addr().String(), returns.WithTLS(files), returns.WithDeadline(time.Second),
		)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = client.Close() }()
		_, err = client.Returns.CreateReturn(t.Context(), &returnsv1.CreateReturnRequest{})
		return err
	}
	good := returns.TLSFiles{CA: ours.path("ca.pem"), Certificate: ours.path("client.pem"), Key: ours.path("client.key")}
	if err := call(good); err != nil || len(seen) != 1 || seen[0] != "client" {
		t.Error(err, seen)
	}
	for name, files := range map[string]returns.TLSFiles{
		"no certificate of its own": {CA: ours.path("ca.pem")},
		"trusts somebody else":      {CA: strangers.path("ca.pem"), Certificate: good.Certificate, Key: good.Key},
		"the system's trust":        {Certificate: good.Certificate, Key: good.Key},
		"a stranger's certificate":  {CA: good.CA, Certificate: strangers.path("ca.pem"), Key: strangers.path("ca.key")},
	} {
		if err := call(files); status.Code(err) != codes.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(seen) != 1 {
		t.Error(seen)
	}
}
