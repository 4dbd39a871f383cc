"""`returnsctl returns`: file them, look at them, change what they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TextIO, TypeVar

import click
from google.protobuf import json_format

from commerce.returns.v1.party_pb2 import Approver
from commerce.returns.v1.return_draft_pb2 import ReturnDraft
from returnsctl.options import (
    etag_option,
    json_option,
    listing,
    mutation,
    page_size,
    reason_options,
    return_named,
    wanted,
)
from returnsctl.output import show, show_all
from returnsctl.session import Session
from returnsctl.shown_returns import RETURNS, TIMELINE, print_return
from returnsctl.values import ApproverType, Item, ItemType, PairType, TimeType, timestamp_of, value_of

F = TypeVar("F", bound=Callable[..., None])

_STATES = ("pending", "approved", "rejected", "closed")
_ORDER_BY = ("create_time", "update_time", "expire_time", "total.gross")


@click.group()
def returns() -> None:
    """Returns: filed by customers or for them, decided, received and closed by the shop."""


def _draft_options(command: F) -> F:
    """What a return is to say."""
    for option in (
        click.option("--assistance-reason", default="", metavar="TEXT", help="Why you act for the customer. Staff."),
        click.option("--draft", type=click.File(), help="A whole ReturnDraft as JSON (- is standard input)."),
        click.option("--expire-time", type=TimeType(), help="When it closes by itself: +14d, or a time. Staff."),
        click.option("--approver", type=ApproverType(), help="Who is to decide. Staff."),
        click.option(
            "--attribute", "attributes", type=PairType(), multiple=True,
            help="A field of your own; VALUE is JSON where it can be read so, else a text. Again for more.",
        ),
        click.option("--guest", default="", metavar="EMAIL", help="For whom: a guest by this address. Staff."),
        click.option("--customer", default="", metavar="ID", help="For whom, where the orders do not tell. Staff."),
        reason_options(required=False),
        click.option(
            "-i", "--item", "items", type=ItemType(with_reason=True), multiple=True,
            help="What goes back, and why if that differs. Again for more.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


@returns.command()
@_draft_options
@click.option("--id", "return_id", default="", help="The id in its name; by default the service chooses. Staff.")
@mutation
@click.pass_obj
def create(
    session: Session,
    *,
    items: Sequence[Item],
    code: str,
    details: str,
    customer: str,
    guest: str,
    attributes: Sequence[tuple[str, str]],
    approver: Approver | None,
    expire_time: datetime | None,
    draft: TextIO | None,
    assistance_reason: str,
    return_id: str,
    request_id: str,
    validate_only: bool,
) -> None:
    """File a return: `returnsctl returns create --item 1001/1=2 --reason DAMAGED`."""
    said = _drafted(draft, items, code, details, customer, guest, attributes, approver, expire_time)
    answer = session.client.returns.create(
        said, return_id=return_id, request_id=request_id, validate_only=validate_only,
        assistance_reason=assistance_reason,
    )  # fmt: skip
    show(session, answer, print_return)


@returns.command()
@click.argument("name", metavar="RETURN")
@_draft_options
@click.option("--remove-attribute", "removed", multiple=True, metavar="NAME", help="Remove a field of your own.")
@etag_option
@mutation
@click.pass_obj
def update(
    session: Session,
    *,
    name: str,
    items: Sequence[Item],
    code: str,
    details: str,
    customer: str,
    guest: str,
    attributes: Sequence[tuple[str, str]],
    approver: Approver | None,
    expire_time: datetime | None,
    draft: TextIO | None,
    removed: Sequence[str],
    assistance_reason: str,
    etag: str,
    request_id: str,
    validate_only: bool,
) -> None:
    """Change what RETURN says: what an option names, and nothing else.

    Items replace all that the return has; attributes are set one by one. RETURN is an id, a resource name, or a number.
    """
    said = _drafted(draft, items, code, details, customer, guest, attributes, approver, expire_time)
    if draft is not None and removed:
        raise click.UsageError("--draft or --remove-attribute, not both")
    answer = session.client.returns.update(
        return_named(session, name), said, update_mask=_mask(said, removed) if draft is None else None, etag=etag,
        request_id=request_id, validate_only=validate_only, assistance_reason=assistance_reason,
    )  # fmt: skip
    show(session, answer, print_return)


def _mask(draft: ReturnDraft, removed: Sequence[str]) -> list[str]:
    """The paths of what options named: without a mask, one attribute would replace all that are there."""
    keys = [*draft.attributes.fields, *removed]
    paths = [field.name for field, _ in draft.ListFields() if field.name not in {"attributes", "reason"}]
    paths += [f"reason.{field.name}" for field, _ in draft.reason.ListFields()]
    for key in dict.fromkeys(keys):
        if "`" in key:
            raise click.UsageError(f"{key!r}: a name with a backtick can be changed with --draft alone")
        # In backticks (AIP-161): a dot in a name leads nowhere.
        paths.append(f"attributes.`{key}`")
    if not paths:
        raise click.UsageError("nothing to change: name it with an option")
    return paths


def _drafted(
    draft: TextIO | None,
    items: Sequence[Item],
    code: str,
    details: str,
    customer: str,
    guest: str,
    attributes: Sequence[tuple[str, str]],
    approver: Approver | None,
    expire_time: datetime | None,
) -> ReturnDraft:
    """The draft that a file says, with what options say instead."""
    said = _read(draft) if draft is not None else ReturnDraft()
    if items:
        said.ClearField("orders")
        _add_items(said, items)
    if code:
        said.reason.code = code
    if details:
        said.reason.details = details
    if customer and guest:
        raise click.UsageError("--customer or --guest, not both")
    if customer:
        said.requestor.customer_id = customer
    if guest:
        said.requestor.guest_email = guest
    if attributes:
        said.attributes.update({key: value_of(text) for key, text in attributes})
    if approver is not None:
        said.approver.CopyFrom(approver)
    if expire_time is not None:
        said.expire_time.CopyFrom(timestamp_of(expire_time))
    return said


def _add_items(draft: ReturnDraft, items: Sequence[Item]) -> None:
    by_order = {order: draft.orders.add(order=order) for order in dict.fromkeys(item.order for item in items)}
    for item in items:
        added = by_order[item.order].items.add(line_id=item.line_id, quantity=item.quantity)
        if item.reason_code:
            added.reason.code = item.reason_code


def _read(file: TextIO) -> ReturnDraft:
    try:
        return json_format.Parse(file.read(), ReturnDraft())
    except (json_format.ParseError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"is no ReturnDraft in JSON: {error}", param_hint="--draft") from None


@returns.command()
@click.argument("name", metavar="RETURN")
@json_option
@click.pass_obj
def get(session: Session, *, name: str) -> None:
    """Show RETURN: an id, a resource name, or a number such as R-000001."""
    show(session, session.client.returns.get(return_named(session, name)), print_return)


@returns.command("list")
@click.option("--filter", "where", default="", help="Only these: 'orders.order=1001 OR total.gross.units>=100'.")
@click.option("--state", type=click.Choice(_STATES, case_sensitive=False), help="Only those in this state.")
@click.option("--customer", default="", metavar="ID", help="Only those of this customer.")
@click.option("--order-by", type=click.Choice(_ORDER_BY), help="Sorted by this; by create_time if left out.")
@click.option("--ascending", is_flag=True, help="The smallest, or oldest, first.")
@click.option("--count", is_flag=True, help="Say how many there are in all, on standard error.")
@listing
@click.pass_obj
def list_returns(
    session: Session,
    *,
    where: str,
    state: str | None,
    customer: str,
    order_by: str | None,
    ascending: bool,
    count: bool,
    limit: int,
    everything: bool,
) -> None:
    """List returns, the newest first unless told otherwise. docs/filters.md has the language of --filter."""
    terms = [f"({where})" if where and (state or customer) else where]
    terms += [
        f"state={state.upper()}" if state else "",
        f"requestor.customer_id={_quoted(customer)}" if customer else "",
    ]
    said = " AND ".join(term for term in terms if term)
    if count:
        in_all = session.client.returns.list(filter=said, page_size=1, include_total_size=True).first().total_size
        click.echo(f"{in_all} returns in all", err=True)
    found = session.client.returns.list(
        filter=said, page_size=page_size(limit, everything),
        order_by=f"{order_by or 'create_time'} {'asc' if ascending else 'desc'}",
    )  # fmt: skip
    show_all(session, wanted(found, limit, everything), RETURNS, nothing="no returns")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("*", "\\*") + '"'


@returns.command()
@click.argument("name", metavar="RETURN")
@click.option("--filter", "where", default="", help="Only these: 'type=return.received'.")
@listing
@click.pass_obj
def timeline(session: Session, *, name: str, where: str, limit: int, everything: bool) -> None:
    """Show what happened to RETURN, the oldest first; to staff also of one that was deleted, by its id."""
    found = session.client.events.list(
        return_named(session, name), filter=where, page_size=page_size(limit, everything)
    )
    show_all(session, wanted(found, limit, everything), TIMELINE, nothing="no events")
