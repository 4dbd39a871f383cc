"""Records are told apart by what they say."""

from __future__ import annotations

from functools import cached_property

import pytest

from returns_server.domain.record import record, remembering


@record
class Place:
    """Somewhere."""

    street: str
    number: int = 1


@remembering
class Square:
    """A number whose square is worked out once."""

    side: int

    @cached_property
    def area(self) -> list[int]:
        """The square, in a list that can be told from an equal one."""
        return [self.side**2]


def test_records_that_say_the_same_are_equal_and_stand_for_one_another_as_keys() -> None:
    assert Place("High Street") == Place("High Street", 1) != Place("High Street", 2)
    assert {Place("High Street"): "here"}[Place("High Street", 1)] == "here"


def test_a_record_has_no_room_for_what_is_not_its_field() -> None:
    with pytest.raises(AttributeError):
        setattr(Place("High Street"), "town", "Bath")  # noqa: B010  (mypy would refuse the assignment)


def test_a_remembering_record_works_out_once() -> None:
    square = Square(3)
    assert square.area == [9]
    assert square.area is square.area
    assert square == Square(3)
