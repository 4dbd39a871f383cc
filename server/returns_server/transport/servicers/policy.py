"""PolicyService: the shop's return policy."""

from __future__ import annotations

from dataclasses import dataclass

from commerce.returns.v1 import policy_service_pb2 as pb
from returns_server.application.ports import Reads, Writes
from returns_server.transport.call import Call
from returns_server.transport.decode import policy
from returns_server.transport.decode.requests import Requests
from returns_server.transport.servicers.answers import answered


@dataclass(frozen=True, slots=True)
class PolicyServicer:
    """The methods of PolicyService."""

    writes: Writes
    reads: Reads
    requests: Requests

    async def get_return_policy(self, request: pb.GetReturnPolicyRequest, call: Call) -> bytes:  # noqa: ARG002
        """The policy, or the default one."""
        return await self.reads.policy_document(call.caller.tenant)

    async def update_return_policy(self, request: pb.UpdateReturnPolicyRequest, call: Call) -> bytes:
        """Set fields of the policy."""
        name = request.return_policy.name
        return answered(await self.writes.submit(policy.update(request, self.requests, call)), name, call)
