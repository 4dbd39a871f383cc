"""Orders and returns by `returnsctl`: for people in tables, for programs in protobuf's JSON."""

from __future__ import annotations

import json
import uuid

import pytest

from returnsctl.options import return_named
from tests.support.ctl import Desk


def test_a_return_goes_its_way(shop: Desk) -> None:
    created = shop.document(
        "returns", "create", "-i", "1001/1=2", "-i", "1001/2=3:TOO_SMALL", "--reason", "DAMAGED",
        "--details", "two lids",
        "--attribute", "channel=web", "--attribute", "weight=2.5", "--attribute", 'zip="01067"',
        "--attribute", "box.size=9",
    )  # fmt: skip
    ret = created["name"].rpartition("/")[2]
    assert (created["state"], created["version"], created["requestor"]) == (
        "STATE_PENDING",
        "1",
        {"customerId": "c-17"},
    )
    assert created["attributes"] == {"channel": "web", "weight": 2.5, "zip": "01067", "box.size": 9}
    assert [item.get("reason") for item in created["orders"][0]["items"]] == [None, {"code": "TOO_SMALL"}]
    changed = shop.document(
        "returns", "update", ret, "--reason", "BROKEN", "--attribute", "channel=phone",
        "--attribute", "box.size=8", "--remove-attribute", "zip",
        "--etag", created["etag"],
    )  # fmt: skip
    assert changed["reason"] == {"code": "BROKEN", "details": "two lids"}
    assert changed["attributes"] == {"channel": "phone", "weight": 2.5, "box.size": 8}
    approved = shop.document("returns", "approve", ret, "-i", "1001/1=1", "-i", "1001/2=3", "--approver", "user:eva")
    assert [item["approvedQuantity"] for item in approved["orders"][0]["items"]] == [1, 3]
    assert approved["approver"] == {"type": "TYPE_USER", "id": "eva"}
    shop.ok("returns", "receive", ret, "--receipt-id", "P1", "-i", "1001/2=1")
    shop.ok("returns", "receive", ret, "--receipt-id", "P1", "-i", "1001/2=1")
    received = shop.document("returns", "receive", ret, "--receipt-id", "P2")
    assert (received["received"], [one["receiptId"] for one in received["receipts"]]) == (True, ["P1", "P2"])
    assert shop.document("returns", "close", ret)["closeReason"] == "CLOSE_REASON_COMPLETED"
    assert shop.document("returns", "reopen", ret, "--details", "one more parcel")["state"] == "STATE_APPROVED"
    timeline = shop.lines("returns", "timeline", ret)
    assert [event["type"].removeprefix("return.") for event in timeline] == [
        "created", "updated", "approved", "received", "received", "closed", "reopened",
    ]  # fmt: skip
    shown = shop.ok("returns", "timeline", ret)
    assert "return.reopened" in shown
    assert "CLOSED (COMPLETED)" in shown


def test_people_see_what_counts(shop: Desk) -> None:
    shop.filed("1001/1=2")
    table = shop.ok("returns", "list").splitlines()
    assert table[0].split() == ["NUMBER", "STATE", "GOODS", "REASON", "REQUESTOR", "ORDERS", "TOTAL", "FILED", "ID"]
    assert table[1].split()[:7] == ["R-000001", "PENDING", "DAMAGED", "c-17", "1001", "6.67", "EUR"]
    shown = shop.ok("returns", "get", "R-000001")
    assert "Return R-000001 PENDING" in shown
    assert "next        update, approve, reject, close, delete" in shown
    assert "1     teapot Teapot      2         0         0  6.67 EUR" in shown
    assert "1     teapot Teapot       3     1   3.33 EUR" in shop.ok("orders", "returnable", "1001")
    assert "1     teapot Teapot      3         2     1  10.00 EUR" in shop.ok("orders", "get", "1001")


def test_lists_end_where_they_are_told(shop: Desk) -> None:
    for _ in range(3):
        shop.filed()
    shop.filed("1002/1=1")
    assert len(shop.lines("returns", "list", "--limit", "2")) == 2
    assert [one["number"] for one in shop.lines("returns", "list", "--all", "--ascending")] == [
        "R-000001", "R-000002", "R-000003", "R-000004",
    ]  # fmt: skip
    assert len(shop.lines("returns", "list", "--customer", "c-17")) == 3
    shop.ok("returns", "reject", "R-000001", "--reason", "WORN")
    either = "orders.order=1002 OR state=REJECTED"
    assert {one["number"] for one in shop.lines("returns", "list", "--filter", either)} == {"R-000001", "R-000004"}
    joined = shop.lines("returns", "list", "--filter", either, "--state", "pending")
    assert [one["number"] for one in joined] == ["R-000004"]
    counted = shop.run("returns", "list", "--count", "--limit", "1")
    assert (counted.stderr, len(counted.stdout.splitlines())) == ("4 returns in all\n", 2)
    assert shop.run("returns", "list", "--customer", 'x"*').stderr == "no returns\n"
    assert [one["name"].rpartition("/")[2] for one in shop.lines("orders", "list")] == ["1002", "1001"]
    assert len(shop.lines("orders", "returnable", "--guest", "robin@example.com")) == 1


def test_a_repeated_command_has_one_effect(shop: Desk) -> None:
    again = ("returns", "create", "-i", "1001/1=1", "--reason", "X", "--request-id", str(uuid.uuid4()))
    assert shop.document(*again) == shop.document(*again)
    assert len(shop.lines("returns", "list")) == 1


def test_trying_changes_nothing(shop: Desk) -> None:
    tried = shop.document("returns", "create", "-i", "1001/1=1", "--reason", "X", "--validate-only")
    assert "name" not in tried
    ret = shop.filed()
    assert "could be deleted" in shop.ok("returns", "delete", ret, "--validate-only")
    assert [one["state"] for one in shop.lines("returns", "list")] == ["STATE_PENDING"]


def test_deleting_is_asked_about(shop: Desk) -> None:
    ret = shop.filed()
    assert shop.run("returns", "delete", ret, says="n\n").exit_code == 1
    assert shop.document("returns", "get", ret)["state"] == "STATE_PENDING"
    assert "is deleted" in shop.ok("returns", "delete", ret, says="y\n")
    other = shop.filed()
    assert shop.document("returns", "delete", other, "--yes") == {}
    assert shop.lines("returns", "list") == []
    assert shop.lines("returns", "timeline", ret)[-1]["type"] == "return.deleted"


def test_a_whole_draft_may_come_from_a_file(shop: Desk) -> None:
    draft = {"orders": [{"order": "1002", "items": [{"lineId": "1", "quantity": 2}]}], "reason": {"code": "LATE"}}
    made = json.loads(
        shop.ok("returns", "create", "--draft", "-", "--details", "a week", "--json", says=json.dumps(draft))
    )
    assert made["reason"] == {"code": "LATE", "details": "a week"}
    assert made["requestor"] == {"guestEmail": "robin@example.com"}
    bad = shop.run("returns", "create", "--draft", "-", says='{"order": 1}')
    assert (bad.exit_code, "is no ReturnDraft" in bad.stderr) == (2, True)


def test_customers_do_what_is_theirs(shop: Desk) -> None:
    customer = shop.customer("c-17")
    ret = customer.filed()
    assert "next        update, close" in customer.ok("returns", "get", ret)
    assert customer.document("returns", "close", ret)["closeReason"] == "CLOSE_REASON_WITHDRAWN"
    assert customer.refused("returns", "approve", ret)[1]["reason"] == "SCOPE_MISSING"
    assert shop.customer("c-18").refused("returns", "get", ret)[1]["reason"] == "RETURN_NOT_FOUND"


def test_what_a_shop_wrote_cannot_steer_the_terminal(desk: Desk) -> None:
    (file := desk.folder / "orders.jsonl").write_text(
        '{"name": "9", "customerId": "c", "currencyCode": "EUR", "placeTime": "2026-11-01T10:00:00Z", "lines": [{'
        '"lineId": "1", "productName": "\\u001b[31mred\\u202egnp [bold]", "quantity": 1,'
        '"total": {"gross": {"currencyCode": "EUR"}}}]}'
    )
    desk.ok("orders", "import", str(file))
    shown = desk.ok("orders", "get", "9")
    assert "\N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}gnp [bold]" in shown
    assert "\x1b" not in shown
    assert desk.document("orders", "get", "9")["lines"][0]["productName"] == "\x1b[31mred\u202egnp [bold]"


def test_an_import_tells_what_it_did(desk: Desk) -> None:
    (file := desk.folder / "orders.csv").write_text(
        "order_id,customer_id,ordered_at,line_id,product_id,quantity,unit_price\n"
        "1,c1,2026-01-05T10:00:00,1-1,teapot,2,3.335\n2,c1,not a time,2-1,plate,1,4.00\n"
    )
    told = desk.run("orders", "import", str(file))
    assert told.exit_code == 1
    assert "1 orders sent: 1 new, 0 updated, 0 unchanged, 0 refused; 1 problems in the file" in told.stdout
    assert "line 3: order 2: ordered_at" in told.stderr
    report = json.loads(desk.run("orders", "import", str(file), "--json").stdout)
    assert (report["unchanged"], report["unreadable"], report["problems"][0]["line_number"]) == (1, 1, 3)
    assert "no column currency: GBP" in report["assumptions"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("returns", "create", "-i", "1001=2"), "'1001=2' is not ORDER/LINE=UNITS[:CODE]"),
        (("returns", "approve", "x", "-i", "1001/1=1:WORN"), "is not ORDER/LINE=UNITS"),
        (("returns", "create", "--attribute", "x"), "'x' is not NAME=VALUE"),
        (("returns", "approve", "x", "--approver", "eva"), "'eva' is neither user:ID nor group:ID"),
        (("returns", "approve", "x", "--expire-time", "2026-01-31"), "no time with a zone"),
        (("returns", "approve", "x", "--expire-time", "+1w"), "no time with a zone"),
        (("returns", "create", "--customer", "a", "--guest", "b@c"), "--customer or --guest, not both"),
        (("returns", "update", "x"), "nothing to change"),
        (("returns", "reject", "x"), "why?"),
        (("orders", "returnable", "1", "--customer", "c"), "one of ORDER, --customer and --guest"),
        (("webhooks", "update", "x"), "nothing to change"),
        (("webhooks", "rotate", "x", "--grace", "soon"), "'soon' is no length of time"),
        (("webhooks", "redeliver", "x"), "DELIVERY or --since"),
        (("webhooks", "redeliver", "x", "1", "--only-failed"), "go with --since"),
        (("events", "follow", "--start", "latest", "--after", "x"), "one of --start, --since and --after"),
    ],
)
def test_what_is_asked_wrongly_is_told_before_anything_is_called(
    desk: Desk, arguments: tuple[str, ...], told: str
) -> None:
    result = desk.run(*arguments, RETURNSCTL_ADDRESS="127.0.0.1:1")
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_numbers_and_ids_are_told_apart() -> None:
    # An id has no capital letters, so that nothing is looked up for it: no session is needed.
    assert return_named(None, "r-000001") == "r-000001"  # type: ignore[arg-type]
