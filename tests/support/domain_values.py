"""Hypothesis strategies for values of the domain, as wide as validation lets them be."""

from __future__ import annotations

from hypothesis import strategies as st

from returns_server.domain.ids import LineId, LineKey, Micros, OrderId, ReturnId
from returns_server.domain.money import CURRENCY_DIGITS, MAX_MINOR, Amount, Price
from returns_server.domain.policy import Policy, PolicyReason
from returns_server.domain.returns import (
    Approver,
    ApproverType,
    AssistedAction,
    AssistedOperation,
    CloseReason,
    Reason,
    Receipt,
    ReceiptItem,
    Requestor,
    Return,
    ReturnItem,
    State,
    Submitter,
    UserType,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
IDS = st.text("ABCxyz019._~-", min_size=1, max_size=8)
TIMES = st.builds(Micros, st.integers(0, 253_402_300_799_999_999))
SPANS = st.builds(Micros, st.integers(1, 315_360_000_000_000))
UNITS = st.integers(0, 2**31 - 1)
MINOR = st.integers(0, MAX_MINOR)
DECIMALS = st.decimals(0, 10**12, places=9).map(lambda number: f"{number:f}".rstrip("0").rstrip("."))
CURRENCIES = st.sampled_from(["GBP", "EUR", "JPY", "KWD", *sorted(CURRENCY_DIGITS)])

REASONS = st.builds(Reason, TEXTS, TEXTS)
_TAXED = st.builds(lambda net, tax: Amount(net + tax, net, tax), MINOR, MINOR)


def amounts(*, taxed: bool) -> st.SearchStrategy[Amount]:
    """Amounts with net and tax, or without."""
    return _TAXED if taxed else st.builds(Amount, MINOR)


def prices(*, taxed: bool) -> st.SearchStrategy[Price]:
    """Prices with net and tax, or without."""
    return st.builds(Price, amounts(taxed=taxed), TEXTS, st.sampled_from(["", "19", "7.7"]))


@st.composite
def return_items(draw: st.DrawFn, key: LineKey, *, approved: bool) -> ReturnItem:
    """Items whose claim has net and tax where the price that was made from it has."""
    total_taxed, taxed = draw(st.booleans()), draw(st.booleans())
    return ReturnItem(
        order_id=key.order_id,
        line_id=key.line_id,
        product_id=draw(TEXTS),
        product_name=draw(TEXTS),
        quantity=draw(UNITS),
        reason=draw(st.none() | REASONS),
        unit_price=draw(st.just("") | DECIMALS),
        total=draw(prices(taxed=total_taxed if approved else taxed)),
        approved_quantity=draw(UNITS) if approved else 0,
        approved_total=draw(prices(taxed=taxed)) if approved else None,
        received_quantity=draw(UNITS) if approved else 0,
        claimed_units=draw(UNITS),
        claimed=draw(amounts(taxed=taxed)),
    )


_RECEIPT_ITEMS = st.builds(ReceiptItem, IDS.map(OrderId), IDS.map(LineId), UNITS)
_RECEIPTS = st.builds(Receipt, IDS, st.lists(_RECEIPT_ITEMS, max_size=2).map(tuple), TIMES, st.booleans())
_ASSISTED = st.builds(
    AssistedAction, TEXTS, st.sampled_from(AssistedOperation), TIMES, TEXTS, st.lists(TEXTS, max_size=2).map(tuple)
)
_SCALARS = st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
_JSON = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2))
ATTRIBUTES = st.dictionaries(TEXTS, _JSON, max_size=3)


@st.composite
def returns(draw: st.DrawFn) -> Return:
    """Returns with every optional part there or not."""
    approved = draw(st.booleans())
    orders = draw(st.lists(IDS, min_size=1, max_size=3, unique=True))
    keys = [
        LineKey(OrderId(o), LineId(line))
        for o in orders
        for line in draw(st.lists(IDS, min_size=1, max_size=3, unique=True))
    ]
    return Return(
        return_id=ReturnId(draw(st.just("") | IDS)),
        number=draw(TEXTS),
        state=draw(st.sampled_from(State)),
        reason=draw(REASONS),
        items=tuple(draw(return_items(key, approved=approved)) for key in keys),
        requestor=draw(st.builds(Requestor, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS)),
        submitter=draw(st.builds(Submitter, st.sampled_from(UserType), TEXTS, TEXTS, TEXTS, TEXTS)),
        currency=draw(CURRENCIES),
        create_time=draw(TIMES),
        update_time=draw(TIMES),
        expire_time=draw(st.none() | TIMES),
        version=draw(st.integers(1, 2**63 - 1)),
        expire_time_given=draw(st.booleans()),
        approver=draw(st.none() | st.builds(Approver, st.sampled_from(ApproverType), TEXTS)),
        attributes=draw(st.none() | ATTRIBUTES),
        goods_not_expected=draw(st.booleans()),
        receipts=draw(st.lists(_RECEIPTS, max_size=2).map(tuple)),
        assisted_actions=draw(st.lists(_ASSISTED, max_size=2).map(tuple)),
        close_reason=draw(st.sampled_from(CloseReason)),
        rejection=draw(st.none() | REASONS),
        closing=draw(st.none() | REASONS),
        approve_time=draw(TIMES) if approved else None,
        receive_time=draw(st.none() | TIMES),
        close_time=draw(st.none() | TIMES),
    )


POLICIES = st.builds(
    Policy,
    return_window=st.none() | SPANS,
    expire_after=SPANS,
    reasons=st.lists(st.builds(PolicyReason, TEXTS, st.booleans(), st.booleans()), max_size=3).map(tuple),
    auto_approve=TEXTS,
    require_etag=st.booleans(),
    create_time=st.none() | TIMES,
    update_time=st.none() | TIMES,
)
