"""What becomes of a return: approve, reject, receive, close, reopen, delete."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click
from google.protobuf.empty_pb2 import Empty

from commerce.returns.v1.party_pb2 import Approver
from commerce.returns.v1.return_pb2 import ReceiptItem, Return
from commerce.returns.v1.returns_service_pb2 import ApprovalItem
from returnsctl.options import etag_option, mutation, reason_of, reason_options, return_named
from returnsctl.output import show
from returnsctl.session import Session
from returnsctl.shown_returns import print_return
from returnsctl.values import ApproverType, Item, ItemType, TimeType, timestamp_of

_ENDS = ("withdrawn", "cancelled", "completed")
_return_argument = click.argument("name", metavar="RETURN")


@click.command()
@_return_argument
@click.option("-i", "--item", "items", type=ItemType(), multiple=True, help="Only these units; the rest is released.")
@click.option("--approver", type=ApproverType(), help="Who decided.")
@click.option("--goods-not-expected", is_flag=True, help="The customer keeps the goods.")
@click.option("--expire-time", type=TimeType(), help="When it closes by itself if nothing arrives: +14d, or a time.")
@etag_option
@mutation
@click.pass_obj
def approve(
    session: Session,
    *,
    name: str,
    items: Sequence[Item],
    approver: Approver | None,
    goods_not_expected: bool,
    expire_time: datetime | None,
    etag: str,
    request_id: str,
    validate_only: bool,
) -> None:
    """Approve RETURN, in whole or the units that --item names."""
    answer = session.client.returns.approve(
        return_named(session, name),
        items=[ApprovalItem(order=item.order, line_id=item.line_id, quantity=item.quantity) for item in items],
        approver=approver, goods_not_expected=goods_not_expected, etag=etag, request_id=request_id,
        validate_only=validate_only, expire_time=timestamp_of(expire_time) if expire_time else None,
    )  # fmt: skip
    show(session, answer, print_return)


@click.command()
@_return_argument
@reason_options(required=True)
@etag_option
@mutation
@click.pass_obj
def reject(
    session: Session, *, name: str, code: str, details: str, etag: str, request_id: str, validate_only: bool
) -> None:
    """Reject RETURN, and say why."""
    reason = reason_of(code, details)
    if reason is None:
        raise click.UsageError("why? --reason, --details, or both")
    answer = session.client.returns.reject(
        return_named(session, name), reason, etag=etag, request_id=request_id, validate_only=validate_only
    )
    show(session, answer, print_return)


@click.command()
@_return_argument
@click.option("--receipt-id", required=True, metavar="ID", help="The parcel's, such as its tracking number.")
@click.option("-i", "--item", "items", type=ItemType(), multiple=True, help="What was in it; by default all expected.")
@etag_option
@mutation
@click.pass_obj
def receive(
    session: Session,
    *,
    name: str,
    receipt_id: str,
    items: Sequence[Item],
    etag: str,
    request_id: str,
    validate_only: bool,
) -> None:
    """Record a parcel that arrived for RETURN. The same parcel recorded twice counts once."""
    answer = session.client.returns.record_receipt(
        return_named(session, name), receipt_id, etag=etag, request_id=request_id,
        items=[ReceiptItem(order=item.order, line_id=item.line_id, quantity=item.quantity) for item in items],
        validate_only=validate_only,
    )  # fmt: skip
    show(session, answer, print_return)


@click.command()
@_return_argument
@click.option(
    "--as", "ending", type=click.Choice(_ENDS, case_sensitive=False),
    help="How it ends; by default withdrawn for its owner, completed or cancelled for staff.",
)  # fmt: skip
@reason_options(required=False)
@etag_option
@mutation
@click.pass_obj
def close(
    session: Session,
    *,
    name: str,
    ending: str | None,
    code: str,
    details: str,
    etag: str,
    request_id: str,
    validate_only: bool,
) -> None:
    """Close RETURN. Customers withdraw their own while it is pending; staff cancel or complete."""
    close_reason = Return.CloseReason.Value(f"CLOSE_REASON_{(ending or 'unspecified').upper()}")
    answer = session.client.returns.close(
        return_named(session, name), close_reason=close_reason, reason=reason_of(code, details), etag=etag,
        request_id=request_id, validate_only=validate_only,
    )  # fmt: skip
    show(session, answer, print_return)


@click.command()
@_return_argument
@reason_options(required=False)
@etag_option
@mutation
@click.pass_obj
def reopen(
    session: Session, *, name: str, code: str, details: str, etag: str, request_id: str, validate_only: bool
) -> None:
    """Open a rejected or closed RETURN again; its units are claimed again, as far as they are still there."""
    answer = session.client.returns.reopen(
        return_named(session, name), reason=reason_of(code, details), etag=etag, request_id=request_id,
        validate_only=validate_only,
    )  # fmt: skip
    show(session, answer, print_return)


@click.command()
@_return_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@etag_option
@mutation
@click.pass_obj
def delete(session: Session, *, name: str, yes: bool, etag: str, request_id: str, validate_only: bool) -> None:
    """Delete RETURN, of which nothing was received. Its name, id and number are never used again."""
    full_name = return_named(session, name)
    if not (yes or validate_only):
        click.confirm(f"Delete {name}?", abort=True, err=True)
    session.client.returns.delete(full_name, etag=etag, request_id=request_id, validate_only=validate_only)
    told = "could be deleted" if validate_only else "is deleted"
    show(session, Empty(), lambda _: click.echo(f"{name} {told}"))


DECISIONS = (approve, reject, receive, close, reopen, delete)
