package returns_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	returnsv1 "returns.commerce/client/commerce/returns/v1"
	"returns.commerce/client/returns"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Fails so many times, then answers.
func failing(times int, with error) func(context.Context, *returnsv1.CreateReturnRequest) (*returnsv1.Return, error) {
	return func(context.Context, *returnsv1.CreateReturnRequest) (*returnsv1.Return, error) {
		if times--; times >= 0 {
			return nil, with
		}
		return &returnsv1.Return{Number: "R-000001"}, nil
	}
}

func TestAnUnavailableCallIsRepeatedWithOneRequestID(t *testing.T) {
	for _, code := range []codes.Code{codes.Unavailable, codes.Canceled} {
		server := &scripted{create: failing(4, status.Error(code, "later"))}
		client := serve(t, server, returns.WithDeadline(time.Minute))
		request := &returnsv1.CreateReturnRequest{Parent: "tenants/acme"}
		if _, err := client.Returns.CreateReturn(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		if len(server.created) != 5 {
			t.Errorf("%v: %d attempts", code, len(server.created))
		}
		for _, attempt := range server.created {
			if _, err := uuid.Parse(attempt.GetRequestId()); err != nil || attempt.GetRequestId() != server.created[0].GetRequestId() {
				t.Errorf("%v: request id %q", code, attempt.GetRequestId())
			}
		}
		if request.GetRequestId() != "" {
			t.Error("the caller's request was changed: sent again, it would be no other call")
		}
	}
}

func TestAnythingElseIsNotRepeated(t *testing.T) {
	for _, code := range []codes.Code{
		codes.Internal, codes.Unknown, codes.Aborted, codes.ResourceExhausted, codes.DeadlineExceeded, codes.FailedPrecondition,
	} {
		server := &scripted{create: failing(1, status.Error(code, "no"))}
		_, err := serve(t, server).Returns.CreateReturn(t.Context(), &returnsv1.CreateReturnRequest{})
		if status.Code(err) != code || len(server.created) != 1 {
			t.Errorf("%v: %v after %d attempts", code, err, len(server.created))
		}
	}
}

func TestTheCallersOwnRequestIDIsSentAndToldWithTheError(t *testing.T) {
	server := &scripted{create: failing(1, refusal(codes.Internal, returns.ErrInternal, nil))}
	const id = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"
	_, err := serve(t, server).Returns.CreateReturn(t.Context(), &returnsv1.CreateReturnRequest{RequestId: id})
	var refused *returns.Error
	if !errors.As(err, &refused) || refused.RequestID != id || server.created[0].GetRequestId() != id {
		t.Errorf("%v, sent %q", err, server.created[0].GetRequestId())
	}
}

func TestACallWithoutADeadlineEndsAfterTheDefault(t *testing.T) {
	server := &scripted{create: func(ctx context.Context, _ *returnsv1.CreateReturnRequest) (*returnsv1.Return, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	client := serve(t, server, returns.WithDeadline(200*time.Millisecond))
	_, err := client.Returns.CreateReturn(t.Context(), &returnsv1.CreateReturnRequest{})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestRepeatingEndsWithTheReasonWhereThePauseWouldOutlastTheDeadline(t *testing.T) {
	anHour := &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Hour)}
	refusals := []error{
		refusal(codes.Unavailable, returns.ErrStorageUnavailable, nil),
		refusal(codes.Unavailable, returns.ErrDraining, nil, anHour),
	}
	server := &scripted{}
	server.create = func(context.Context, *returnsv1.CreateReturnRequest) (*returnsv1.Return, error) {
		return nil, refusals[len(server.created)-1]
	}
	client := serve(t, server, returns.WithDeadline(time.Minute))
	_, err := client.Returns.CreateReturn(t.Context(), &returnsv1.CreateReturnRequest{})
	var refused *returns.Error
	if !errors.Is(err, returns.ErrDraining) || !errors.As(err, &refused) || refused.RetryDelay != time.Hour {
		t.Error(err)
	}
	if len(server.created) != 2 {
		t.Errorf("%d attempts", len(server.created))
	}
}

func TestAnErrorHasReasonFactsAndFields(t *testing.T) {
	wrong := &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
		{Field: "draft.orders", Description: "needs one"},
	}}
	server := &scripted{create: failing(1, refusal(
		codes.InvalidArgument, returns.ErrFieldInvalid, map[string]string{"field": "draft.orders", "a": "b"}, wrong,
	))}
	_, err := serve(t, server).Returns.CreateReturn(t.Context(), &returnsv1.CreateReturnRequest{})
	var refused *returns.Error
	if !errors.As(err, &refused) || !errors.Is(err, returns.ErrFieldInvalid) || errors.Is(err, returns.ErrInternal) {
		t.Fatal(err)
	}
	if err.Error() != "INVALID_ARGUMENT FIELD_INVALID a=b field=draft.orders: because" {
		t.Error(err)
	}
	if len(refused.Violations) != 1 || refused.Violations[0] != (returns.Violation{Field: "draft.orders", Description: "needs one"}) {
		t.Error(refused.Violations)
	}
}

func TestAReasonOfAnotherDomainIsNotOurs(t *testing.T) {
	said, _ := status.New(codes.Unauthenticated, "no").WithDetails(
		&errdetails.ErrorInfo{Reason: "TOKEN_EXPIRED", Domain: "proxy.example"},
	)
	if known := returns.RefusalIn(said.Proto()); known.Reason != "" || errors.Is(known, returns.ErrTokenExpired) {
		t.Error(known)
	}
}

func TestEveryReasonOfTheContractHasAnError(t *testing.T) {
	source, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	for number, name := range returnsv1.ErrorReason_name {
		reason := strings.TrimPrefix(name, "ERROR_REASON_")
		if number != 0 && !strings.Contains(string(source), `Reason = "`+reason+`"`) {
			t.Errorf("errors.go lacks %s", reason)
		}
	}
}

func TestATokenIsSentAndAskedForAnewWhenItRanOut(t *testing.T) {
	tokens := []string{"old", "old", "new", "new"}
	source := func(context.Context) (string, error) {
		token := tokens[0]
		tokens = tokens[1:]
		return token, nil
	}
	server := &scripted{create: failing(1, refusal(codes.Unauthenticated, returns.ErrTokenExpired, nil))}
	client := serve(t, server, returns.WithToken(source))
	_, err := client.Returns.CreateReturn(t.Context(), &returnsv1.CreateReturnRequest{})
	// "old" was sent, and is still what the source has: another attempt would change nothing.
	if !errors.Is(err, returns.ErrTokenExpired) {
		t.Error(err)
	}
	server.create = failing(1, refusal(codes.Unauthenticated, returns.ErrTokenExpired, nil))
	tokens = []string{"old", "new", "new"}
	if _, err := client.Returns.CreateReturn(t.Context(), &returnsv1.CreateReturnRequest{}); err != nil {
		t.Error(err)
	}
	if got := strings.Join(server.tokens, ","); got != "Bearer old,Bearer old,Bearer new" {
		t.Error(got)
	}
}

func TestATokenThatCannotBeHadFailsTheCall(t *testing.T) {
	server := &scripted{create: failing(0, nil)}
	broken := errors.New("the vault is closed")
	client := serve(t, server, returns.WithToken(func(context.Context) (string, error) { return "", broken }))
	_, err := client.Returns.CreateReturn(t.Context(), &returnsv1.CreateReturnRequest{})
	if !errors.Is(err, broken) || len(server.created) != 0 {
		t.Error(err)
	}
}

func TestAFileWithATokenIsReadAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	source := returns.FileToken(path)
	if _, err := source(t.Context()); err == nil {
		t.Error("a file that is not there gave a token")
	}
	for _, token := range []string{"one", "two"} {
		if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := source(t.Context()); got != token || err != nil {
			t.Error(got, err)
		}
	}
	if err := os.WriteFile(path, []byte(" \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := source(t.Context()); err == nil {
		t.Error("an empty file gave a token")
	}
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	for name, option := range map[string]returns.Option{
		"no such file":     returns.WithTLS(returns.TLSFiles{CA: "missing.pem"}),
		"not PEM":          returns.WithTLS(returns.TLSFiles{CA: "errors.go"}),
		"no key":           returns.WithTLS(returns.TLSFiles{Certificate: "client.pem"}),
		"no deadline":      returns.WithDeadline(0),
		"no such key pair": returns.WithTLS(returns.TLSFiles{Certificate: "client.pem", Key: "client.key"}),
	} {
		if _, err := returns.NewClient("127.0.0.1:1", option); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestPagesAreWalkedToTheLast(t *testing.T) {
	server := &scripted{list: func(request *returnsv1.ListReturnsRequest) (*returnsv1.ListReturnsResponse, error) {
		if request.GetFilter() != "state=PENDING" {
			return nil, status.Error(codes.InvalidArgument, "the filter changed")
		}
		switch request.GetPageToken() {
		case "":
			return &returnsv1.ListReturnsResponse{
				Returns: []*returnsv1.Return{{Number: "1"}, {Number: "2"}}, NextPageToken: "b",
			}, nil
		case "b": // A page may be empty and not be the last.
			return &returnsv1.ListReturnsResponse{NextPageToken: "c"}, nil
		case "c":
			return &returnsv1.ListReturnsResponse{Returns: []*returnsv1.Return{{Number: "3"}}}, nil
		default:
			return nil, refusal(codes.InvalidArgument, returns.ErrPageTokenInvalid, nil)
		}
	}}
	client := serve(t, server)
	request := &returnsv1.ListReturnsRequest{Filter: "state=PENDING"}
	for range 2 {
		var numbers string
		for one, err := range client.AllReturns(t.Context(), request) {
			if err != nil {
				t.Fatal(err)
			}
			numbers += one.GetNumber()
		}
		if numbers != "123" {
			t.Error(numbers)
		}
	}
	request.PageToken = "garbled"
	failures := 0
	for _, err := range client.AllReturns(t.Context(), request) {
		failures++
		if !errors.Is(err, returns.ErrPageTokenInvalid) {
			t.Error(err)
		}
	}
	if failures != 1 {
		t.Errorf("%d failures", failures)
	}
}
