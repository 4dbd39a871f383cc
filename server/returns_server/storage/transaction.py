"""One batch of commands in one transaction: load, decide, save; the same code on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from returns_server.application.batch import Done, run
from returns_server.application.books import Fed, Happened, Result
from returns_server.application.commands import Command
from returns_server.application.ports import Answer, Document, Gone, ReturnDocument
from returns_server.application.request import Request
from returns_server.domain.errors import ReturnsError
from returns_server.domain.ids import Micros, TenantId
from returns_server.domain.orders import Order
from returns_server.domain.policy import Policy
from returns_server.domain.record import record
from returns_server.domain.returns import Return
from returns_server.storage import tables
from returns_server.storage.documents.matching import holds
from returns_server.storage.documents.orders import encode_order
from returns_server.storage.documents.policy import encode_policy
from returns_server.storage.documents.returns import encode_return
from returns_server.storage.loading import load
from returns_server.storage.rows import ANSWER_COLUMNS
from returns_server.storage.saving import save
from returns_server.storage.session import Row, WriteSession


@record
class Settled:
    """What became of each command of a batch: an answer, a refusal, or None where it must wait for others' rows."""

    outcomes: list[Answer | ReturnsError | None]
    tenants: frozenset[TenantId]
    """Whose logs grew."""
    happened: Sequence[tuple[TenantId, Happened]] = ()
    """The events, where somebody asked for them."""


class Transaction:
    """A batch, as a job for `Database.write`; it may run several times, each time from the start."""

    def __init__(
        self,
        commands: Sequence[Command],
        now: Micros,
        new_event_id: Callable[[], bytes],
        answers_expire: Micros,
    ) -> None:
        """Takes the commands, the time they happen at, where event ids come from and how long answers are kept.

        `numbers` holds the tenants' next return numbers, anew for each run; with `skip_held` a command does not wait
        for rows that somebody else holds; `again` says that an earlier run may have been committed unnoticed; `tell`
        has it say what happened.
        """
        self.commands = commands
        self.skip_held = False
        self.tell = False
        self.again = False
        self.numbers: Mapping[TenantId, Iterator[str]] = {}
        self._now = now
        self._new_event_id = new_event_id
        self._answers_expire = answers_expire

    async def __call__(self, session: WriteSession) -> Settled:
        """Decide and save all commands that can run now."""
        loaded = await load(session, self.commands, skip_held=self.skip_held, again=self.again)
        encoder = _Encoder()
        for tenant, books in loaded.books.items():
            books.numbers = self.numbers.get(tenant, iter(()))
            books.holds = partial(encoder.holds, tenant)
        ready = [self.commands[i] for i in loaded.ready]
        outcomes: list[Answer | ReturnsError | None] = [None] * len(self.commands)
        answers: list[Row] = []
        for i, command, done in zip(loaded.ready, ready, run(ready, loaded.books, self._now), strict=True):
            outcomes[i] = encoder.answer(command.tenant, done)
            request = command.request
            if request is not None and _remembered(request, done):
                answers.append(self._answer_row(command.tenant, request, done, outcomes[i]))
        _save_answers(session, answers)
        save(session, loaded.books.values(), encoder.document, self._new_event_id)
        grew = frozenset(tenant for tenant, books in loaded.books.items() if books.happened)
        if not self.tell:
            return Settled(outcomes, grew)
        happened = [(tenant, one) for tenant, books in loaded.books.items() for one in books.happened]
        return Settled(outcomes, grew, happened)

    def _answer_row(self, tenant: TenantId, request: Request, done: Done, answer: object) -> Row:
        ret, key = done.outcome if isinstance(done.outcome, Return) else None, request.key
        return (
            tenant,
            key.issuer,
            key.subject,
            key.request_id,
            request.request_hash,
            ret.return_id if ret else None,
            ret.version if ret else None,
            answer.document if isinstance(answer, Document) else None,
            self._answers_expire,
        )


def _remembered(request: Request, done: Done) -> bool:
    return not request.validate_only and done.said is None and not isinstance(done.outcome, ReturnsError)


def _save_answers(session: WriteSession, rows: list[Row]) -> None:
    if rows:
        insert = session.dialect.insert(tables.idempotency_keys, (*ANSWER_COLUMNS, "expire_time"))
        session.later(insert(sorted(rows, key=lambda row: row[:4])))


class _Encoder:
    """Encodes each state of a return once, however often a batch needs it: row, event, answer."""

    def __init__(self) -> None:
        self._documents: dict[int, tuple[Return, bytes]] = {}

    def document(self, tenant: TenantId, ret: Return) -> bytes:
        known = self._documents.get(id(ret))
        if known is None:
            known = self._documents[id(ret)] = (ret, encode_return(tenant, ret))
        return known[1]

    def holds(self, tenant: TenantId, text: str, ret: Return) -> bool:
        return holds(tenant, text, self.document(tenant, ret))

    def answer(self, tenant: TenantId, done: Done) -> Answer | ReturnsError:
        if done.said is not None:
            said = done.said.answer
            return self.answer(tenant, said) if isinstance(said, Done) else said  # type: ignore[return-value]
        if isinstance(done.outcome, ReturnsError):
            return done.outcome
        return self._of(tenant, done.outcome)

    def _of(self, tenant: TenantId, result: Result) -> Answer:
        match result:
            case Return():
                requestor = result.requestor
                return ReturnDocument(
                    self.document(tenant, result),
                    result.state,
                    result.goods_state,
                    requestor.customer_id,
                    requestor.guest_email,
                )
            case Order():
                return Document(encode_order(tenant, result))
            case Policy():
                return Document(encode_policy(tenant, result))
            case Fed():
                return result
            case None:
                return Gone()
