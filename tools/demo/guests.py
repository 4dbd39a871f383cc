"""A guest without an account: served by an employee, then, with a verified address, alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from commerce.returns.v1.order_pb2 import Order, OrderLine
from commerce.returns.v1.orders_service_pb2 import GetOrderRequest, ListOrdersRequest, UpsertOrderRequest
from commerce.returns.v1.party_pb2 import Requestor
from commerce.returns.v1.price_pb2 import PriceBreakdown
from commerce.returns.v1.reason_pb2 import Reason
from commerce.returns.v1.return_draft_pb2 import DraftItem, DraftOrder, ReturnDraft
from commerce.returns.v1.return_pb2 import AssistedAction, Return
from commerce.returns.v1.returns_service_pb2 import CreateReturnRequest, ListReturnsRequest
from returns_client.money import money_of
from tools.demo.people import CUSTOMER_SCOPES, PARENT, Desk, Person
from tools.demo.stage import Stage
from tools.demo.wording import amount, last, summary

GUEST = "robin@example.com"
_ORDER = f"{PARENT}/orders/web-4711"


def orders_as_guest(stage: Stage, desk: Desk, feed: Person) -> None:
    """The shop feeds an order of a guest: the one that is made up here."""
    stage.chapter("A guest on the phone")
    stage.acts(feed.name, f"sends an order of {GUEST}", "UpsertOrder")
    order = Order(name=_ORDER, guest_email=f"  {GUEST.upper()} ", currency_code="GBP")
    order.place_time.FromDatetime(datetime.now(UTC) - timedelta(days=3))
    for number, (name, quantity, net, tax) in enumerate(
        (("TEAPOT, ONE CUP", 3, "25.00", "5.00"), ("PARTY BUNTING", 1, "4.13", "0.82")), 1
    ):
        gross = Decimal(net) + Decimal(tax)
        total = PriceBreakdown(
            gross=money_of(gross, "GBP"), net=money_of(Decimal(net), "GBP"), tax=money_of(Decimal(tax), "GBP")
        )
        line = OrderLine(line_id=str(number), product_name=name, quantity=quantity, total=total, tax_rate="20")
        order.lines.append(line)
    stored = feed.asks(desk.orders.UpsertOrder, UpsertOrderRequest(order=order))
    stage.says("This order is made up for the demonstration: the real data has no e-mail addresses and no taxes.")
    stage.promise(stored.guest_email == GUEST, "the address is kept trimmed and in lower case")


def is_served(stage: Stage, desk: Desk, employee: Person) -> Return:
    """An employee finds the order by the address and files for the guest; answers the return."""
    stage.acts(employee.name, f'finds the order: guest_email="{GUEST}"', "ListOrders")
    request = ListOrdersRequest(parent=PARENT, filter=f'guest_email="{GUEST}"')
    orders = employee.asks(desk.orders.ListOrders, request).orders
    stage.promise([order.name for order in orders] == [_ORDER], f"one order: {last(_ORDER)}")
    stage.acts(employee.name, "files one of three teapots for the guest", "CreateReturn")
    filed = employee.asks(
        desk.returns.CreateReturn,
        CreateReturnRequest(
            parent=PARENT,
            draft=_draft("1", 1, Requestor(guest_email=GUEST)),
            assistance_reason="the guest phoned, the spout is chipped",
        ),
    )
    stage.says(summary(filed))
    stage.promise(
        [amount(part) for part in (filed.total.net, filed.total.tax, filed.total.gross)]
        == ["£8.33", "£1.67", "£10.00"],
        "a third of what was paid: £8.33 net and £1.67 tax, £10.00 in all",
    )
    action = filed.assisted_actions[0]
    stage.promise(
        action.operation == AssistedAction.OPERATION_CREATE and bool(action.reason),
        f"on record: {action.employee} did this for the guest, because {action.reason}",
    )
    return filed


def registers(stage: Stage, desk: Desk, served: Return) -> None:
    """The guest gets an account: an address opens nothing until it is verified, then what was bought with it."""
    stage.chapter("The guest registers")
    account = ("robin", CUSTOMER_SCOPES, "--customer-id", "new-9001", "--email", GUEST)
    stranger = desk.person("Robin, address not verified,", *account)
    stage.acts(stranger.name, "looks for returns and for the order", "ListReturns, GetOrder")
    seen = stranger.asks(desk.returns.ListReturns, ListReturnsRequest(parent=PARENT)).returns
    stage.promise(not seen, "sees no return")
    stage.refused(
        lambda: stranger.asks(desk.orders.GetOrder, GetOrderRequest(name=_ORDER)),
        "ORDER_NOT_FOUND",
        "an address that anyone can type opens nothing",
    )
    robin = desk.person("Robin, address verified,", *account, "--email-verified")
    stage.acts(robin.name, "looks again", "ListReturns")
    seen = robin.asks(desk.returns.ListReturns, ListReturnsRequest(parent=PARENT)).returns
    stage.promise([ret.name for ret in seen] == [served.name], f"sees {seen[0].number}, filed on the phone")
    stage.promise(not seen[0].assisted_actions and not seen[0].submitter.subject, "but not who at the shop filed it")
    stage.acts(robin.name, "files the other two teapots alone", "CreateReturn")
    own = robin.asks(desk.returns.CreateReturn, CreateReturnRequest(parent=PARENT, draft=_draft("1", 2, None)))
    stage.says(summary(own))
    stage.promise(
        (amount(own.total.net), amount(own.total.gross)) == ("£16.67", "£20.00"),
        "all three teapots together are worth exactly what was paid for them: £25.00 net, £30.00",
    )


def _draft(line_id: str, quantity: int, requestor: Requestor | None) -> ReturnDraft:
    items = [DraftItem(line_id=line_id, quantity=quantity)]
    return ReturnDraft(
        orders=[DraftOrder(order=_ORDER, items=items)], reason=Reason(details="chipped"), requestor=requestor
    )
