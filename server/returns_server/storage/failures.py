"""What can go wrong with a database, in three words: try again, wait for it, or look for the culprit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors


class Conflicting(Exception):
    """Another transaction was in the way; the same work may succeed in a new transaction."""


class Unavailable(Exception):
    """The database cannot be reached, or the connection broke; what was under way may or may not be done."""


class TooSlow(Exception):
    """A search took longer than it may; trying again would take as long."""


class TooBusy(Exception):
    """Too many searches are under way; the same one may succeed later."""


class WrongSchema(Exception):
    """The database's schema is not the one that this release needs; the message says what to do."""


class Unusable(Exception):
    """A file or a database cannot be used for what was asked; the message says why, to an operator."""


class Refused(Exception):
    """The database refuses the work itself: trying again changes nothing."""


_CONFLICTS = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
    errors.UniqueViolation,
    errors.ExclusionViolation,
    # Its preparation was skipped with what failed before it.
    errors.InvalidSqlStatementName,
    errors.TransactionTimeout if hasattr(errors, "TransactionTimeout") else errors.LockNotAvailable,
)

# Class 08: connection; 53: insufficient resources; 57: operator intervention; 58: system error; 25P02/03: the
# transaction was ended for idling; no class at all: the connection broke before the server could answer.
_UNAVAILABLE_CLASSES = ("08", "53", "57", "58")
_READ_ONLY = "25006"


DRIVER_ERRORS = (psycopg.Error, sqlite3.Error)


@contextmanager
def mapped() -> Iterator[None]:
    """Turn a driver's exception into Conflicting, Unavailable, TooSlow or Refused; messages stay in the cause."""
    try:
        yield
    except DRIVER_ERRORS as error:
        raise translated(error) from error


def translated(error: psycopg.Error | sqlite3.Error) -> Exception:
    """What a driver's exception means to us."""
    return _of_psycopg(error) if isinstance(error, psycopg.Error) else _of_sqlite(error)


def _of_psycopg(error: psycopg.Error) -> Exception:
    kind = type(error).__name__
    if isinstance(error, _CONFLICTS):
        return Conflicting(kind)
    if isinstance(error, psycopg.errors.IdleInTransactionSessionTimeout):
        return Unavailable(kind)
    state = error.sqlstate or ""
    if not state and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return Unavailable(kind)
    if state.startswith(_UNAVAILABLE_CLASSES) or state == _READ_ONLY:
        return Unavailable(kind)
    return Refused(f"{kind} {state}")


def _of_sqlite(error: sqlite3.Error) -> Exception:
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if isinstance(error, sqlite3.IntegrityError):
        unique = error.sqlite_errorcode in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
        return Conflicting(name) if unique else Refused(name)
    if name.startswith("SQLITE_INTERRUPT"):
        return TooSlow(name)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Conflicting(name)
    trouble = name.startswith(("SQLITE_IOERR", "SQLITE_FULL", "SQLITE_CANTOPEN", "SQLITE_READONLY"))
    return Unavailable(name) if trouble else Refused(name)
