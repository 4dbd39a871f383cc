"""The checks of a replay find what is wrong: each beside a case where nothing is."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from google.type.money_pb2 import Money

from commerce.returns.v1.order_pb2 import Order, OrderLine
from commerce.returns.v1.price_pb2 import PriceBreakdown
from commerce.returns.v1.return_pb2 import Return, ReturnedItem, ReturnedOrder
from returns_client.importing import ImportReport
from returns_client.order_files import FoundOrder
from tools.replay.books import Books, LineKey, _check_line, _check_return
from tools.replay.filing import Filed, _parts
from tools.replay.folder import DataFolder, FolderUnusable, ReturnedLine, UnmatchedLine
from tools.replay.purchases import Purchases
from tools.replay.report import Outcome

KEY = ("7", "7-1")
EURO = 10**9


def price(units: int) -> PriceBreakdown:
    return PriceBreakdown(gross=Money(currency_code="EUR", units=units))


def line(quantity: int, returned: int, paid: int) -> OrderLine:
    return OrderLine(
        line_id="7-1",
        quantity=quantity,
        returned_quantity=returned,
        returnable_quantity=quantity - returned,
        total=price(paid),
    )


@pytest.mark.parametrize(
    ("order_line", "units", "worth", "finding"),
    [
        (line(3, 0, 9), 0, 0, None),
        (line(3, 2, 9), 2, 6 * EURO, None),
        (line(3, 3, 9), 3, 9 * EURO, None),
        (line(3, 3, 9), 3, 9 * EURO - 1, "returned in full, yet worth"),
        (line(3, 3, 9), 2, 6 * EURO, "returns claim 2, the order says 3"),
        (line(3, 2, 9), 2, 10 * EURO, "more than was bought or paid"),
        (line(3, 4, 9), 4, 9 * EURO, "more than was bought or paid"),
    ],
)
def test_a_line_that_does_not_add_up_is_found(
    order_line: OrderLine, units: int, worth: int, finding: str | None
) -> None:
    books = Books()
    _check_line(KEY, order_line, units, worth, books)
    assert len(books.findings) == (0 if finding is None else 1)
    assert finding is None or finding in books.findings[0]


def received(units: int, worth: int, total: int, version: int = 3) -> Return:
    item = ReturnedItem(line_id="7-1", quantity=units, approved_quantity=units, approved_total=price(worth))
    return Return(
        name="tenants/t00/returns/r1",
        state=Return.STATE_APPROVED,
        received=True,
        version=version,
        orders=[ReturnedOrder(order="tenants/t00/orders/7", items=[item])],
        approved_total=price(total),
    )


@pytest.mark.parametrize(
    ("ret", "finding"),
    [
        (received(2, 6, 6), None),
        (received(2, 6, 7), "its total is not the sum of its items"),
        (received(2, 6, 6, version=4), "not approved and received at version 3"),
    ],
)
def test_a_return_that_does_not_add_up_is_found(ret: Return, finding: str | None) -> None:
    books, units, worth = Books(), Counter[LineKey](), Counter[LineKey]()
    _check_return(ret, books, units, worth)
    assert (units[KEY], worth[KEY]) == (2, 6 * EURO)
    assert len(books.findings) == (0 if finding is None else 1)
    assert finding is None or finding in books.findings[0]


def test_a_return_is_split_at_a_thousand_items_and_at_a_hundred_orders() -> None:
    assert [len(part) for part in _parts(ReturnedLine("1", str(n), 1) for n in range(2_001))] == [1_000, 1_000, 1]
    assert [len(part) for part in _parts(ReturnedLine(str(n), "1", 1) for n in range(101))] == [100, 1]
    assert list(_parts([])) == []


def test_a_replay_in_which_something_is_missing_has_failed() -> None:
    good = Outcome(
        imported=ImportReport(orders_sent=2, lines_sent=3, imported=2),
        books=Books(orders=2, lines=3, returns=1),
        filed=Filed(documents=1, returns=1),
        documents=1,
    )
    assert good.failures() == []
    good.books.lines = 2
    assert good.failures() == ["3 lines sent, 2 read back"]
    good.documents = 2
    assert "2 return documents, 1 accepted" in good.failures()


def test_purchases_know_what_a_customer_had_bought_by_then() -> None:
    def at(day: int) -> datetime:
        return datetime(2026, 1, day, tzinfo=UTC)

    def order(order_id: str, day: int, product: str) -> FoundOrder:
        bought = OrderLine(line_id=f"{order_id}-1", product_id=product)
        found = Order(name=f"tenants/t00/orders/{order_id}", customer_id="c", lines=[bought])
        found.place_time.FromDatetime(at(day))
        return FoundOrder(1, found)

    purchases = Purchases([UnmatchedLine("R1", "c", at(9), "cup", 1, "")])
    assert len(list(purchases.noting([order("1", 2, "cup"), order("3", 8, "cup"), order("2", 5, "mug")]))) == 3
    assert purchases.latest_order("c", at(1)) is None
    assert purchases.latest_order("c", at(6)) == "2"
    assert purchases.latest_order("nobody", at(9)) is None
    assert purchases.lines_of("c", "cup", at(9)) == [("3", "3-1"), ("1", "1-1")]
    assert purchases.lines_of("c", "mug", at(9)) == []


def folder_of(path: Path, returns: str) -> DataFolder:
    (path / "orders.csv").write_text("order_id\n", encoding="utf-8")
    (path / "returns.csv").write_text(returns, encoding="utf-8")
    return DataFolder(path)


def test_documents_come_in_time_order_and_bad_rows_are_told(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        "return_id,order_id,line_id,quantity,returned_at\n"
        "b,1,1-1,2,2026-01-02\n"
        "a,2,2-1,1,2026-01-01T00:00:00Z\n"
        "b,3,3-1,1,2026-01-03\n"
        "c,4,4-1,0,2026-01-03\n"
        "c,4,4-1,1,soon\n"
        "c,4\n"
        "c,,4-1,1,2026-01-03\n",
    )
    assert [(document.return_id, document.orders) for document in folder.documents()] == [
        ("a", ["2"]),
        ("b", ["1", "3"]),
    ]
    assert [problem.partition(": ")[2].partition(":")[0] for problem in folder.problems] == [
        "line 5",
        "line 6",
        "line 7",
        "line 8",
    ]
    assert "returns.csv: 2 times without a time zone taken as UTC" in folder.assumptions


def test_rows_of_one_order_are_one_return_where_nothing_else_is_told(tmp_path: Path) -> None:
    documents = folder_of(tmp_path, "order_id\n1\n2\n1\n").documents()
    assert [(document.return_id, document.lines) for document in documents] == [
        ("1", [ReturnedLine("1", "", 0)]),
        ("2", [ReturnedLine("2", "", 0)]),
    ]


def test_returns_that_name_no_order_cannot_be_replayed(tmp_path: Path) -> None:
    with pytest.raises(FolderUnusable, match="lacks the column order_id"):
        folder_of(tmp_path, "return_id\n1\n").documents()
