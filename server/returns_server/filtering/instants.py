"""Points in time as filters write them, exact to any number of decimals (RFC 3339)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from returns_server.domain.ids import DAY, SECOND, Micros

_RFC3339 = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]"
    r"(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9])(?:\.(?P<fraction>[0-9]+))?"
    r"(?:[Zz]|(?P<sign>[+-])(?P<zone_hours>[01][0-9]|2[0-3]):(?P<zone_minutes>[0-5][0-9]))"
)
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment: the last whole microsecond not after it, and whether it is that microsecond."""

    floor: Micros
    exact: bool


def instant(text: str) -> Instant | None:
    """The moment that the text names; None if it is no RFC 3339 time with a zone."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        return None
    try:
        day = date.fromisoformat(found["date"]).toordinal() - _EPOCH
    except ValueError:
        return None
    seconds = int(found["hour"]) * 3600 + int(found["minute"]) * 60 + int(found["second"])
    if found["sign"]:
        offset = int(found["zone_hours"]) * 3600 + int(found["zone_minutes"]) * 60
        seconds -= offset if found["sign"] == "+" else -offset
    fraction = found["fraction"] or ""
    micros = int(fraction[:6].ljust(6, "0"))
    return Instant(Micros(day * DAY + seconds * SECOND + micros), exact=not fraction[6:].strip("0"))
