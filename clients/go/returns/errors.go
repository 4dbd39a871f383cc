package returns

import (
	"context"
	"maps"
	"slices"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Domain of the reasons in google.rpc.ErrorInfo.
const Domain = "returns.commerce"

// Error says why a call failed.
//
//	var refused *returns.Error
//	if errors.Is(err, returns.ErrInvalidState) && errors.As(err, &refused) {
//		log.Print(refused.Metadata["state"])
//	}
type Error struct {
	// Code is gRPC's.
	Code codes.Code
	// Reason is the service's, or empty where the error is not the service's own: nobody answered, say.
	Reason Reason
	// Message is for people.
	Message string
	// Metadata has the facts, by the keys that the contract's ErrorReason names.
	Metadata map[string]string
	// Violations are the fields that are wrong.
	Violations []Violation
	// RetryDelay is how long the service asks to wait before another try; 0 where it does not say.
	RetryDelay time.Duration
	// RequestID is what the call was sent with. Where it is not known whether the call was done (DEADLINE_EXCEEDED,
	// UNAVAILABLE), send it again with this id: it has one effect.
	RequestID string

	status *status.Status
}

// Violation is a field of a request that is wrong.
type Violation struct {
	Field, Description string
}

// Error is a line for people: code, reason, facts and message.
func (e *Error) Error() string {
	said := code.Code_name[int32(e.Code)]
	if e.Reason != "" {
		said += " " + string(e.Reason)
	}
	for _, key := range slices.Sorted(maps.Keys(e.Metadata)) {
		said += " " + key + "=" + e.Metadata[key]
	}
	return said + ": " + e.Message
}

// Is lets errors.Is ask for a reason, and for the errors of a context.
func (e *Error) Is(target error) bool {
	switch target {
	case context.DeadlineExceeded:
		return e.Code == codes.DeadlineExceeded
	case context.Canceled:
		return e.Code == codes.Canceled
	}
	reason, ok := target.(Reason)
	return ok && reason == e.Reason
}

// GRPCStatus is the status that gRPC has of the call.
func (e *Error) GRPCStatus() *status.Status { return e.status }

// RefusalIn is the error in a status that stands inside an answer, such as a failure of ImportOrders.
func RefusalIn(said *statuspb.Status) *Error {
	return errorIn(status.FromProto(said))
}

func errorOf(err error) *Error {
	if known, ok := err.(*Error); ok {
		return known
	}
	return errorIn(status.Convert(err))
}

func errorIn(said *status.Status) *Error {
	known := &Error{Code: said.Code(), Message: said.Message(), status: said}
	for _, detail := range said.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			if detail.GetDomain() == Domain {
				known.Reason = Reason(detail.GetReason())
				known.Metadata = detail.GetMetadata()
			}
		case *errdetails.BadRequest:
			for _, one := range detail.GetFieldViolations() {
				known.Violations = append(known.Violations, Violation{one.GetField(), one.GetDescription()})
			}
		case *errdetails.RetryInfo:
			known.RetryDelay = detail.GetRetryDelay().AsDuration()
		}
	}
	return known
}

// Reason is a name of the contract's ErrorReason without its prefix. The package has one for each, to be asked for with
// errors.Is; a service of a later release may answer others.
type Reason string

// Error is the reason's name, which makes it something to compare errors with.
func (r Reason) Error() string { return string(r) }

// What each means, and the facts that come with it, is said at ErrorReason in the contract.
const (
	ErrFieldInvalid              Reason = "FIELD_INVALID"
	ErrFilterInvalid             Reason = "FILTER_INVALID"
	ErrPageTokenInvalid          Reason = "PAGE_TOKEN_INVALID"
	ErrCursorInvalid             Reason = "CURSOR_INVALID"
	ErrRequestIDReused           Reason = "REQUEST_ID_REUSED"
	ErrCurrencyMismatch          Reason = "CURRENCY_MISMATCH"
	ErrReturnNotFound            Reason = "RETURN_NOT_FOUND"
	ErrOrderNotFound             Reason = "ORDER_NOT_FOUND"
	ErrLineNotFound              Reason = "LINE_NOT_FOUND"
	ErrWebhookEndpointNotFound   Reason = "WEBHOOK_ENDPOINT_NOT_FOUND"
	ErrReturnExists              Reason = "RETURN_EXISTS"
	ErrInvalidState              Reason = "INVALID_STATE"
	ErrQuantityExceedsReturnable Reason = "QUANTITY_EXCEEDS_RETURNABLE"
	ErrQuantityExceedsApproved   Reason = "QUANTITY_EXCEEDS_APPROVED"
	ErrNotReturnable             Reason = "NOT_RETURNABLE"
	ErrOrderQuantityClaimed      Reason = "ORDER_QUANTITY_CLAIMED"
	ErrOrderNotOfRequestor       Reason = "ORDER_NOT_OF_REQUESTOR"
	ErrTargetRefused             Reason = "TARGET_REFUSED"
	ErrEtagMismatch              Reason = "ETAG_MISMATCH"
	ErrConflict                  Reason = "CONFLICT"
	ErrTokenMissing              Reason = "TOKEN_MISSING"
	ErrTokenInvalid              Reason = "TOKEN_INVALID"
	ErrTokenExpired              Reason = "TOKEN_EXPIRED"
	ErrScopeMissing              Reason = "SCOPE_MISSING"
	ErrRequiresManageScope       Reason = "REQUIRES_MANAGE_SCOPE"
	ErrTenantMismatch            Reason = "TENANT_MISMATCH"
	ErrOverloaded                Reason = "OVERLOADED"
	ErrTooManyStreams            Reason = "TOO_MANY_STREAMS"
	ErrStorageUnavailable        Reason = "STORAGE_UNAVAILABLE"
	ErrDraining                  Reason = "DRAINING"
	ErrCursorExpired             Reason = "CURSOR_EXPIRED"
	ErrInternal                  Reason = "INTERNAL"
	ErrNotImplemented            Reason = "NOT_IMPLEMENTED"
	ErrDeadlineExceeded          Reason = "DEADLINE_EXCEEDED"
)
