"""Mutations of returns: from request messages to commands."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.application.commands import returns as commands
from returns_server.domain.deciding import Approval
from returns_server.domain.errors import FieldInvalid, RequiresManageScope
from returns_server.domain.ids import Micros, ReturnId
from returns_server.domain.returns import CloseReason, Reason
from returns_server.transport.call import Call
from returns_server.transport.decode import parties
from returns_server.transport.decode.drafts import draft, named_units
from returns_server.transport.decode.findings import Findings
from returns_server.transport.decode.names import return_id_in
from returns_server.transport.decode.requests import Requests
from returns_server.transport.decode.times import micros


class ReturnCommands:
    """Decodes the mutations of returns; each raises FieldInvalid, TenantMismatch."""

    def __init__(self, requests: Requests, new_id: Callable[[], UUID]) -> None:
        """Takes what reads the common part, and the source of ids of returns."""
        self._requests = requests
        self._new_id = new_id

    def create(self, message: pb.CreateReturnRequest, call: Call) -> commands.CreateReturn:
        """File a return; raises RequiresManageScope where an owner says what only staff may."""
        chosen = message.return_id
        if chosen and not call.actor.is_staff:
            raise RequiresManageScope("only staff may choose the id of a return", "return_id")
        _check_assistance(message.assistance_reason, call)
        return commands.CreateReturn(
            tenant=call.caller.tenant,
            request=self._requests.of(message, "CreateReturn", call),
            draft=draft(message.draft, call.caller.tenant),
            return_id=ReturnId(chosen or str(self._new_id())),
            chosen_id=bool(chosen),
            assistance_reason=message.assistance_reason,
        )

    def update(self, message: pb.UpdateReturnRequest, call: Call) -> commands.UpdateReturn:
        """Set drafted fields; raises RequiresManageScope where an owner says why it assists."""
        _check_assistance(message.assistance_reason, call)
        return commands.UpdateReturn(
            tenant=call.caller.tenant,
            request=self._requests.of(message, "UpdateReturn", call),
            return_id=return_id_in(message.name),
            draft=draft(message.draft, call.caller.tenant),
            mask=tuple(message.update_mask.paths),
            assistance_reason=message.assistance_reason,
        )

    def approve(self, message: pb.ApproveReturnRequest, call: Call) -> commands.ApproveReturn:
        """Approve all or some units."""
        findings = Findings()
        expire_time: Micros | None = None
        if message.HasField("expire_time"):
            expire_time = micros(message.expire_time, "expire_time", findings)
        findings.check()
        approval = Approval(
            items=named_units(message.items, call.caller.tenant),
            approver=parties.approver(message.approver) if message.HasField("approver") else None,
            goods_not_expected=message.goods_not_expected,
            expire_time=expire_time,
        )
        request = self._requests.of(message, "ApproveReturn", call)
        return commands.ApproveReturn(call.caller.tenant, request, return_id_in(message.name), approval)

    def reject(self, message: pb.RejectReturnRequest, call: Call) -> commands.RejectReturn:
        """Reject."""
        reason = parties.reason(message.reason)
        if not (reason.code or reason.details):
            raise FieldInvalid.at("reason", "is required: a code, details, or both")
        request = self._requests.of(message, "RejectReturn", call)
        return commands.RejectReturn(call.caller.tenant, request, return_id_in(message.name), reason)

    def record_receipt(self, message: pb.RecordReceiptRequest, call: Call) -> commands.RecordReceipt:
        """Record a parcel."""
        return commands.RecordReceipt(
            tenant=call.caller.tenant,
            request=self._requests.of(message, "RecordReceipt", call),
            return_id=return_id_in(message.name),
            receipt_id=message.receipt_id,
            items=named_units(message.items, call.caller.tenant),
        )

    def close(self, message: pb.CloseReturnRequest, call: Call) -> commands.CloseReturn:
        """Close."""
        return commands.CloseReturn(
            tenant=call.caller.tenant,
            request=self._requests.of(message, "CloseReturn", call),
            return_id=return_id_in(message.name),
            close_reason=CloseReason(message.close_reason),
            reason=_reason(message),
        )

    def reopen(self, message: pb.ReopenReturnRequest, call: Call) -> commands.ReopenReturn:
        """Reopen."""
        request = self._requests.of(message, "ReopenReturn", call)
        return commands.ReopenReturn(call.caller.tenant, request, return_id_in(message.name), _reason(message))

    def delete(self, message: pb.DeleteReturnRequest, call: Call) -> commands.DeleteReturn:
        """Delete."""
        request = self._requests.of(message, "DeleteReturn", call)
        return commands.DeleteReturn(call.caller.tenant, request, return_id_in(message.name))


def _reason(message: pb.CloseReturnRequest | pb.ReopenReturnRequest) -> Reason | None:
    return parties.reason(message.reason) if message.HasField("reason") else None


def _check_assistance(said: str, call: Call) -> None:
    if said and not call.actor.is_staff:
        raise RequiresManageScope("only staff act on a customer's behalf", "assistance_reason")
