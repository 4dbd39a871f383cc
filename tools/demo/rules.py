"""The shop's rules: they bind customers; staff may override them, on record."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration

from commerce.returns.v1.policy_pb2 import PolicyReason, ReturnPolicy
from commerce.returns.v1.policy_service_pb2 import UpdateReturnPolicyRequest
from commerce.returns.v1.reason_pb2 import Reason
from commerce.returns.v1.return_pb2 import Return
from commerce.returns.v1.returns_service_pb2 import CreateReturnRequest, RejectReturnRequest
from tools.demo.customer import draft_of
from tools.demo.people import PARENT, Desk, Person
from tools.demo.stage import Stage
from tools.demo.wording import state
from tools.replay.folder import Document

_MONTH_SECONDS = 30 * 86_400


def are_set(stage: Stage, desk: Desk, owner: Person, employee: Person, customer: Person, document: Document) -> None:
    """A window closes for customers; an employee makes an exception; another return is rejected."""
    stage.chapter("The shop's rules")
    stage.acts(owner.name, "allows thirty days, and offers two reasons", "UpdateReturnPolicy")
    policy = ReturnPolicy(
        name=f"{PARENT}/returnPolicy",
        return_window=Duration(seconds=_MONTH_SECONDS),
        reasons=[PolicyReason(code="damaged", active=True), PolicyReason(code="too many", active=True)],
    )
    stored = owner.asks(desk.policy.UpdateReturnPolicy, UpdateReturnPolicyRequest(return_policy=policy))
    stage.promise(stored.return_window.seconds == _MONTH_SECONDS, "30 days after delivery, else after the order")

    stage.acts(customer.name, f"is late with {document.return_id}: the order is of 2011", "CreateReturn")
    late = CreateReturnRequest(parent=PARENT, draft=draft_of(document, "too many"))
    refusal = stage.refused(
        lambda: customer.asks(desk.returns.CreateReturn, late), "NOT_RETURNABLE", "the window is closed for customers"
    )
    stage.promise(refusal.facts["cause"] == "WINDOW_EXPIRED", "and the error says which rule it was")
    stage.acts(customer.name, "gives a reason that the shop does not offer", "CreateReturn")
    stage.refused(
        lambda: customer.asks(
            desk.returns.CreateReturn, CreateReturnRequest(parent=PARENT, draft=draft_of(document, "no idea"))
        ),
        "FIELD_INVALID",
        "the error names the field",
    )
    stage.acts(employee.name, "only tries it first: validate_only", "CreateReturn")
    late.validate_only = True
    tried = employee.asks(desk.returns.CreateReturn, late)
    stage.promise(not tried.name and not tried.number, "it would work, and nothing was written")
    stage.acts(employee.name, "makes an exception", "CreateReturn")
    late.validate_only, late.assistance_reason = False, "a customer of many years"
    filed = employee.asks(desk.returns.CreateReturn, late)
    stage.promise(
        list(filed.assisted_actions[0].overridden) == ["WINDOW_EXPIRED"],
        f"{filed.number} is filed; on record: WINDOW_EXPIRED was overridden, because {late.assistance_reason}",
    )
    stage.acts(owner.name, "does not agree", "RejectReturn")
    rejected = owner.asks(
        desk.returns.RejectReturn,
        RejectReturnRequest(name=filed.name, reason=Reason(details="that was in 2011")),
    )
    stage.promise(
        rejected.state == Return.STATE_REJECTED, f"{rejected.number}: {state(rejected)}; its units are free again"
    )
