"""PrivacyService: what is stored about a person, and its erasure."""

from __future__ import annotations

from dataclasses import dataclass

from commerce.returns.v1 import privacy_service_pb2 as pb
from returns_server.application.listing import Position, Viewer
from returns_server.application.paging import PageTokens, Question, page_limit
from returns_server.application.paging import Place as Sealed
from returns_server.application.privacy import Place, Privacy, Stage
from returns_server.domain.people import Person
from returns_server.transport.call import Call
from returns_server.transport.decode.parties import email
from returns_server.transport.decode.requests import Requests
from returns_server.transport.encode.wire import repeated_field

_FIELDS = pb.ExportPersonResponse.DESCRIPTOR.fields_by_name
_ORDERS, _RETURNS, _EVENTS = (_FIELDS[name].number for name in ("orders", "returns", "events"))


@dataclass(frozen=True, slots=True)
class PrivacyServicer:
    """The methods of PrivacyService."""

    privacy: Privacy
    requests: Requests
    tokens: PageTokens

    async def export_person(self, request: pb.ExportPersonRequest, call: Call) -> bytes:
        """A page of what is stored about a person."""
        person = _person(request.person)
        question = _question("ExportPerson", request.parent, person, call)
        limit = page_limit(request.page_size)
        place = self._opened(question, request.page_token)
        told, onward = await self.privacy.tell(call.caller.tenant, person, place, limit)
        answer = pb.ExportPersonResponse(next_page_token=self._sealed(question, onward))
        fields = ((_ORDERS, told.orders), (_RETURNS, told.returns), (_EVENTS, told.events))
        content = b"".join(repeated_field(number, documents) for number, documents in fields)
        return content + answer.SerializeToString()

    async def erase_person(self, request: pb.ErasePersonRequest, call: Call) -> bytes:
        """Erase a person, for some seconds."""
        person = _person(request.person)
        question = _question("ErasePerson", request.parent, person, call)
        place = self._opened(question, request.resume_token)
        asked = self.requests.of(request, "ErasePerson", call)
        if asked.given and not asked.validate_only:
            said = await self.privacy.people.said(asked)
            if said is not None:
                return said
        erased, onward = await self.privacy.erase(asked, person, place)
        encoded = pb.ErasePersonResponse(
            order_count=erased.orders,
            return_count=erased.returns,
            event_count=erased.events,
            resume_token=self._sealed(question, onward),
        ).SerializeToString()
        if asked.given and not asked.validate_only:
            await self.privacy.people.remember(asked, encoded, self.privacy.clock())
        return encoded

    def _opened(self, question: Question, token: str) -> Place | None:
        """The place that a token names; raises PageTokenInvalid."""
        sealed = self.tokens.open(question, token)
        if sealed is None:
            return None
        stage, found, *key = sealed.position.values
        return Place(Stage(int(stage or 0)), tuple(part for part in key if part is not None), bool(found))

    def _sealed(self, question: Question, place: Place | None) -> str:
        if place is None:
            return ""
        return self.tokens.seal(question, Sealed(Position((int(place.stage), int(place.found), *place.key))))


def _person(message: pb.Person) -> Person:
    return Person(message.customer_id, email(message.email))


def _question(method: str, parent: str, person: Person, call: Call) -> Question:
    chosen = f"{person.customer_id}\n{person.email}"
    return Question(method, parent, call.caller, Viewer.of(call.actor), chosen)
