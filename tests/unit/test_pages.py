"""Pages that are kept: as good as new, or not used."""

from __future__ import annotations

from returns_server.application.pages import AnsweredPages
from returns_server.domain.ids import SECOND, Micros


class Clock:
    def __init__(self) -> None:
        self.now = Micros(0)

    def __call__(self) -> Micros:
        return self.now


def test_a_page_is_answered_again_while_the_log_stands_where_it_stood() -> None:
    pages = AnsweredPages(Clock())
    pages.keep("first page", 7, b"answer")

    assert "first page" in pages
    assert pages.find("first page", 7) == b"answer"
    assert "another page" not in pages
    assert pages.find("another page", 7) is None


def test_a_page_is_forgotten_once_the_log_moved_on_even_if_it_came_back() -> None:
    pages = AnsweredPages(Clock())
    pages.keep("first page", 7, b"answer")

    assert pages.find("first page", 8) is None
    assert pages.find("first page", 7) is None


def test_a_page_is_kept_for_a_minute_at_most() -> None:
    clock = Clock()
    pages = AnsweredPages(clock)
    pages.keep("first page", 7, b"answer")
    clock.now = Micros(60 * SECOND)

    assert pages.find("first page", 7) is None


def test_the_oldest_pages_make_room_for_new_ones() -> None:
    pages = AnsweredPages(Clock(), max_bytes=800)
    for number in range(20):
        pages.keep(number, 1, bytes(100))
    pages.keep("too large", 1, bytes(101))

    assert [number for number in range(20) if number in pages] == list(range(12, 20))
    assert "too large" not in pages
    pages.keep(19, 2, b"again")
    assert pages.find(19, 2) == b"again"
