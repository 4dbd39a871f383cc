"""Updating a return: the drafted fields that a mask names, never the state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from returns_server.domain.deciding import released
from returns_server.domain.drafts import (
    Draft,
    DraftItem,
    attribute_keys,
    check_approver,
    check_requestor,
    merged,
    resolved_mask,
)
from returns_server.domain.errors import FieldInvalid
from returns_server.domain.events import Decision, EventType, changed_paths, decided
from returns_server.domain.filing import Facts, assisted, check_orders, check_policy, check_reasons, claim
from returns_server.domain.ids import LineKey
from returns_server.domain.ledger import Ledger
from returns_server.domain.orders import OrderLine
from returns_server.domain.returns import (
    MAX_ATTRIBUTES_BYTES,
    Action,
    Approver,
    ApproverType,
    AssistedOperation,
    Json,
    Reason,
    Requestor,
    Return,
    ReturnItem,
    State,
    Submitter,
)
from returns_server.domain.states import check, refused

_UPDATABLE: dict[State, frozenset[str]] = {
    State.PENDING: frozenset(
        {
            "orders",
            "reason",
            "requestor",
            "submitter",
            "approver",
            "expire_time",
            "attributes",
            "total",
            "currency_code",
        }
    ),
    State.APPROVED: frozenset({"reason", "requestor", "submitter", "approver", "expire_time", "attributes"}),
    State.REJECTED: frozenset({"attributes"}),
    State.CLOSED: frozenset({"attributes"}),
}


def update(ret: Return, draft: Draft, mask: tuple[str, ...], facts: Facts) -> Decision:
    """Set the drafted fields that the mask names; changed orders claim and release the difference.

    A value that is already there changes nothing, in any state. Raises InvalidState, FieldInvalid,
    RequiresManageScope and what filing raises.
    """
    actor = facts.actor
    check(ret, Action.UPDATE, actor.party)
    paths = resolved_mask(mask, draft, actor.is_staff)
    revised = _with_values(ret, draft, paths, everything=mask == ("*",), facts=facts)
    items = ret.items
    lines: Mapping[LineKey, OrderLine] = {}
    overridden: tuple[str, ...] = ()
    if "orders" in paths:
        wanted = merged(draft.items)
        if _asked(wanted) != _asked(ret.items):
            _check_updatable(ret, ("orders",), facts)
            items, lines, overridden = _reclaimed(ret, wanted, revised.requestor, facts)
            revised = replace(revised, items=items, currency=facts.head(items[0].order_id).currency)
    after = revised
    changed = changed_paths(ret, after)
    if not changed:
        return Decision(ret)
    _check_updatable(ret, changed, facts)
    if after.reason != ret.reason:
        facts.policy.check_reason(after.reason, "draft.reason")
    if after.requestor != ret.requestor:
        check_orders(after.items, after.requestor, facts)
    done = assisted(ret.assisted_actions, AssistedOperation.UPDATE, facts, facts.assistance_reason, overridden)
    after = replace(after, assisted_actions=done, update_time=facts.now, version=ret.version + 1)
    return decided(EventType.UPDATED, ret, after, lines)


def _check_updatable(ret: Return, changed: Iterable[str], facts: Facts) -> None:
    for path in changed:
        if path not in _UPDATABLE[ret.state]:
            message = f"{path} cannot change in a return that is {ret.state.name}"
            raise refused(ret, facts.actor.party, message, f"FIELD:{path}")


def _asked(items: Iterable[DraftItem | ReturnItem]) -> list[tuple[LineKey, int, Reason | None]]:
    return [(item.key, item.quantity, item.reason) for item in items]


def _with_values(ret: Return, draft: Draft, paths: tuple[str, ...], *, everything: bool, facts: Facts) -> Return:
    """The return with all masked fields but the orders; `everything` keeps what the service filled in itself."""
    for path in paths:
        head, _, rest = path.partition(".")
        if head == "orders":
            continue
        if head == "attributes":
            ret = replace(ret, attributes=_attributes(ret.attributes or {}, draft.attributes or {}, rest))
        elif head == "expire_time":
            ret = _expiring(ret, draft, everything, facts)
        else:
            ret = _with_part(ret, draft, head, rest, everything)
    # Only the whole can be judged: one path may empty what the next one fills.
    for name in {path.partition(".")[0] for path in paths}:
        _check_part(name, ret)
    return ret


def _attributes(current: Json, drafted: Json, path: str) -> Json:
    """All attributes replaced, or the one at the path set, or removed where the draft does not hold it."""
    if not path:
        return drafted
    return _attribute_at(current, drafted, attribute_keys(path))


def _attribute_at(current: Json, drafted: Json, keys: Sequence[str]) -> Json:
    """The object with what the draft holds at these keys; where that is nothing, without it, else as it was."""
    key, rest = keys[0], keys[1:]
    inner, present = drafted.get(key), current.get(key)
    if not rest:
        without = {name: value for name, value in current.items() if name != key}
        return {**without, key: inner} if key in drafted else without
    if not isinstance(inner, Mapping) and not isinstance(present, Mapping):
        return current
    nested = _attribute_at(
        present if isinstance(present, Mapping) else {}, inner if isinstance(inner, Mapping) else {}, rest
    )
    return {**current, key: nested} if nested or isinstance(present, Mapping) else current


def _expiring(ret: Return, draft: Draft, everything: bool, facts: Facts) -> Return:
    if draft.expire_time is None:
        return ret if everything else _uncleared("expire_time")
    if draft.expire_time == ret.expire_time:
        return ret
    if draft.expire_time <= facts.now:
        raise FieldInvalid.at("draft.expire_time", "must be in the future")
    return replace(ret, expire_time=draft.expire_time, expire_time_given=True)


_EMPTY: dict[str, Any] = {
    "reason": Reason(),
    "requestor": Requestor(),
    "submitter": Submitter(),
    "approver": Approver(ApproverType.UNSPECIFIED, ""),
}


def _with_part(ret: Return, draft: Draft, name: str, attribute: str, everything: bool) -> Return:
    """The return with `reason`, `requestor`, `submitter` or `approver`, or one field of it, as drafted."""
    drafted = getattr(draft, name)
    if attribute:
        source = drafted or _EMPTY[name]
        part = replace(getattr(ret, name) or _EMPTY[name], **_one(attribute, getattr(source, attribute)))
    elif drafted is not None:
        part = drafted
    elif name == "approver":
        return replace(ret, approver=None)
    elif everything and name != "reason":
        return ret
    else:
        _uncleared(name)
    return replace(ret, **{name: part})


def _one(attribute: str, value: object) -> dict[str, object]:
    """The change of one field; customer_id and guest_email exclude each other."""
    rivals = {"customer_id": "guest_email", "guest_email": "customer_id"}
    change = {attribute: value}
    return change | {rivals[attribute]: ""} if attribute in rivals and value else change


def _check_part(name: str, ret: Return) -> None:
    if name == "reason" and not (ret.reason.code or ret.reason.details):
        _uncleared(name)
    if name == "requestor":
        check_requestor(ret.requestor)
    if name == "approver" and ret.approver is not None:
        check_approver(ret.approver)
    if name == "attributes":
        # The draft alone was measured when it came; what key after key adds up to is known only here.
        size = len(json.dumps(ret.attributes, ensure_ascii=False, separators=(",", ":")).encode())
        if size > MAX_ATTRIBUTES_BYTES:
            raise FieldInvalid.at("draft.attributes", f"would exceed {MAX_ATTRIBUTES_BYTES} bytes as JSON")


def _uncleared(name: str) -> Any:
    raise FieldInvalid.at(f"draft.{name}", "cannot be cleared")


def _reclaimed(
    ret: Return, wanted: tuple[DraftItem, ...], requestor: Requestor, facts: Facts
) -> tuple[tuple[ReturnItem, ...], dict[LineKey, OrderLine], tuple[str, ...]]:
    """The wanted items with the difference claimed or released, the changed lines, and the rules overridden."""
    current = {item.key: item for item in ret.items}
    units = {item.key: item.quantity for item in wanted}
    more = [item for item in wanted if item.key not in current or item.quantity > current[item.key].quantity]
    grown = {item.order_id for item in more}
    check_orders(wanted, requestor, facts, among={item.order_id for item in ret.items} - grown)
    new = [item for item in wanted if item.key not in current or item.reason != current[item.key].reason]
    check_reasons(None, new, facts.policy)
    overridden = check_policy(more, facts)
    ledger = Ledger(facts.lines)
    kept = {
        key: released(item, max(item.claimed_units - units.get(key, 0), 0), ledger) for key, item in current.items()
    }
    items = tuple(_reclaimed_item(item, kept.get(item.key), ledger) for item in wanted)
    return items, ledger.changed, overridden


def _reclaimed_item(item: DraftItem, kept: ReturnItem | None, ledger: Ledger) -> ReturnItem:
    if kept is None:
        return claim(item, ledger)
    more = item.quantity - kept.claimed_units
    claimed = kept.claimed + ledger.claim(item.key, more) if more else kept.claimed
    return replace(
        kept,
        quantity=item.quantity,
        reason=item.reason,
        claimed_units=item.quantity,
        claimed=claimed,
        total=ledger.line(item.key).paid.of(claimed),
    )
