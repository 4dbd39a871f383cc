"""What filters find, written out case by case: the predicate against answers that a person gave."""

from __future__ import annotations

import pytest
from google.protobuf.json_format import ParseDict

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.return_pb2 import Return
from returns_server.domain.ids import TenantId
from returns_server.filtering.language import parse_events_filter, parse_returns_filter
from returns_server.filtering.predicate import matches

ACME = TenantId("acme")
RETURN = ParseDict(
    {
        "name": "tenants/acme/returns/r-1",
        "number": "R-000001",
        "state": "STATE_PENDING",
        "version": "3",
        "createTime": "2026-01-01T00:00:00.000001Z",
        "orders": [
            {
                "order": "tenants/acme/orders/o1",
                "items": [
                    {"lineId": "1", "productId": "85123A", "reason": {"code": "BROKEN"}},
                    {"lineId": "2", "productId": "71053"},
                ],
            }
        ],
        "reason": {"details": "100% wrong_colour"},
        "requestor": {"guestEmail": "ann@example.com"},
        "submitter": {"userType": "USER_TYPE_EMPLOYEE", "subject": "eve"},
        "currencyCode": "GBP",
        "total": {"gross": {"currencyCode": "GBP", "units": "12", "nanos": 990000000}},
        "attributes": {
            "colour": "Red",
            "weight": 2.5,
            "gift": False,
            "note": None,
            "empty": {},
            "none": [],
            "nulls": [None],
            "zip": "0123",
            "count": "5",
            "tags": ["a", "b", 7, True, ["deep"]],
            "box": {"size": {"w": 10}, "my key": "x", "a.b": "y"},
        },
    },
    Return(),
)
HOLDS = [
    "",
    "state=PENDING",
    "state=STATE_PENDING",
    "state!=CLOSED",
    "goods_state=UNSPECIFIED",
    "name=r-1",
    "name=tenants/acme/returns/r-1",
    "number=R-0*",
    "number:*001",
    "number=*00*",
    "number!=X*",
    "NOT received=true",
    "received=false",
    "received!=true",
    "version>=3 AND version<4",
    "create_time>2026-01-01T00:00:00Z",
    "create_time=2026-01-01T01:00:00.000001+01:00",
    "create_time<2026-01-01T00:00:00.0000011Z",
    "create_time!=2026-01-01T00:00:00.0000011Z",
    "NOT close_time:*",
    "NOT close_time<2030-01-01T00:00:00Z",
    # Without presence: never unset.
    'requestor.customer_id=""',
    "requestor.customer_id!=c1",
    "NOT requestor.customer_id:*",
    "reason.code!=BROKEN",
    # Of a message that may be unset.
    "NOT rejection.code:*",
    "NOT approver.id!=boss",
    "NOT approved_total.gross.units!=5",
    "total.gross.units=12",
    # Any element.
    "orders.order=o1",
    'orders.items.product_id:"85123A"',
    "orders.items.product_id=85123A orders.items.product_id=71053",
    "orders.items.product_id!=85123A",
    "NOT orders.items.product_id=99999",
    "orders.items.reason.code:*",
    "NOT orders.items.reason.details:*",
    # Wildcards of other languages are plain characters.
    'reason.details="100%*"',
    'reason.details="*wrong_*"',
    "requestor.guest_email=ANN@example.com",
    "requestor.guest_email=*@EXAMPLE.com",
    # Attributes.
    "attributes.colour=Red",
    "attributes.colour>Blue",
    "attributes.colour:R*",
    "attributes.weight=2.50",
    "attributes.weight=25e-1",
    "attributes.weight>2 AND attributes.weight<=2.5",
    'attributes.weight!="2.5"',
    "attributes.weight!=red",
    "attributes.gift=false",
    "attributes.gift:*",
    "attributes.gift!=true",
    'attributes.gift!="false"',
    "NOT attributes.note:*",
    "NOT attributes.note!=x",
    "NOT attributes.empty:*",
    "NOT attributes.none:*",
    "NOT attributes.nulls:*",
    "NOT attributes.missing:*",
    "NOT attributes.missing!=x",
    "attributes.zip=0123",
    "NOT attributes.zip=123",
    "NOT attributes.zip>5",
    "attributes.count=5",
    'attributes.count="5"',
    "NOT attributes.count=5.0",
    "attributes.tags=a attributes.tags=7 attributes.tags=true",
    "NOT attributes.tags=deep",
    "attributes.tags!=a",
    "attributes.tags:*",
    "attributes.box.size.w=10",
    'attributes.box."my key"=x',
    "attributes.box.'a.b'=y",
    "NOT attributes.box.a.b:*",
    "attributes.box:*",
    "NOT attributes.box=x",
    "NOT attributes.box!=x",
    "NOT attributes.colour.deeper:*",
    "attributes:*",
]
DOES_NOT = [
    "state=CLOSED",
    "number=r-0*",
    "number=R\\*",
    "number!=R*",
    "name!=r-1",
    "received:*",
    "goods_state:*",
    "create_time=2026-01-01T00:00:00Z",
    "create_time=2026-01-01T00:00:00.0000011Z",
    "requestor.customer_id:*",
    "requestor.guest_email!=ann@example.com",
    "approver.id!=boss",
    "rejection.code!=X",
    "close_time!=2026-01-01T00:00:00Z",
    "close_time<2030-01-01T00:00:00.0000001Z",
    "orders.items.reason.code!=BROKEN",
    "orders.items.product_id=85123a",
    "attributes.colour=red",
    "attributes.weight=2",
    "attributes.note=null",
    "attributes.missing!=1",
    "attributes.tags=c",
    "state=PENDING AND state=CLOSED",
    "state=CLOSED OR state=APPROVED",
    "state=PENDING -number:*",
]


@pytest.mark.parametrize("text", HOLDS)
def test_it_holds(text: str) -> None:
    assert matches(parse_returns_filter(text, ACME, sees_all=True), RETURN)


@pytest.mark.parametrize("text", DOES_NOT)
def test_it_does_not_hold(text: str) -> None:
    assert not matches(parse_returns_filter(text, ACME, sees_all=True), RETURN)


EVENT = ParseDict(
    {
        "type": "return.approved",
        "time": "2026-01-02T00:00:00Z",
        "returnName": "tenants/acme/returns/r-1",
        "returnVersion": "2",
        "actor": {"subject": "eve", "userType": "USER_TYPE_EMPLOYEE"},
    },
    ReturnEvent(),
)
EVENT.changed_paths.paths.extend(["state", "approve_time"])
EVENT.snapshot.CopyFrom(RETURN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type=return.approved", True),
        ("type=return.*", True),
        ("type:return.created OR type:return.approved", True),
        ("time>=2026-01-02T00:00:00Z", True),
        ("return_name=r-1 return_version=2", True),
        ("actor.user_type=EMPLOYEE actor.subject=eve", True),
        ("changed_paths:state", True),
        ("changed_paths=orders", False),
        ("changed_paths:*", True),
        ('snapshot.orders.items.product_id:"85123A" AND snapshot.attributes.box.size.w>=10', True),
        ("snapshot.currency_code=EUR", False),
        ("snapshot.total.gross.units<12", False),
        ("NOT snapshot.approver.id:*", True),
    ],
)
def test_events_are_found_by_what_they_say_and_by_the_return_in_them(text: str, expected: bool) -> None:
    assert matches(parse_events_filter(text, ACME, sees_all=True), EVENT) is expected
