"""Returns: filed, listed, changed, decided, received and closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from commerce.returns.v1.party_pb2 import Approver
from commerce.returns.v1.reason_pb2 import Reason
from commerce.returns.v1.return_draft_pb2 import ReturnDraft
from commerce.returns.v1.return_pb2 import ReceiptItem, Return
from commerce.returns.v1.returnable_item_pb2 import ReturnableItem
from commerce.returns.v1.returns_service_pb2 import (
    ApprovalItem,
    ApproveReturnRequest,
    BatchGetReturnsRequest,
    CloseReturnRequest,
    CreateReturnRequest,
    DeleteReturnRequest,
    GetReturnRequest,
    ListReturnableItemsRequest,
    ListReturnableItemsResponse,
    ListReturnsRequest,
    ListReturnsResponse,
    RecordReceiptRequest,
    RejectReturnRequest,
    ReopenReturnRequest,
    UpdateReturnRequest,
)
from commerce.returns.v1.returns_service_pb2_grpc import ReturnsServiceStub
from returns_client._async.calling import AsyncCalls
from returns_client._async.paging import AsyncPages


class AsyncReturns:
    """The returns of the tenant. `name` is a return's name or its id alone.

    What all methods share: `timeout` is in seconds, by default the client's. A change takes the `etag` that was read
    (EtagMismatch if it is another one by now; empty: no check), `validate_only` to try it, and a `request_id`, by
    default a new one, so that repeating it after a lost connection has one effect. Every failure is a ReturnsError.
    """

    def __init__(self, calls: AsyncCalls) -> None:
        """Of a client."""
        self._calls = calls
        self._stub = ReturnsServiceStub(calls.channel)

    async def create(
        self,
        draft: ReturnDraft,
        *,
        return_id: str = "",
        assistance_reason: str = "",
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> Return:
        """File a return; it is pending, or approved where the policy says so.

        QuantityExceedsReturnable, NotReturnable, OrderNotFound, LineNotFound, CurrencyMismatch, OrderNotOfRequestor,
        ReturnExists.
        """
        request = CreateReturnRequest(
            parent=self._calls.parent,
            draft=draft,
            return_id=return_id,
            assistance_reason=assistance_reason,
            request_id=request_id,
            validate_only=validate_only,
        )
        return await self._calls.unary(self._stub.CreateReturn, request, timeout)

    async def get(self, name: str, *, timeout: float | None = None) -> Return:
        """One return; ReturnNotFound where there is none for this caller."""
        request = GetReturnRequest(name=self._named(name))
        return await self._calls.unary(self._stub.GetReturn, request, timeout)

    async def batch_get(
        self,
        names: Iterable[str],
        *,
        timeout: float | None = None,
    ) -> Sequence[Return]:
        """Several returns in this order, 100 at most; all of them, or ReturnNotFound."""
        request = BatchGetReturnsRequest(parent=self._calls.parent, names=map(self._named, names))
        answer = await self._calls.unary(self._stub.BatchGetReturns, request, timeout)
        return list(answer.returns)

    def list(
        self,
        *,
        filter: str = "",  # noqa: A002 — as the contract calls it
        order_by: str = "",
        page_size: int = 0,
        page_token: str = "",
        include_total_size: bool = False,
        timeout: float | None = None,
    ) -> AsyncPages[Return, ListReturnsResponse]:
        """The returns that match a filter, newest first; iterate over them, or over `.pages()`. FilterInvalid."""

        async def fetch(token: str) -> ListReturnsResponse:
            request = ListReturnsRequest(
                parent=self._calls.parent,
                filter=filter,
                order_by=order_by,
                page_size=page_size,
                page_token=token,
                include_total_size=include_total_size,
            )
            return await self._calls.unary(self._stub.ListReturns, request, timeout)

        return AsyncPages(fetch, lambda page: page.returns, page_token)

    async def update(
        self,
        name: str,
        draft: ReturnDraft,
        *,
        update_mask: FieldMask | Iterable[str] | None = None,
        etag: str = "",
        assistance_reason: str = "",
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> Return:
        """Change what the return says: the fields in the mask, by default those that the draft sets. InvalidState."""
        request = UpdateReturnRequest(
            name=self._named(name),
            draft=draft,
            update_mask=mask_of(update_mask),
            etag=etag,
            assistance_reason=assistance_reason,
            request_id=request_id,
            validate_only=validate_only,
        )
        return await self._calls.unary(self._stub.UpdateReturn, request, timeout)

    async def approve(
        self,
        name: str,
        *,
        items: Iterable[ApprovalItem] = (),
        approver: Approver | None = None,
        goods_not_expected: bool = False,
        expire_time: Timestamp | None = None,
        etag: str = "",
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> Return:
        """Approve the items, by default all; units that are not approved are free again. InvalidState."""
        request = ApproveReturnRequest(
            name=self._named(name),
            items=items,
            approver=approver,
            goods_not_expected=goods_not_expected,
            expire_time=expire_time,
            etag=etag,
            request_id=request_id,
            validate_only=validate_only,
        )
        return await self._calls.unary(self._stub.ApproveReturn, request, timeout)

    async def reject(
        self,
        name: str,
        reason: Reason,
        *,
        etag: str = "",
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> Return:
        """Reject a pending return. InvalidState."""
        request = RejectReturnRequest(
            name=self._named(name), reason=reason, etag=etag, request_id=request_id, validate_only=validate_only
        )
        return await self._calls.unary(self._stub.RejectReturn, request, timeout)

    async def record_receipt(
        self,
        name: str,
        receipt_id: str,
        *,
        items: Iterable[ReceiptItem] = (),
        etag: str = "",
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> Return:
        """Record a parcel, by default with everything that is still expected; the same `receipt_id` counts once.

        QuantityExceedsApproved, LineNotFound, InvalidState.
        """
        request = RecordReceiptRequest(
            name=self._named(name),
            receipt_id=receipt_id,
            items=items,
            etag=etag,
            request_id=request_id,
            validate_only=validate_only,
        )
        return await self._calls.unary(self._stub.RecordReceipt, request, timeout)

    async def close(
        self,
        name: str,
        *,
        close_reason: Return.CloseReason.ValueType = Return.CLOSE_REASON_UNSPECIFIED,
        reason: Reason | None = None,
        etag: str = "",
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> Return:
        """Withdraw it as its owner; complete or cancel it as staff. InvalidState."""
        request = CloseReturnRequest(
            name=self._named(name),
            close_reason=close_reason,
            reason=reason,
            etag=etag,
            request_id=request_id,
            validate_only=validate_only,
        )
        return await self._calls.unary(self._stub.CloseReturn, request, timeout)

    async def reopen(
        self,
        name: str,
        *,
        reason: Reason | None = None,
        etag: str = "",
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> Return:
        """Open a rejected or closed return again. InvalidState, QuantityExceedsReturnable."""
        request = ReopenReturnRequest(
            name=self._named(name), reason=reason, etag=etag, request_id=request_id, validate_only=validate_only
        )
        return await self._calls.unary(self._stub.ReopenReturn, request, timeout)

    async def delete(
        self,
        name: str,
        *,
        etag: str = "",
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> None:
        """Delete a return of which nothing was received. InvalidState."""
        request = DeleteReturnRequest(
            name=self._named(name), etag=etag, request_id=request_id, validate_only=validate_only
        )
        await self._calls.unary(self._stub.DeleteReturn, request, timeout)

    def returnable_items(
        self,
        *,
        order: str = "",
        customer_id: str = "",
        guest_email: str = "",
        page_size: int = 0,
        page_token: str = "",
        timeout: float | None = None,
    ) -> AsyncPages[ReturnableItem, ListReturnableItemsResponse]:
        """What can still go back of one order, of a customer's or of a guest's: give one of the three, or none."""

        async def fetch(token: str) -> ListReturnableItemsResponse:
            request = ListReturnableItemsRequest(parent=self._calls.parent, page_size=page_size, page_token=token)
            # One field of a oneof: setting it says which.
            if order:
                request.order = order
            elif customer_id:
                request.customer_id = customer_id
            elif guest_email:
                request.guest_email = guest_email
            return await self._calls.unary(self._stub.ListReturnableItems, request, timeout)

        if [order, customer_id, guest_email].count("") < 2:
            raise ValueError("returnable_items takes one of order, customer_id and guest_email")
        return AsyncPages(fetch, lambda page: page.returnable_items, page_token)

    def _named(self, name: str) -> str:
        return self._calls.name("returns", name)


def mask_of(paths: FieldMask | Iterable[str] | None) -> FieldMask | None:
    """The mask of these paths; a text alone is one path."""
    if paths is None or isinstance(paths, FieldMask):
        return paths
    return FieldMask(paths=[paths] if isinstance(paths, str) else paths)
