"""`python -m tools.make_sample --data FOLDER`: writes tools/sample/ anew from the whole data set.

Rows are taken as they are; none is made up or changed. The same data gives the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

SAMPLE = Path(__file__).parent / "sample"

CUSTOMERS = {
    "15201": "6 return documents, one over 3 orders; a line returned in two steps; bad lines of two kinds",
    "14543": "16 small orders; a return document over 4 of them; returns of things bought only later",
    "16394": "a return document over 3 orders; a line returned in two steps",
    "16446": "80,995 units of one product, returned 12 minutes later",
    "15973": "a return of more than was left",
    "13672": "bad lines of three kinds",
}
"""Customers who come with all their orders and returns, and why they were chosen."""

ANONYMOUS_ORDERS = 6
"""So many orders without a customer, of two to eight lines, beside the one with the most lines of all."""
ANONYMOUS_RETURN_LINES = 6
"""So many return lines without a customer."""

Row = dict[str, str]


def main() -> None:
    """Write the sample."""
    parser = argparse.ArgumentParser(prog="python -m tools.make_sample", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="the data set as a whole")
    data: Path = parser.parse_args().data
    orders = _chosen_orders(data / "orders.csv.gz")
    without_customer = _first(ANONYMOUS_RETURN_LINES, lambda row: not row["customer_id"])
    for name, wanted in (
        ("orders.csv.gz", lambda row: row["order_id"] in orders),
        ("returns.csv.gz", lambda row: row["order_id"] in orders),
        ("returns_unmatched.csv.gz", lambda row: row["customer_id"] in CUSTOMERS or without_customer(row)),
    ):
        count, size = _copy(data / name, SAMPLE / name, wanted)
        print(f"{name}: {count:,} rows, {size:,} bytes")


def _chosen_orders(path: Path) -> set[str]:
    lines: Counter[str] = Counter()
    customers: dict[str, str] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            lines[row["order_id"]] += 1
            customers[row["order_id"]] = row["customer_id"]
    anonymous = [order_id for order_id, customer_id in customers.items() if not customer_id]
    small = [order_id for order_id in anonymous if 2 <= lines[order_id] <= 8][:ANONYMOUS_ORDERS]
    largest = max(anonymous, key=lines.__getitem__)
    return {order_id for order_id, customer_id in customers.items() if customer_id in CUSTOMERS} | {*small, largest}


def _first(count: int, wanted: Callable[[Row], bool]) -> Callable[[Row], bool]:
    left = count

    def one_of_them(row: Row) -> bool:
        nonlocal left
        if left == 0 or not wanted(row):
            return False
        left -= 1
        return True

    return one_of_them


def _copy(source: Path, target: Path, wanted: Callable[[Row], bool]) -> tuple[int, int]:
    copied, count = io.StringIO(newline=""), 0
    with gzip.open(source, "rt", encoding="utf-8", newline="") as text:
        rows = csv.DictReader(text)
        writer = csv.DictWriter(copied, rows.fieldnames or [], lineterminator="\n")
        writer.writeheader()
        for row in rows:
            if wanted(row):
                writer.writerow(row)
                count += 1
    target.parent.mkdir(exist_ok=True)
    # Without a time in the header, so that the same rows are the same bytes.
    return count, target.write_bytes(gzip.compress(copied.getvalue().encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    main()
