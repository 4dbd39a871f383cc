"""The rules by which a tenant takes goods back."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.field_mask_pb2 import FieldMask

from commerce.returns.v1.policy_pb2 import ReturnPolicy
from commerce.returns.v1.policy_service_pb2 import GetReturnPolicyRequest, UpdateReturnPolicyRequest
from commerce.returns.v1.policy_service_pb2_grpc import PolicyServiceStub
from returns_client._async.calling import AsyncCalls
from returns_client._async.returns import mask_of


class AsyncPolicy:
    """The one policy of the tenant; see AsyncReturns for what calls share."""

    def __init__(self, calls: AsyncCalls) -> None:
        """Of a client."""
        self._calls = calls
        self._stub = PolicyServiceStub(calls.channel)

    async def get(self, *, timeout: float | None = None) -> ReturnPolicy:
        """The policy; the defaults where none was set."""
        request = GetReturnPolicyRequest(name=self._name())
        return await self._calls.unary(self._stub.GetReturnPolicy, request, timeout)

    async def update(
        self,
        return_policy: ReturnPolicy,
        *,
        update_mask: FieldMask | Iterable[str] | None = None,
        etag: str = "",
        request_id: str = "",
        validate_only: bool = False,
        timeout: float | None = None,
    ) -> ReturnPolicy:
        """Change the fields in the mask, by default those that are set. Returns that are filed keep what they have."""
        request = UpdateReturnPolicyRequest(
            return_policy=return_policy,
            update_mask=mask_of(update_mask),
            etag=etag,
            request_id=request_id,
            validate_only=validate_only,
        )
        request.return_policy.name = return_policy.name or self._name()
        return await self._calls.unary(self._stub.UpdateReturnPolicy, request, timeout)

    def _name(self) -> str:
        return f"{self._calls.parent}/returnPolicy"
