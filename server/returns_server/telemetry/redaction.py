"""What never reaches a log: what somebody is called, what opens a door, and the rows that a database quotes.

Nothing of ours logs such things on purpose. Exceptions quote what they stumbled over, and libraries what they like: so
texts pass a filter, and of a foreign exception only that is kept which cannot hold anybody's data.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from types import TracebackType

_HIDDEN = "[hidden]"
_MAX_MESSAGE_CHARACTERS = 500
_SECRETS = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}"  # e-mail addresses
    r"|eyJ[\w-]{4,}(?:\.[\w-]*){1,2}"  # JSON Web Tokens, whole or cut off
    r"|whsec_[\w+/=-]+"  # webhook secrets
    r"|(?i:bearer)\s+[\w.~+/=-]+"
    r"|(?<=://)[^\s/@]+(?=@)"  # user and password of a URL
)

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def hidden(text: str) -> str:
    """The text without addresses, tokens, secrets and passwords."""
    return _SECRETS.sub(_HIDDEN, text)


def told(error: BaseException) -> str:
    """An exception's story: where it came from and which kinds, and of its messages what is safe to tell."""
    return "\n".join(_lines(error, set()))


def _lines(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and id(before) not in seen:
        yield from _lines(before, seen)
        yield "which led to:" if error.__cause__ is not None else "while that was handled:"
    yield "Traceback (most recent call last):"
    # Where, without the source line: constants may stand in it, and it is in the repository.
    for frame in traceback.extract_tb(error.__traceback__):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
    message = _safe_message(error)
    yield f"{_kind(error)}: {message}" if message else _kind(error)
    if isinstance(error, BaseExceptionGroup):
        for number, one in enumerate(error.exceptions, start=1):
            yield f"of which number {number}:"
            yield from _lines(one, seen)


def _kind(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _safe_message(error: BaseException) -> str:
    reason = getattr(error, "reason", None)
    if isinstance(reason, str) and type(error).__module__.startswith("returns_server."):
        return reason  # a refusal's sentence is for its caller, whom it may quote
    if isinstance(error, ValueError | LookupError) and not type(error).__module__.startswith("returns_server."):
        return ""  # these quote the value that they could not use
    # The first line: what a database says of its rows comes behind it.
    first = next(iter(str(error).splitlines()), "")
    return hidden(first)[:_MAX_MESSAGE_CHARACTERS]
