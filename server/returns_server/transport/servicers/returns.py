"""ReturnsService: the verbs on returns, and looking them up. Lists are in `return_lists`, events in `return_events`."""

from __future__ import annotations

from commerce.returns.v1 import returns_service_pb2 as pb
from returns_server.application.commands import Command
from returns_server.application.listing import MAX_PAGE_BYTES, Viewer
from returns_server.application.ports import Reads, Writes
from returns_server.domain.errors import FieldInvalid, ReturnNotFound
from returns_server.transport.call import Call
from returns_server.transport.decode.names import own_return_id_in, return_id_in
from returns_server.transport.decode.returns import ReturnCommands
from returns_server.transport.encode import returns
from returns_server.transport.encode.wire import repeated_field
from returns_server.transport.servicers.answers import answered
from returns_server.transport.servicers.return_lists import ReturnLists

_RETURNS = pb.BatchGetReturnsResponse.DESCRIPTOR.fields_by_name["returns"].number


class ReturnsServicer(ReturnLists):
    """The methods of ReturnsService that are not about events."""

    writes: Writes
    reads: Reads
    commands: ReturnCommands

    async def create_return(self, request: pb.CreateReturnRequest, call: Call) -> bytes:
        """File a return."""
        command = self.commands.create(request, call)
        return await self._submit(command, f"{request.parent}/returns/{request.return_id}", call)

    async def update_return(self, request: pb.UpdateReturnRequest, call: Call) -> bytes:
        """Set drafted fields."""
        return await self._submit(self.commands.update(request, call), request.name, call)

    async def approve_return(self, request: pb.ApproveReturnRequest, call: Call) -> bytes:
        """Approve all or some units."""
        return await self._submit(self.commands.approve(request, call), request.name, call)

    async def reject_return(self, request: pb.RejectReturnRequest, call: Call) -> bytes:
        """Reject."""
        return await self._submit(self.commands.reject(request, call), request.name, call)

    async def record_receipt(self, request: pb.RecordReceiptRequest, call: Call) -> bytes:
        """Record a parcel."""
        return await self._submit(self.commands.record_receipt(request, call), request.name, call)

    async def close_return(self, request: pb.CloseReturnRequest, call: Call) -> bytes:
        """Close."""
        return await self._submit(self.commands.close(request, call), request.name, call)

    async def reopen_return(self, request: pb.ReopenReturnRequest, call: Call) -> bytes:
        """Reopen."""
        return await self._submit(self.commands.reopen(request, call), request.name, call)

    async def delete_return(self, request: pb.DeleteReturnRequest, call: Call) -> bytes:
        """Delete."""
        return await self._submit(self.commands.delete(request, call), request.name, call)

    async def get_return(self, request: pb.GetReturnRequest, call: Call) -> bytes:
        """One return."""
        viewer = Viewer.of(call.actor)
        found = await self.reads.find_return(call.caller.tenant, return_id_in(request.name), viewer)
        if found is None:
            raise ReturnNotFound(request.name)
        return returns.for_caller(found, call)

    async def batch_get_returns(self, request: pb.BatchGetReturnsRequest, call: Call) -> bytes:
        """Several returns in the order in which they were named, all or none."""
        tenant = call.caller.tenant
        ids = [own_return_id_in(name, tenant, f"names[{index}]") for index, name in enumerate(request.names)]
        found = await self.reads.find_returns(tenant, tuple(dict.fromkeys(ids)), Viewer.of(call.actor))
        for return_id, name in zip(ids, request.names, strict=True):
            if return_id not in found:
                raise ReturnNotFound(name)
        if len(ids) > 1 and sum(len(found[return_id].document) for return_id in ids) > MAX_PAGE_BYTES:
            raise FieldInvalid.at("names", "are of returns that exceed 2 MiB together; ask for fewer at a time")
        return repeated_field(_RETURNS, returns.all_for_caller((found[return_id] for return_id in ids), call))

    async def _submit(self, command: Command, name: str, call: Call) -> bytes:
        return answered(await self.writes.submit(command), name, call)
