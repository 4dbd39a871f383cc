"""Order files become orders, or say in which line they are wrong."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from commerce.returns.v1.order_pb2 import Order
from returns_client.money import currency_digits, decimal_of, money_of
from returns_client.order_files import FoundOrder, OrderFile, OrderFileUnusable, Problem
from returns_server.domain.money import CURRENCY_DIGITS

PARENT = "tenants/acme"
MINIMAL = "order_id,customer_id,ordered_at,line_id,product_id"
PRICED = MINIMAL + ",quantity,unit_price,discount,line_total,line_tax,currency"


def opened(tmp_path: Path, text: str, name: str = "orders.csv") -> OrderFile:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    return OrderFile(path, PARENT)


def orders(file: OrderFile) -> list[Order]:
    found = list(file)
    assert [each for each in found if isinstance(each, Problem)] == []
    return [each.order for each in found if isinstance(each, FoundOrder)]


def problems(file: OrderFile) -> list[tuple[int, str, str]]:
    return [(each.line_number, each.order_id, each.text) for each in file if isinstance(each, Problem)]


def test_a_minimal_file_is_enough_and_what_was_assumed_is_told(tmp_path: Path) -> None:
    file = opened(tmp_path, f"{MINIMAL}\n1,c1,2026-01-02T03:04:05,1-1,p1\n1,c1,2026-01-02T03:04:05,1-2,p2\n")
    (order,) = orders(file)
    assert order.name == "tenants/acme/orders/1"
    assert (order.customer_id, order.currency_code, order.place_time.ToJsonString()) == (
        "c1",
        "GBP",
        "2026-01-02T03:04:05Z",
    )
    assert [(line.line_id, line.quantity, decimal_of(line.total.gross)) for line in order.lines] == [
        ("1-1", 1, Decimal("0.00")),
        ("1-2", 1, Decimal("0.00")),
    ]
    told = file.notes.sentences()
    assert "no column quantity: 1 unit a line" in told
    assert "no column currency: GBP" in told
    assert "2 times without a time zone were taken as UTC" in told
    assert "2 lines have no price and count as worth 0" in told


@pytest.mark.parametrize(
    ("cells", "gross", "rounded"),
    [
        ("3,2.55,,,,GBP", "7.65", 0),
        ("3,2.55,0.65,,,GBP", "7.00", 0),
        ("3,2.55,0.65,9.99,,GBP", "9.99", 0),
        ("1,0.005,,,,GBP", "0.01", 1),
        ("1,0.004999,,,,GBP", "0.00", 1),
        ("1,0.5,,,,JPY", "1", 1),
        ("1,1.2345,,,,KWD", "1.235", 1),
        ("7,100,,,,JPY", "700", 0),
        ("80995,2.08,,,,GBP", "168469.60", 0),
        ("2.0,4.0,,,,", "8.00", 0),
    ],
)
def test_a_line_is_worth_what_was_paid_rounded_half_up(tmp_path: Path, cells: str, gross: str, rounded: int) -> None:
    file = opened(tmp_path, f"{PRICED}\n1,c,2026-01-02,1-1,p,{cells}\n")
    (order,) = orders(file)
    assert decimal_of(order.lines[0].total.gross) == Decimal(gross)
    assert not order.lines[0].total.HasField("net")
    assert file.notes.rounded_totals == rounded


def test_tax_leaves_the_rest_as_net(tmp_path: Path) -> None:
    (order,) = orders(opened(tmp_path, f"{PRICED}\n1,c,2026-01-02,1-1,p,1,,,11.90,1.90,EUR\n"))
    total = order.lines[0].total
    assert [decimal_of(part) for part in (total.gross, total.net, total.tax)] == [
        Decimal("11.90"),
        Decimal("10.00"),
        Decimal("1.90"),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2,c,2026-01-02,l,p,0,1,,,,GBP", "quantity 0 is no whole number from 1"),
        ("2,c,2026-01-02,l,p,1.5,1,,,,GBP", "quantity 1.5 is no whole number"),
        ("2,c,2026-01-02,l,p,-3,1,,,,GBP", "quantity -3 is no whole number"),
        ("2,c,2026-01-02,l,p,2147483648,1,,,,GBP", "quantity 2147483648 is no whole number"),
        ("2,c,2026-01-02,l,p,many,1,,,,GBP", "quantity 'many' is no number"),
        ("2,c,2026-01-02,l,p,1,-1,,,,GBP", "unit_price -1 is negative"),
        ("2,c,2026-01-02,l,p,1,NaN,,,,GBP", "unit_price NaN is out of range"),
        ("2,c,2026-01-02,l,p,1,1e999999,,,,GBP", "unit_price 1e999999 is out of range"),
        ("2,c,2026-01-02,l,p,2000000000,900000000,,,,GBP", "line_total 1.800e+18 is out of range"),
        ("2,c,2026-01-02,l,p,1,1,2,,,GBP", "discount 2 is more than quantity x unit_price"),
        ("2,c,2026-01-02,l,p,1,1,,,2,GBP", "line_tax 2 is more than the line's total 1.00"),
        ("2,c,yesterday,l,p,1,1,,,,GBP", "ordered_at 'yesterday' is no ISO 8601 date and time"),
        ("2,c,,l,p,1,1,,,,GBP", "ordered_at is empty"),
        ("2,c,2026-01-02,,p,1,1,,,,GBP", "line_id is empty"),
        (",c,2026-01-02,l,p,1,1,,,,GBP", "order_id is empty"),
        ("2,c,2026-01-02,l,p", "has 5 cells instead of 11"),
        ("2,c,2026-01-02,l,p,1,1,,,,GBP,x", "has 12 cells instead of 11"),
        ("2,c,2026-01-02,l,p\udcff,1,1,,,,GBP", "is not UTF-8"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_sinks_its_order_alone(tmp_path: Path, row: str, said: str) -> None:
    text = f"{PRICED}\n1,c,2026-01-02,1-1,p,1,1,,,,GBP\n{row}\n3,c,2026-01-02,3-1,p,1,1,,,,GBP\n"
    path = tmp_path / "orders.csv"
    path.write_bytes(text.encode(errors="surrogateescape"))
    found = list(OrderFile(path, PARENT))
    (problem,) = [each for each in found if isinstance(each, Problem)]
    assert problem.line_number == 3
    assert said in problem.text
    assert [each.order.name[-1] for each in found if isinstance(each, FoundOrder)] == ["1", "3"]


def test_an_order_with_one_bad_row_is_left_out_as_a_whole(tmp_path: Path) -> None:
    rows = ["1,c,2026-01-02,1-1,p", "1,c,never,1-2,p", "1,c,2026-01-02,1-3,p", "2,c,2026-01-02,2-1,p"]
    file = opened(tmp_path, "\n".join([MINIMAL, *rows]))
    found = list(file)
    assert [(each.line_number, each.order_id) for each in found if isinstance(each, Problem)] == [(3, "1")]
    assert [each.order.name[-1] for each in found if isinstance(each, FoundOrder)] == ["2"]


@pytest.mark.parametrize(
    ("column", "first", "second"),
    [
        ("customer_id", "1,a,2026-01-02,1,p,GBP", "1,b,2026-01-02,2,p,GBP"),
        ("currency", "1,a,2026-01-02,1,p,GBP", "1,a,2026-01-02,2,p,EUR"),
    ],
)
def test_rows_of_one_order_must_agree(tmp_path: Path, column: str, first: str, second: str) -> None:
    file = opened(tmp_path, f"{MINIMAL},currency\n{first}\n{second}\n")
    ((line_number, order_id, text),) = problems(file)
    assert (line_number, order_id) == (3, "1")
    assert text.startswith(column)
    assert file.notes.orders == 0


def test_rows_of_several_orders_may_be_mixed_a_little(tmp_path: Path) -> None:
    rows = [f"{order},c,2026-01-02,{order}-{line},p" for line in range(3) for order in range(50)]
    assert {order.name: len(order.lines) for order in orders(opened(tmp_path, "\n".join([MINIMAL, *rows])))} == {
        f"tenants/acme/orders/{order}": 3 for order in range(50)
    }


def test_a_row_that_comes_too_late_is_told_and_does_not_replace_its_order(tmp_path: Path) -> None:
    rows = [f"{order},c,2026-01-02,{order}-1,p" for order in [*range(200), 7]]
    file = opened(tmp_path, "\n".join([MINIMAL, *rows]))
    found = list(file)
    (problem,) = [each for each in found if isinstance(each, Problem)]
    assert (problem.line_number, problem.order_id) == (202, "7")
    assert "sort the file" in problem.text
    assert sum(isinstance(each, FoundOrder) and each.order.name.endswith("/7") for each in found) == 1


def test_bad_rows_without_end_do_not_pile_up(tmp_path: Path) -> None:
    rows = [f"{order},c,never,l,p" for order in range(5_000)]
    assert len(problems(opened(tmp_path, "\n".join([MINIMAL, *rows])))) == 5_000


def test_several_times_in_one_order_count_as_the_earliest(tmp_path: Path) -> None:
    file = opened(
        tmp_path, f"{MINIMAL}\n1,,2026-01-02T10:01,1,p\n1,,2026-01-02T10:00,2,p\n1,,2026-01-02T11:00+01:00,3,p\n"
    )
    (order,) = orders(file)
    assert order.place_time.ToJsonString() == "2026-01-02T10:00:00Z"
    assert (file.notes.orders_with_several_times, file.notes.anonymous_orders, file.notes.times_without_zone) == (
        1,
        1,
        2,
    )


def test_quoted_cells_may_hold_line_ends_and_line_numbers_stay_right(tmp_path: Path) -> None:
    text = f'{MINIMAL},product_name\n1,c,2026-01-02,1,p,"a\nb, ""c"""\n\n2,c,never,1,p,x\n'
    found = list(opened(tmp_path, text))
    named = [each.order.lines[0].product_name for each in found if isinstance(each, FoundOrder)]
    assert named == ['a\nb, "c"']
    assert [each.line_number for each in found if isinstance(each, Problem)] == [5]


def test_compressed_and_plain_files_say_the_same(tmp_path: Path) -> None:
    text = "\ufeff" + f"{MINIMAL}\n1,c,2026-01-02,1,p\n"
    plain = orders(opened(tmp_path, text))
    packed = tmp_path / "orders.csv.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert orders(OrderFile(packed, PARENT)) == plain


def test_a_file_that_breaks_off_loses_only_what_is_unfinished(tmp_path: Path) -> None:
    rows = [f"{order:05},c,2026-01-02,{hash(order) * 7919 % 100003},p" for order in range(20_000)]
    packed = gzip.compress("\n".join([MINIMAL, *rows]).encode())
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(packed[: len(packed) // 2])
    found = list(OrderFile(path, PARENT))
    assert isinstance(found[-1], Problem)
    assert "breaks off" in found[-1].text
    assert len(found) > 1_000


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("orders.csv", "order_id,line_id\n", "lacks the columns customer_id, ordered_at, product_id"),
        ("orders.csv", "", "lacks the columns order_id"),
        ("orders.csv", f"{MINIMAL},line_id\n", "has columns twice: line_id"),
        ("orders.xlsx", "", "should be .csv or .jsonl"),
        ("orders.csv.gz", "no gzip", "gzip"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(OrderFileUnusable, match=said):
        list(opened(tmp_path, text, name))


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(OrderFileUnusable, match="No such file"):
        list(OrderFile(tmp_path / "orders.csv", PARENT))


def test_json_lines_hold_whole_orders(tmp_path: Path) -> None:
    good = '{"name": "7", "currencyCode": "GBP", "placeTime": "2026-01-02T00:00:00Z", "lines": [{"lineId": "1"}]}'
    full = '{"name": "tenants/other/orders/8"}'
    file = opened(tmp_path, f"{good}\n\nnot json\n[]\n{full}\n" + '{"price": 3}\n', "orders.jsonl")
    found = list(file)
    assert [each.order.name for each in found if isinstance(each, FoundOrder)] == [
        "tenants/acme/orders/7",
        "tenants/other/orders/8",  # whose the tenant is, the service judges
    ]
    assert [each.line_number for each in found if isinstance(each, Problem)] == [3, 4, 6]


def test_the_client_knows_the_same_currency_digits_as_the_server() -> None:
    assert {code: currency_digits(code) for code in CURRENCY_DIGITS} == CURRENCY_DIGITS


@pytest.mark.parametrize("amount", ["0", "0.01", "12.30", "0.000000001", "999999999999.99"])
def test_money_keeps_every_digit(amount: str) -> None:
    assert decimal_of(money_of(Decimal(amount), "GBP")) == Decimal(amount)


def test_money_refuses_what_it_cannot_hold() -> None:
    with pytest.raises(ValueError, match="nine decimals"):
        money_of(Decimal("0.0000000001"), "GBP")


@pytest.mark.parametrize("name", ["orders.csv", "orders.csv.gz"])
def test_how_far_a_file_is_read_is_known_in_bytes_on_the_disk(tmp_path: Path, name: str) -> None:
    header = "order_id,customer_id,ordered_at,line_id,product_id\n"
    rows = "".join(f"{n},c{hash(n) % 997},2026-01-05T10:00:00Z,{n},p{n * 7919}\n" for n in range(60_000))
    content = (header + rows).encode()
    (path := tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    file = OrderFile(path, "tenants/acme")
    assert file.bytes_read == 0
    places = [file.bytes_read for _ in file]
    assert 0 < places[len(places) // 4] < places[-1] <= path.stat().st_size
    assert places == sorted(places)
    assert file.bytes_read == path.stat().st_size
