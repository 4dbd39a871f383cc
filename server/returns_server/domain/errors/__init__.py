"""What can be wrong, each with the facts a caller needs to put it right.

Every refusal of the service is a subclass of ReturnsError with a `reason` of the contract (section 8).
How a reason travels over gRPC is the transport's one table, not said here.
"""

from returns_server.domain.errors.access import (
    Denied,
    RequiresManageScope,
    ScopeMissing,
    TenantMismatch,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
    Unauthenticated,
)
from returns_server.domain.errors.base import ReturnsError
from returns_server.domain.errors.missing import (
    LineNotFound,
    NotFound,
    OrderNotFound,
    ReturnExists,
    ReturnNotFound,
    WebhookEndpointNotFound,
)
from returns_server.domain.errors.requests import (
    CurrencyMismatch,
    CursorExpired,
    CursorInvalid,
    FieldInvalid,
    FilterInvalid,
    PageTokenInvalid,
    RequestIdReused,
    Violation,
)
from returns_server.domain.errors.rules import (
    Conflict,
    EtagMismatch,
    InvalidState,
    NotReturnable,
    OrderNotOfRequestor,
    OrderQuantityClaimed,
    QuantityExceedsApproved,
    QuantityExceedsReturnable,
    QuantityRefused,
    TargetRefused,
)
from returns_server.domain.errors.service import (
    Cause,
    DeadlineExceeded,
    Draining,
    NotImplementedYet,
    Overloaded,
    StorageUnavailable,
    TooManyStreams,
)

__all__ = [
    "Cause",
    "Conflict",
    "CurrencyMismatch",
    "CursorExpired",
    "CursorInvalid",
    "DeadlineExceeded",
    "Denied",
    "Draining",
    "EtagMismatch",
    "FieldInvalid",
    "FilterInvalid",
    "InvalidState",
    "LineNotFound",
    "NotFound",
    "NotImplementedYet",
    "NotReturnable",
    "OrderNotFound",
    "OrderNotOfRequestor",
    "OrderQuantityClaimed",
    "Overloaded",
    "PageTokenInvalid",
    "QuantityExceedsApproved",
    "QuantityExceedsReturnable",
    "QuantityRefused",
    "RequestIdReused",
    "RequiresManageScope",
    "ReturnExists",
    "ReturnNotFound",
    "ReturnsError",
    "ScopeMissing",
    "StorageUnavailable",
    "TargetRefused",
    "TenantMismatch",
    "TokenExpired",
    "TokenInvalid",
    "TokenMissing",
    "TooManyStreams",
    "Unauthenticated",
    "Violation",
    "WebhookEndpointNotFound",
]
