"""What is asked of the product, and whether the answers that came are right."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from itertools import chain, islice, repeat

import grpc

from benchmarks.generator import Sample
from benchmarks.seed.shop import LINES, REASON, TENANT, line_id, order_count, order_id, return_name
from benchmarks.servers import Server
from commerce.returns.v1 import reason_pb2, return_draft_pb2, return_pb2, returns_service_pb2, returns_service_pb2_grpc

SERVICE = "/commerce.returns.v1.ReturnsService"
PAGE = 50
_GETS = 50_000
_PAGES = 1_000
_PLACES = 100
_PARENT = f"tenants/{TENANT}"


class WrongAnswer(Exception):
    """The server answered something else than it should have."""


def gets(returns: int, chance: random.Random) -> list[bytes]:
    """GetReturn of returns from anywhere in the shop's history."""
    chosen = chance.sample(range(returns), min(returns, _GETS))
    return [returns_service_pb2.GetReturnRequest(name=return_name(i)).SerializeToString() for i in chosen]


def lists() -> list[bytes]:
    """ListReturns of the latest page."""
    return [returns_service_pb2.ListReturnsRequest(parent=_PARENT, page_size=PAGE).SerializeToString()]


def pages(client: Client) -> list[bytes]:
    """ListReturns of a thousand different pages in turn, more than the server remembers."""
    places, sizes = client.places(_PLACES), range(PAGE, PAGE - _PAGES // _PLACES, -1)
    return [
        returns_service_pb2.ListReturnsRequest(parent=_PARENT, page_size=size, page_token=place).SerializeToString()
        for size in sizes
        for place in places
    ]


def creates(returns: int, count: int, chance: random.Random) -> list[bytes]:
    """CreateReturn of one unit of each line of an order, of any, of none twice before all others had their turn."""
    orders = range(order_count(returns))
    chosen = chain.from_iterable(chance.sample(orders, len(orders)) for _ in repeat(None))
    return [_create(index, uuid.UUID(int=chance.getrandbits(128), version=4)) for index in islice(chosen, count)]


def _create(index: int, request_id: uuid.UUID) -> bytes:
    items = [return_draft_pb2.DraftItem(line_id=line_id(index, i), quantity=1) for i in range(LINES)]
    request = returns_service_pb2.CreateReturnRequest(
        parent=_PARENT,
        draft=return_draft_pb2.ReturnDraft(
            orders=[return_draft_pb2.DraftOrder(order=order_id(index), items=items)],
            reason=reason_pb2.Reason(code=REASON.code, details=REASON.details),
        ),
        request_id=str(request_id),
    )
    return request.SerializeToString()


class Client:
    """A client like any caller's, to look at what the generator was answered."""

    def __init__(self, server: Server) -> None:
        self._channel = grpc.insecure_channel(server.address)
        self._stub = returns_service_pb2_grpc.ReturnsServiceStub(self._channel)
        self._metadata = (("authorization", f"Bearer {server.token}"),)

    def get(self, name: str) -> return_pb2.Return:
        request = returns_service_pb2.GetReturnRequest(name=name)
        return self._stub.GetReturn(request, metadata=self._metadata)

    def create(self, request: bytes) -> return_pb2.Return:
        message = returns_service_pb2.CreateReturnRequest.FromString(request)
        return self._stub.CreateReturn(message, metadata=self._metadata)

    def listed(self, request: bytes | None = None) -> returns_service_pb2.ListReturnsResponse:
        """The latest page, or what a request asks for."""
        asked = returns_service_pb2.ListReturnsRequest(parent=_PARENT, page_size=PAGE)
        if request is not None:
            asked = returns_service_pb2.ListReturnsRequest.FromString(request)
        return self._stub.ListReturns(asked, metadata=self._metadata)

    def places(self, count: int) -> list[str]:
        """Page tokens of places one page after the other, fewer where not so much is stored."""
        found: list[str] = []
        while len(found) < count:
            asked = returns_service_pb2.ListReturnsRequest(
                parent=_PARENT, page_size=PAGE, page_token=found[-1] if found else ""
            )
            answer = self._stub.ListReturns(asked, metadata=self._metadata)
            # The last page but one has no other behind it.
            if not answer.next_page_token or len(answer.returns) < PAGE:
                break
            found.append(answer.next_page_token)
        return found[:-1]

    def close(self) -> None:
        self._channel.close()


def check_gets(client: Client, requests: Sequence[bytes], samples: Sequence[Sample]) -> None:
    """Raise WrongAnswer unless each answer is the return that was asked for."""
    for sample in samples:
        asked = returns_service_pb2.GetReturnRequest.FromString(requests[sample.request])
        answered = return_pb2.Return.FromString(sample.answer)
        _require(answered.name == asked.name and answered == client.get(asked.name), f"{asked.name} is not as answered")


def check_lists(client: Client, samples: Sequence[Sample]) -> None:
    """Raise WrongAnswer unless each answer is a full page, the newest first, of what is stored."""
    stored = client.listed()
    for sample in samples:
        answered = returns_service_pb2.ListReturnsResponse.FromString(sample.answer)
        times = [one.create_time.ToNanoseconds() for one in answered.returns]
        full = len(times) == PAGE and times == sorted(times, reverse=True) and bool(answered.next_page_token)
        _require(full and answered == stored, "a page is not what is stored, newest first")


def check_pages(client: Client, requests: Sequence[bytes], samples: Sequence[Sample]) -> None:
    """Raise WrongAnswer unless each answer is a full page of what is stored, as it is answered now."""
    for sample in samples:
        asked = returns_service_pb2.ListReturnsRequest.FromString(requests[sample.request])
        answered = returns_service_pb2.ListReturnsResponse.FromString(sample.answer)
        full = len(answered.returns) == asked.page_size
        same = answered.returns == client.listed(requests[sample.request]).returns
        _require(full and same, "a page is not what is stored")


def check_creates(client: Client, requests: Sequence[bytes], samples: Sequence[Sample]) -> None:
    """Raise WrongAnswer unless each answer is a return of what was asked for, and is stored as it was answered."""
    for sample in samples:
        asked = returns_service_pb2.CreateReturnRequest.FromString(requests[sample.request]).draft
        answered = return_pb2.Return.FromString(sample.answer)
        items = [(item.line_id, item.quantity) for order in answered.orders for item in order.items]
        wanted = [(item.line_id, item.quantity) for order in asked.orders for item in order.items]
        _require(items == wanted and answered.reason == asked.reason, f"{answered.name} is not what was asked for")
        _require(client.get(answered.name) == answered, f"{answered.name} is not stored as it was answered")


def _require(right: bool, problem: str) -> None:
    if not right:
        raise WrongAnswer(problem)
