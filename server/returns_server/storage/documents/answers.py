"""The answer to a return's mutation, as it was first given."""

from __future__ import annotations

from commerce.returns.v1 import event_pb2
from returns_server.application.ports import ReturnDocument
from returns_server.domain.returns import GoodsState, State


def answer_from_event(document: bytes) -> ReturnDocument:
    """The return as an event's snapshot shows it: what the mutation that made the event answered."""
    snapshot = event_pb2.ReturnEvent.FromString(document).snapshot
    return ReturnDocument(
        snapshot.SerializeToString(deterministic=True),
        State(snapshot.state),
        GoodsState(snapshot.goods_state),
        snapshot.requestor.customer_id,
        snapshot.requestor.guest_email,
    )
