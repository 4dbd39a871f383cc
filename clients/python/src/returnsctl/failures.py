"""What went wrong, for people and for programs: the reason, what to do about it, and the exit code."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import click

from returns_client import ReturnsError

# C0 and C1 controls, and those that turn the direction of writing around.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

USAGE, NOT_FOUND, NOT_ALLOWED, CONFLICT, LATER = 2, 3, 4, 5, 6

EXIT_CODES: Mapping[str, int] = {
    "INVALID_ARGUMENT": USAGE,
    "NOT_FOUND": NOT_FOUND,
    "UNAUTHENTICATED": NOT_ALLOWED,
    "PERMISSION_DENIED": NOT_ALLOWED,
    "FAILED_PRECONDITION": CONFLICT,
    "ABORTED": CONFLICT,
    "ALREADY_EXISTS": CONFLICT,
    "OUT_OF_RANGE": CONFLICT,
    "UNAVAILABLE": LATER,
    "RESOURCE_EXHAUSTED": LATER,
    "DEADLINE_EXCEEDED": LATER,
}
"""The exit code by the status of a call; 1 for every other failure."""

ADVICE: Mapping[str, str] = {
    "FIELD_INVALID": "Correct what the message names; the page of the command (--help) says what each option takes.",
    "FILTER_INVALID": "Look at the filter from that column on; docs/filters.md has the language and all fields.",
    "PAGE_TOKEN_INVALID": "Begin the list anew: its arguments, or the server's keys, changed between two pages.",
    "CURSOR_INVALID": "Use a cursor of this tenant, as a stream or a list gave it; or begin with --start earliest.",
    "REQUEST_ID_REUSED": "Give a new --request-id, or leave it out: this one came before with another request.",
    "CURRENCY_MISMATCH": "File one return for each currency.",
    "RETURN_NOT_FOUND": "Check the id, and the tenant: `returnsctl returns list`. Customers see their own only.",
    "ORDER_NOT_FOUND": "Check the id: `returnsctl orders list`. An order must be imported before it can be returned.",
    "LINE_NOT_FOUND": "See which lines there are: `returnsctl orders get ORDER`, `returnsctl returns get RETURN`.",
    "WEBHOOK_ENDPOINT_NOT_FOUND": "See what there is: `returnsctl webhooks list`, `returnsctl webhooks deliveries`.",
    "RETURN_EXISTS": "Choose another --id, or none: an id is never used twice, not even after a deletion.",
    "INVALID_STATE": "See where it stands: `returnsctl returns get RETURN`; it takes what `allowed_actions` names.",
    "QUANTITY_EXCEEDS_RETURNABLE": "Ask for what is `available`: `returnsctl orders returnable ORDER` shows it.",
    "QUANTITY_EXCEEDS_APPROVED": "Record what is `available`: `returnsctl returns get RETURN` shows what is expected.",
    "NOT_RETURNABLE": "The policy binds customers; staff may file it for them, which is recorded.",
    "ORDER_QUANTITY_CLAIMED": "Close or delete the returns of that line first, or keep what they claim in the order.",
    "ORDER_NOT_OF_REQUESTOR": "File one return for each customer or guest; --customer or --guest must fit the orders.",
    "TARGET_REFUSED": "Use https and a public address, or have the operator allow it (RETURNS_WEBHOOKS_NETWORKS).",
    "ETAG_MISMATCH": "Read it again, look at what changed, and repeat the command with the new --etag.",
    "CONFLICT": "Repeat the command: nothing was done.",
    "TOKEN_MISSING": "Give a token: RETURNSCTL_TOKEN, --token-file, --token-command, or in a profile.",
    "TOKEN_INVALID": "Get a token of an issuer that this server trusts, or call the right server.",
    "TOKEN_EXPIRED": "Get a new token; with --token-command in a profile that happens by itself.",
    "SCOPE_MISSING": "Use a token with a scope that allows it: docs/scopes.md says which.",
    "REQUIRES_MANAGE_SCOPE": "Leave that out, or use a token of staff (returns.returns_manage).",
    "TENANT_MISMATCH": "Name the tenant of your token: --tenant, RETURNSCTL_TENANT, or another profile.",
    "OVERLOADED": "Try again later; with the field `filter`, narrow the filter; with the cause QUOTA, delete some.",
    "TOO_MANY_STREAMS": "End other streams of this tenant, or try again later.",
    "STORAGE_UNAVAILABLE": "Try again, with the same --request-id: the server has no database just now.",
    "DRAINING": "Try again: that server stops, another one will answer.",
    "CURSOR_EXPIRED": "List the returns anew, then follow from now on; or --after the `earliest_cursor`.",
    "INTERNAL": "A fault of the service: tell its operators the `incident_id`.",
    "NOT_IMPLEMENTED": "This server does not do that: webhooks need RETURNS_WEBHOOKS_KEYS, the rest a newer release.",
    "DEADLINE_EXCEEDED": "It may have been done: repeat it with the same --request-id, or a longer --timeout.",
}
"""What to do about each reason of the contract's ErrorReason."""

_WITHOUT_REASON: Mapping[str, str] = {
    "UNAVAILABLE": "Is the address right, does the server run, and is it meant to be reached with TLS?",
    "DEADLINE_EXCEEDED": f"Is the address right, and is it meant to be reached with TLS? {ADVICE['DEADLINE_EXCEEDED']}",
    "UNIMPLEMENTED": "What answers there is not this service, or an older release of it.",
}


class Refused(click.ClickException):
    """A call that failed, told with its reason, its facts, and what to do about it."""

    def __init__(self, error: ReturnsError, *, address: str, as_json: bool) -> None:
        """Takes what the call raised, and where it was made."""
        super().__init__(error.message)
        self._error, self._address, self._as_json = error, address, as_json

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # click reads it, and sets it nowhere
        """By the status of the call."""
        return EXIT_CODES.get(self._error.code, 1)

    @property
    def advice(self) -> str:
        """What to do about it; empty where nothing is known."""
        if self._error.reason:
            return ADVICE.get(self._error.reason, "")
        return _WITHOUT_REASON.get(self._error.code, "")

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature; errors go to standard error
        """Say it on standard error: some lines for people, or a document."""
        error = self._error
        facts = dict(error.metadata)
        # Who repeats the call wants to do it with the same id, where it may have been done.
        if error.request_id and self.exit_code == LATER:
            facts["request_id"] = error.request_id
        if self._as_json:
            said = {
                "code": error.code, "reason": error.reason, "message": error.message, "metadata": facts,
                "violations": [{"field": each.field, "description": each.description} for each in error.violations],
                "advice": self.advice,
            }  # fmt: skip
            click.echo(json.dumps(said, ensure_ascii=False), err=True)
            return
        message = error.message or error.code.replace("_", " ").lower()
        if not error.reason:
            message = f"{self._address}: {message}"
        click.echo(f"Error: {error.reason or error.code}: {printable(message)}", err=True)
        for violation in error.violations[1:]:
            click.echo(f"  {printable(f'{violation.field}: {violation.description}')}", err=True)
        if facts:
            told = (f"{name}={printable(value)}" for name, value in sorted(facts.items()))
            click.echo("  " + "  ".join(told), err=True)
        if self.advice:
            click.echo(f"  What to do: {self.advice}", err=True)


def printable(text: str) -> str:
    """The text without what could steer a terminal: control characters become the replacement character."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text)
