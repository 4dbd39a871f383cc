"""The verbs on a return."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property

from returns_server.application.books import Books, Happened, Needs
from returns_server.application.etags import return_etag
from returns_server.application.request import Request
from returns_server.domain import closing, deciding, receiving, updating
from returns_server.domain.actors import POLICY, TIMER, Actor
from returns_server.domain.drafts import Draft
from returns_server.domain.errors import ReturnExists, ReturnNotFound
from returns_server.domain.events import Decision
from returns_server.domain.filing import Facts, file_return
from returns_server.domain.ids import Micros, ReturnId, TenantId
from returns_server.domain.record import record, remembering
from returns_server.domain.returns import CloseReason, Reason, Return


@remembering
class CreateReturn:
    """File a return under an id that staff chose or we minted."""

    tenant: TenantId
    request: Request
    draft: Draft
    return_id: ReturnId
    chosen_id: bool = False
    assistance_reason: str = ""

    @cached_property
    def needs(self) -> Needs:
        """The drafted lines; whether the id is free, where somebody chose it."""
        return Needs(
            new_return_id=self.return_id if self.chosen_id else None,
            lines=frozenset(item.key for item in self.draft.items),
        )

    def decide(self, books: Books, now: Micros) -> Return:
        """The new return, approved where the policy says so; under validate_only one without id and number."""
        if self.return_id in books.returns or self.return_id in books.spent_ids:
            raise ReturnExists(self.return_id)
        facts = Facts(self.request.actor, now, books.policy, books.heads, books.lines, self.assistance_reason)
        only_validated = self.request.validate_only
        return_id, number = (ReturnId(""), "") if only_validated else (self.return_id, next(books.numbers))
        filed = file_return(self.draft, return_id, number, facts)
        at_once = bool(books.policy.auto_approve) and books.holds(books.policy.auto_approve, filed.after)
        approved = deciding.approve_at_once(filed, facts) if at_once else None
        if not only_validated:
            _enter(books, filed, self.request, now)
            if approved is not None:
                _enter(books, approved, self.request, now, POLICY)
        return (approved or filed).after


@record
class ReturnCommand:
    """A verb on a return that exists: found and seen, at the etag the caller knows, then decided."""

    tenant: TenantId
    request: Request
    return_id: ReturnId

    @property
    def needs(self) -> Needs:
        """The return with its lines and orders."""
        return Needs(return_id=self.return_id)

    def decide(self, books: Books, now: Micros) -> Return | None:
        """The return after the verb; None when it is no more."""
        ret = books.returns.get(self.return_id)
        if ret is None or not self.request.actor.sees(ret.requestor):
            raise ReturnNotFound(f"tenants/{self.tenant}/returns/{self.return_id}")
        self.request.check_etag(return_etag(ret), books.policy.require_etag)
        facts = Facts(self.request.actor, now, books.policy, books.heads, books.lines, self.said())
        decision = self.verb(ret, facts)
        if not self.request.validate_only:
            _enter(books, decision, self.request, now)
        return None if decision.deleted else decision.after

    def said(self) -> str:
        """Why an employee acts for the customer, where the verb lets one say so."""
        return ""

    @abstractmethod
    def verb(self, ret: Return, facts: Facts) -> Decision:
        """The domain's decision."""


@remembering
class UpdateReturn(ReturnCommand):
    """Set drafted fields."""

    draft: Draft
    mask: tuple[str, ...] = ()
    assistance_reason: str = ""

    @cached_property
    def needs(self) -> Needs:
        """The return, and the lines that the draft names."""
        return Needs(return_id=self.return_id, lines=frozenset(item.key for item in self.draft.items))

    def said(self) -> str:
        """Why an employee acts for the customer."""
        return self.assistance_reason

    def verb(self, ret: Return, facts: Facts) -> Decision:
        """The domain's decision."""
        return updating.update(ret, self.draft, self.mask, facts)


@record
class ApproveReturn(ReturnCommand):
    """Approve all or some units."""

    approval: deciding.Approval

    def verb(self, ret: Return, facts: Facts) -> Decision:
        """The domain's decision."""
        return deciding.approve(ret, self.approval, facts)


@record
class RejectReturn(ReturnCommand):
    """Reject."""

    reason: Reason

    def verb(self, ret: Return, facts: Facts) -> Decision:
        """The domain's decision."""
        return deciding.reject(ret, self.reason, facts)


@record
class RecordReceipt(ReturnCommand):
    """Record a parcel."""

    receipt_id: str
    items: tuple[deciding.ItemQuantity, ...] = ()

    def verb(self, ret: Return, facts: Facts) -> Decision:
        """The domain's decision."""
        return receiving.record_receipt(ret, self.receipt_id, self.items, facts)


@record
class CloseReturn(ReturnCommand):
    """Close."""

    close_reason: CloseReason
    reason: Reason | None = None

    def verb(self, ret: Return, facts: Facts) -> Decision:
        """The domain's decision."""
        return closing.close(ret, self.close_reason, self.reason, facts)


@record
class ReopenReturn(ReturnCommand):
    """Reopen."""

    reason: Reason | None = None

    def verb(self, ret: Return, facts: Facts) -> Decision:
        """The domain's decision."""
        return closing.reopen(ret, self.reason, facts)


@record
class DeleteReturn(ReturnCommand):
    """Delete."""

    def verb(self, ret: Return, facts: Facts) -> Decision:
        """The domain's decision."""
        return closing.delete(ret, facts)


@record
class ExpireReturn:
    """The timer: close a return whose time is over, if it still is."""

    tenant: TenantId
    return_id: ReturnId
    request: None = None

    @property
    def needs(self) -> Needs:
        """The return with its lines."""
        return Needs(return_id=self.return_id)

    def decide(self, books: Books, now: Micros) -> Return | None:
        """The return, closed if it was due."""
        ret = books.returns.get(self.return_id)
        if ret is None:
            return None
        decision = closing.expire(ret, Facts(TIMER, now, books.policy, books.heads, books.lines))
        _enter(books, decision, None, now)
        return decision.after


def _enter(books: Books, decision: Decision, request: Request | None, now: Micros, actor: Actor | None = None) -> None:
    """Enter a decision and its events; the actor is who asked, unless somebody else decided."""
    books.put_decision(decision)
    actor = actor or (request.actor if request else TIMER)
    for event in decision.events:
        books.happened.append(
            Happened(
                event,
                actor,
                now,
                request.request_id if request and request.given else "",
                request.trace_parent if request else "",
            )
        )
