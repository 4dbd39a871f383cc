"""What keeps a server from its work and an operator can put right, in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click

P = ParamSpec("P")
T = TypeVar("T")


def told(error: Exception) -> str | None:
    """The sentence for an operator, without a traceback; None for what is a bug of ours."""
    # Imported when something went wrong: a command that does not need these need not load them.
    from returns_server.addresses import AddressTaken
    from returns_server.certificates import CertificateUnusable
    from returns_server.config import SettingsInvalid
    from returns_server.relay.troubles import Unfit
    from returns_server.storage.failures import Unavailable, Unusable, WrongSchema
    from returns_server.transport.claims import ScopeUnknown
    from returns_server.transport.keys import KeySetInvalid
    from returns_server.workers.supervisor import WorkerFailed

    if isinstance(error, SettingsInvalid):
        return "the settings cannot be used:\n  " + "\n  ".join(error.problems)
    if isinstance(error, CertificateUnusable | ScopeUnknown):
        return f"the settings cannot be used:\n  {error}"
    if isinstance(error, Unavailable):
        return f"the database cannot be used: {error.__cause__ or error}"
    known = WrongSchema | Unusable | AddressTaken | KeySetInvalid | WorkerFailed | Unfit
    return str(error) if isinstance(error, known) else None


def reported(command: Callable[P, T]) -> Callable[P, T]:
    """The command; what an operator can put right is said in a sentence, without a traceback."""

    @wraps(command)
    def reporting(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except click.ClickException:
            raise
        except Exception as error:
            sentence = told(error)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from None

    return reporting
