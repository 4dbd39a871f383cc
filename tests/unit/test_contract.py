"""The contract says what its callers and the service rely on: shapes, names, numbers."""

from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import protovalidate
import pytest
from google.api import annotations_pb2, field_behavior_pb2
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FileDescriptor, MethodDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money

import commerce.returns.v1
from commerce.returns.v1 import (
    event_pb2,
    order_pb2,
    orders_service_pb2,
    party_pb2,
    policy_pb2,
    policy_service_pb2,
    price_pb2,
    reason_pb2,
    return_draft_pb2,
    return_pb2,
    returns_service_pb2,
    webhook_pb2,
    webhooks_service_pb2,
)
from returns_server.domain import returns as domain

FILES: list[FileDescriptor] = [
    import_module(f"commerce.returns.v1.{module.name}").DESCRIPTOR
    for module in iter_modules(commerce.returns.v1.__path__)
    if module.name.endswith("_pb2")
]
METHODS: list[MethodDescriptor] = [
    method for file in FILES for service in file.services_by_name.values() for method in service.methods
]
READING = ("Get", "List", "BatchGet", "Stream", "Export")
# Any: the stubs that googleapis-common-protos brings know an extension only as a FieldDescriptor.
BEHAVIOR: Any = field_behavior_pb2.field_behavior
HTTP: Any = annotations_pb2.http


def messages(within: Mapping[str, Descriptor]) -> Iterator[Descriptor]:
    for message in within.values():
        if not message.GetOptions().map_entry:
            yield message
            yield from messages(message.nested_types_by_name)


MESSAGES = [message for file in FILES for message in messages(file.message_types_by_name)]


def test_every_field_says_who_may_set_it() -> None:
    silent = [
        field.full_name
        for message in MESSAGES
        for field in message.fields
        if not list(field.GetOptions().Extensions[BEHAVIOR])
    ]
    assert MESSAGES
    assert silent == []


def test_no_field_has_the_name_of_a_keyword() -> None:
    assert [field.full_name for message in MESSAGES for field in message.fields if field.name == "return"] == []


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.full_name)
def test_every_method_can_be_called_through_a_json_gateway(method: MethodDescriptor) -> None:
    rule: Any = method.GetOptions().Extensions[HTTP]
    assert rule.WhichOneof("pattern")


@pytest.mark.parametrize(
    "method",
    [m for m in METHODS if not m.name.startswith(READING) and m.name != "ImportOrders"],
    ids=lambda method: method.full_name,
)
def test_every_mutation_can_be_repeated_and_tried(method: MethodDescriptor) -> None:
    fields = set(method.input_type.fields_by_name)
    assert {"request_id", "validate_only"} <= fields
    creates = method.name.startswith("Create")
    works_on_what_has_no_etag = method.name in {"RedeliverWebhook", "CancelWebhookRedelivery", "ErasePerson"}
    assert ("etag" in fields) is not (creates or works_on_what_has_no_etag)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (domain.State, return_pb2.Return.State.DESCRIPTOR),
        (domain.GoodsState, return_pb2.Return.GoodsState.DESCRIPTOR),
        (domain.CloseReason, return_pb2.Return.CloseReason.DESCRIPTOR),
        (domain.Action, return_pb2.Return.Action.DESCRIPTOR),
        (domain.UserType, party_pb2.Submitter.UserType.DESCRIPTOR),
        (domain.ApproverType, party_pb2.Approver.Type.DESCRIPTOR),
        (domain.AssistedOperation, return_pb2.AssistedAction.Operation.DESCRIPTOR),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else value.full_name,
)
def test_the_domain_numbers_its_states_as_the_contract_does(ours: type[IntEnum], theirs: EnumDescriptor) -> None:
    prefix = theirs.values_by_number[0].name.removesuffix("UNSPECIFIED")
    contract = {value.name.removeprefix(prefix): value.number for value in theirs.values}
    mine = {member.name: member.value for member in ours}
    assert {"UNSPECIFIED": 0, **mine} == contract


def test_a_stored_event_takes_sequence_and_cursor_by_appending_them() -> None:
    stored = event_pb2.ReturnEvent(id="e", type="return.created", snapshot=return_pb2.Return(number="R1"))
    place = event_pb2.ReturnEvent(sequence=7, cursor="c")

    read = event_pb2.ReturnEvent.FromString(stored.SerializeToString() + place.SerializeToString())

    assert (read.sequence, read.cursor, read.snapshot.number) == (7, "c", "R1")


def filing() -> returns_service_pb2.CreateReturnRequest:
    item = return_draft_pb2.DraftItem(line_id="536365-1", quantity=2)
    return returns_service_pb2.CreateReturnRequest(
        parent="tenants/acme",
        request_id="0193b0a4-7e5c-7c3e-9d51-0a3c6f1f0e11",
        draft=return_draft_pb2.ReturnDraft(
            reason=reason_pb2.Reason(code="größe"),
            orders=[return_draft_pb2.DraftOrder(order="tenants/acme/orders/536365", items=[item])],
        ),
    )


def order() -> orders_service_pb2.UpsertOrderRequest:
    paid = price_pb2.PriceBreakdown(gross=Money(currency_code="GBP", units=15))
    return orders_service_pb2.UpsertOrderRequest(
        order=order_pb2.Order(
            name="tenants/acme/orders/A.1_b~c-9",
            currency_code="GBP",
            place_time=Timestamp(seconds=1),
            lines=[order_pb2.OrderLine(line_id="1", quantity=1, total=paid, tax_rate="7.7")],
        )
    )


def policy() -> policy_service_pb2.UpdateReturnPolicyRequest:
    return policy_service_pb2.UpdateReturnPolicyRequest(
        return_policy=policy_pb2.ReturnPolicy(name="tenants/acme/returnPolicy", expire_after=Duration(seconds=60))
    )


def stream() -> returns_service_pb2.StreamReturnEventsRequest:
    return returns_service_pb2.StreamReturnEventsRequest(parent="tenants/acme", max_batch_events=500)


def closing() -> returns_service_pb2.CloseReturnRequest:
    return returns_service_pb2.CloseReturnRequest(name="tenants/acme/returns/0193b0a4-7e5c-7c3e-9d51-0a3c6f1f0e11")


def endpoint() -> webhooks_service_pb2.CreateWebhookEndpointRequest:
    return webhooks_service_pb2.CreateWebhookEndpointRequest(
        parent="tenants/acme",
        webhook_endpoint=webhook_pb2.WebhookEndpoint(
            url="https://shop.example/hook", event_types=["return.*", "return.closed"], headers={"X-Shop": "1"}
        ),
    )


GOOD = [filing, order, policy, stream, closing, endpoint]


@pytest.mark.parametrize("request_of", GOOD)
def test_a_well_formed_request_travels_and_passes(request_of: Callable[[], Message]) -> None:
    request = request_of()
    assert type(request).FromString(request.SerializeToString()) == request
    protovalidate.validate(request)


BAD: list[tuple[str, Callable[[], Message], str, object]] = [
    ("parent", filing, "parent", ""),
    ("parent", filing, "parent", "tenants/-"),
    ("parent", filing, "parent", "tenants/acme/returns/abc"),
    ("parent", filing, "parent", "tenants/Acme"),
    ("request_id", filing, "request_id", "again"),
    ("return_id", filing, "return_id", "ab"),
    ("return_id", filing, "return_id", "-abc"),
    ("return_id", filing, "return_id", "abc\n"),
    ("return_id", filing, "return_id", "a" * 64),
    ("assistance_reason", filing, "assistance_reason", "x" * 1001),
    ("draft.reason.code", filing, "draft.reason.code", "x" * 65),
    ("draft.reason.details", filing, "draft.reason.details", "x" * 4001),
    ("draft.orders[0].order", filing, "draft.orders.0.order", "tenants/-/orders/1"),
    ("draft.orders[0].order", filing, "draft.orders.0.order", "x" * 65),
    ("draft.orders[0].order", filing, "draft.orders.0.order", "a b"),
    ("draft.orders[0].items[0].line_id", filing, "draft.orders.0.items.0.line_id", ""),
    ("draft.orders[0].items[0].quantity", filing, "draft.orders.0.items.0.quantity", 0),
    ("draft.orders[0].items[0].quantity", filing, "draft.orders.0.items.0.quantity", -1),
    ("draft.requestor.guest_email", filing, "draft.requestor.guest_email", "nobody"),
    ("draft.requestor.email", filing, "draft.requestor.email", f"{'x' * 250}@y.zz"),
    ("draft.submitter.user_type", filing, "draft.submitter.user_type", 9),
    ("draft.approver.type", filing, "draft.approver.type", 9),
    ("order.name", order, "order.name", "536365"),
    ("order.currency_code", order, "order.currency_code", "gbp"),
    ("order.lines[0].quantity", order, "order.lines.0.quantity", 0),
    ("order.lines[0].tax_rate", order, "order.lines.0.tax_rate", "1e3"),
    ("return_policy.expire_after", policy, "return_policy.expire_after.seconds", 0),
    ("return_policy.return_window", policy, "return_policy.return_window.seconds", -1),
    ("max_batch_events", stream, "max_batch_events", 501),
    ("heartbeat_interval", stream, "heartbeat_interval.seconds", 61),
    ("start", stream, "start", 3),
    ("name", closing, "name", "tenants/acme/returns/UPPER"),
    ("close_reason", closing, "close_reason", 5),
    ("webhook_endpoint", endpoint, "webhook_endpoint.url", ""),
    ("webhook_endpoint.url", endpoint, "webhook_endpoint.url", "shop"),
]


@pytest.mark.parametrize(("field", "request_of", "path", "value"), BAD)
def test_a_misshapen_request_is_refused_by_the_name_of_its_field(
    field: str, request_of: Callable[[], Message], path: str, value: object
) -> None:
    request = request_of()
    *way, last = path.split(".")
    part: object = request
    for step in way:
        part = part[int(step)] if step.isdigit() else getattr(part, step)  # type: ignore[index]
    setattr(part, last, value)
    assert named(request) == [field]


def cleared(request: Message, field: str) -> Message:
    request.ClearField(field)
    return request


@pytest.mark.parametrize(
    ("field", "request_"),
    [
        ("draft", cleared(filing(), "draft")),
        ("order", cleared(order(), "order")),
        ("reason", returns_service_pb2.RejectReturnRequest(name=closing().name)),
        ("reason", returns_service_pb2.RejectReturnRequest(name=closing().name, reason=reason_pb2.Reason())),
        (
            "approver",
            returns_service_pb2.ApproveReturnRequest(name=closing().name, approver=party_pb2.Approver(id="x")),
        ),
        ("names", returns_service_pb2.BatchGetReturnsRequest(parent="tenants/acme")),
        ("names", returns_service_pb2.BatchGetReturnsRequest(parent="tenants/acme", names=[closing().name] * 101)),
        ("names[0]", returns_service_pb2.BatchGetReturnsRequest(parent="tenants/acme", names=["x"])),
        ("page_size", returns_service_pb2.ListReturnsRequest(parent="tenants/acme", page_size=-1)),
        ("receipt_id", returns_service_pb2.RecordReceiptRequest(name=closing().name)),
    ],
)
def test_what_is_missing_or_too_much_is_refused_by_the_name_of_its_field(field: str, request_: Message) -> None:
    assert named(request_) == [field]


def test_a_customer_and_a_guest_at_once_are_refused() -> None:
    request = filing()
    request.draft.requestor.customer_id = "17850"
    request.draft.requestor.guest_email = " Ann@Example.org "
    assert named(request) == ["draft.requestor"]
    request.draft.requestor.customer_id = ""
    assert named(request) == []


def test_an_update_may_say_a_part_only() -> None:
    update = returns_service_pb2.UpdateReturnRequest(name=closing().name)
    update.draft.reason.SetInParent()
    update.draft.approver.id = "team-7"
    update.update_mask.paths.extend(["reason.details", "approver.id"])
    assert named(update) == []


def named(request: Message) -> list[str]:
    """The path of every field that breaks a rule."""
    paths = []
    for violation in protovalidate.collect_violations(request):
        assert violation.proto.field is not None
        elements = violation.proto.field.elements
        paths.append(".".join(e.field_name + (f"[{e.subscript.value}]" if e.subscript else "") for e in elements))
    return paths
