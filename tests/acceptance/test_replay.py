"""A replay of real data comes out as it must, on both databases, and fails where the data or the books are wrong."""

from __future__ import annotations

import csv
import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tools" / "sample"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def replay(folder: Path, *options: str, scratch: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.replay", "--data", str(folder), *options],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(scratch)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def sample_rows(name: str) -> list[dict[str, str]]:
    with gzip.open(SAMPLE / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def write(folder: Path, name: str, columns: list[str], rows: list[dict[str, str]]) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "folder"
    path.mkdir()
    return path


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    path = tmp_path / "scratch"
    path.mkdir()
    return path


def assert_sample_as_expected(run: subprocess.CompletedProcess[str], scratch: Path) -> None:
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    said = [" ".join(line.split()) for line in run.stdout.splitlines()]
    assert any(line.startswith("orders 38 0 ") for line in said)
    assert any(line.startswith("return documents 18 0 ") for line in said)
    assert any(line.startswith("unmatched return lines 0 40 ") for line in said)
    assert "more_than_left QUANTITY_EXCEEDS_RETURNABLE QUANTITY_EXCEEDS_RETURNABLE 7" in said
    assert any(line.startswith("54 events of 18 returns, dense from 1") for line in said)
    assert any("the books balance" in line for line in said)
    assert list(scratch.iterdir()) == []


def test_the_sample_replays_on_sqlite(scratch: Path) -> None:
    assert_sample_as_expected(replay(SAMPLE, scratch=scratch), scratch)


def test_the_sample_replays_on_postgresql_and_again_beside_it(postgres_url: str, scratch: Path) -> None:
    assert_sample_as_expected(replay(SAMPLE, "--database-url", postgres_url, scratch=scratch), scratch)
    again = replay(SAMPLE, "--database-url", postgres_url, scratch=scratch)
    assert_sample_as_expected(again, scratch)
    assert "2 tenants" in again.stdout


def test_a_folder_with_the_fewest_columns_is_enough(folder: Path, scratch: Path) -> None:
    orders = [row for row in sample_rows("orders") if row["order_id"] != "573585"]
    write(folder, "orders", ["order_id", "customer_id", "ordered_at", "line_id", "product_id"], orders)
    named = ["536555", "549123"]  # one without a customer, one with
    write(folder, "returns", ["order_id"], [{"order_id": order_id} for order_id in named])
    run = replay(folder, scratch=scratch)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    for told in (
        "orders.csv: no column quantity: 1 unit a line",
        "returns.csv: no column line_id: all lines of the order",
        "returns.csv: no column quantity: all that is left of a line",
        "returns.csv: no column return_id",
        "returns.csv: no column returned_at",
        "no returns_unmatched.csv.gz",
        "1 documents of anonymous orders",
        "21 lines returned in full, each worth exactly what was paid",
    ):
        assert told in run.stdout


def test_an_order_too_large_for_one_return_is_split(folder: Path, scratch: Path) -> None:
    orders = [row for row in sample_rows("orders") if row["order_id"] == "573585"]
    write(folder, "orders", list(orders[0]), orders)
    write(folder, "returns", ["order_id"], [{"order_id": "573585"}])
    run = replay(folder, scratch=scratch)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    assert "2 returns with 1,114 items" in run.stdout
    assert "1,114 lines returned in full, each worth exactly what was paid" in run.stdout


def test_a_replay_that_does_not_come_out_fails_and_says_where(folder: Path, scratch: Path) -> None:
    orders = [row for row in sample_rows("orders") if row["customer_id"] == "13672"]
    orders[0]["quantity"] = "some"
    write(folder, "orders", list(orders[0]), orders)
    known = orders[-1]
    returns = [
        {"return_id": "R1", "order_id": known["order_id"], "line_id": known["line_id"], "quantity": "100000"},
        {"return_id": "R2", "order_id": orders[0]["order_id"], "line_id": orders[0]["line_id"], "quantity": "1"},
        {"return_id": "R3", "order_id": known["order_id"], "line_id": known["line_id"], "quantity": "none"},
    ]
    write(folder, "returns", list(returns[0]), returns)
    # What the folder calls unmatched, and yet can be returned.
    unmatched = {"return_id": "C1", "customer_id": "13672", "returned_at": "2012-01-01", "reason": "more_than_left"}
    rows = [{**unmatched, "product_id": known["product_id"], "quantity": "1"}]
    write(folder, "returns_unmatched", list(rows[0]), rows)
    run = replay(folder, scratch=scratch)
    assert run.returncode == 1
    for told in (
        "line 2: order 540825: quantity 'some' is no number",
        "return R1: create: FAILED_PRECONDITION QUANTITY_EXCEEDS_RETURNABLE",
        "return R2: create: NOT_FOUND ORDER_NOT_FOUND",
        "returns.csv: line 4: ",
        "C1 (more_than_left): expected QUANTITY_EXCEEDS_RETURNABLE, got accepted",
        "NOT as expected",
    ):
        assert told in run.stdout


def test_a_folder_that_cannot_be_replayed_says_why(folder: Path, scratch: Path) -> None:
    run = replay(folder, scratch=scratch)
    assert run.returncode == 2
    assert "needs orders.csv.gz and returns.csv.gz" in run.stdout
