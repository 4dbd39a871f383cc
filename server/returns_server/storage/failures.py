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


class Refused(Exception):
    """The database refuses the work itself: trying again changes nothing."""


_CONFLICTS = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
    errors.UniqueViolation,
    errors.ExclusionViolation,
    errors.TransactionTimeout if hasattr(errors, "TransactionTimeout") else errors.LockNotAvailable,
)

# Class 08: connection; 53: insufficient resources; 57: operator intervention; 58: system error; 25P02/03: the
# transaction was ended for idling; no class at all: the connection broke before the server could answer.
_UNAVAILABLE_CLASSES = ("08", "53", "57", "58")
_READ_ONLY = "25006"


@contextmanager
def mapped() -> Iterator[None]:
    """Turn a driver's exception into Conflicting, Unavailable or Refused; messages stay in the cause."""
    try:
        yield
    except _CONFLICTS as error:
        raise Conflicting(type(error).__name__) from error
    except psycopg.errors.IdleInTransactionSessionTimeout as error:
        raise Unavailable(type(error).__name__) from error
    except psycopg.Error as error:
        state = error.sqlstate or ""
        if not state and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            raise Unavailable(type(error).__name__) from error
        if state.startswith(_UNAVAILABLE_CLASSES) or state == _READ_ONLY:
            raise Unavailable(type(error).__name__) from error
        raise Refused(f"{type(error).__name__} {state}") from error
    except sqlite3.IntegrityError as error:
        unique = error.sqlite_errorcode in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
        raise (Conflicting if unique else Refused)(error.sqlite_errorname) from error
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        if name.startswith("SQLITE_INTERRUPT"):
            raise TooSlow(name) from error
        busy = name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
        trouble = name.startswith(("SQLITE_IOERR", "SQLITE_FULL", "SQLITE_CANTOPEN", "SQLITE_READONLY"))
        raise (Conflicting if busy else Unavailable if trouble else Refused)(name) from error
