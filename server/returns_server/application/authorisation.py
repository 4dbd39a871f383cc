"""Who may call what: the one table of methods and scopes, and the part each scope lets a caller play."""

from __future__ import annotations

from returns_server.application.caller import Caller, Scope
from returns_server.domain.actors import Actor
from returns_server.domain.errors import ScopeMissing
from returns_server.domain.record import record
from returns_server.domain.returns import Action, GoodsState, State
from returns_server.domain.states import Party, allowed_actions


@record
class Access:
    """The scopes that open a method: any of `wide` to the whole tenant, any of `own` to what is the caller's."""

    wide: frozenset[Scope]
    own: frozenset[Scope] = frozenset()


def _access(*wide: Scope, own: Scope | None = None) -> Access:
    return Access(frozenset(wide), frozenset({own} if own else ()))


_READ = _access(Scope.READ, own=Scope.READ_OWN)
_MANAGE = _access(Scope.MANAGE, own=Scope.MANAGE_OWN)
_STAFF = _access(Scope.MANAGE)
_READ_ORDERS = _access(Scope.READ, Scope.ORDERS_MANAGE, own=Scope.READ_OWN)
_FEED = _access(Scope.ORDERS_MANAGE)
_READ_POLICY = _access(Scope.READ, Scope.POLICY_MANAGE, Scope.ORDERS_MANAGE, Scope.WEBHOOKS_MANAGE, own=Scope.READ_OWN)
_WEBHOOKS = _access(Scope.WEBHOOKS_MANAGE)
_PRIVACY = _access(Scope.PRIVACY_MANAGE)

METHODS: dict[str, Access] = {
    "ReturnsService/CreateReturn": _MANAGE,
    "ReturnsService/GetReturn": _READ,
    "ReturnsService/BatchGetReturns": _READ,
    "ReturnsService/ListReturns": _READ,
    "ReturnsService/UpdateReturn": _MANAGE,
    "ReturnsService/ApproveReturn": _STAFF,
    "ReturnsService/RejectReturn": _STAFF,
    "ReturnsService/RecordReceipt": _STAFF,
    "ReturnsService/CloseReturn": _MANAGE,
    "ReturnsService/ReopenReturn": _STAFF,
    "ReturnsService/DeleteReturn": _STAFF,
    "ReturnsService/ListReturnableItems": _READ,
    "ReturnsService/ListReturnEvents": _READ,
    "ReturnsService/StreamReturnEvents": _READ,
    "OrdersService/ImportOrders": _FEED,
    "OrdersService/UpsertOrder": _FEED,
    "OrdersService/GetOrder": _READ_ORDERS,
    "OrdersService/ListOrders": _READ_ORDERS,
    "PolicyService/GetReturnPolicy": _READ_POLICY,
    "PolicyService/UpdateReturnPolicy": _access(Scope.POLICY_MANAGE),
    "WebhooksService/CreateWebhookEndpoint": _WEBHOOKS,
    "WebhooksService/GetWebhookEndpoint": _WEBHOOKS,
    "WebhooksService/ListWebhookEndpoints": _WEBHOOKS,
    "WebhooksService/UpdateWebhookEndpoint": _WEBHOOKS,
    "WebhooksService/DeleteWebhookEndpoint": _WEBHOOKS,
    "WebhooksService/RotateWebhookSecret": _WEBHOOKS,
    "WebhooksService/TestWebhookEndpoint": _WEBHOOKS,
    "WebhooksService/EnableWebhookEndpoint": _WEBHOOKS,
    "WebhooksService/ListWebhookDeliveries": _WEBHOOKS,
    "WebhooksService/RedeliverWebhook": _WEBHOOKS,
    "WebhooksService/CreateWebhookRedelivery": _WEBHOOKS,
    "WebhooksService/GetWebhookRedelivery": _WEBHOOKS,
    "WebhooksService/ListWebhookRedeliveries": _WEBHOOKS,
    "WebhooksService/CancelWebhookRedelivery": _WEBHOOKS,
    "PrivacyService/ExportPerson": _PRIVACY,
    "PrivacyService/ErasePerson": _PRIVACY,
}


def authorised(caller: Caller, method: str) -> Actor:
    """The caller as staff or as owner, whichever its scopes allow for this method; raises ScopeMissing.

    Wide scopes win over `_own` ones.
    """
    access = METHODS[method]
    if not access.wide.isdisjoint(caller.scopes):
        return caller.as_actor(Party.STAFF)
    if not access.own.isdisjoint(caller.scopes):
        return caller.as_actor(Party.OWNER)
    needed = " or ".join(sorted(access.wide | access.own))
    raise ScopeMissing(f"{method.partition('/')[2]} needs the scope {needed}")


def actions_for(
    caller: Caller, state: State, goods_state: GoodsState, customer_id: str, guest_email: str
) -> tuple[Action, ...]:
    """What this caller may do next with a return in this state, requested by this customer or guest."""
    party = caller.acts_as
    if party is None or (party is Party.OWNER and not caller.as_actor(party).owns(customer_id, guest_email)):
        return ()
    return (STAFF_ACTIONS if party is Party.STAFF else OWNER_ACTIONS)[state, goods_state]


def _actions_of(party: Party) -> dict[tuple[State, GoodsState], tuple[Action, ...]]:
    return {
        (state, goods_state): allowed_actions(
            state,
            party,
            anything_received=goods_state in (GoodsState.PARTIALLY_RECEIVED, GoodsState.RECEIVED),
            received=goods_state is GoodsState.RECEIVED,
        )
        for state in State
        for goods_state in GoodsState
    }


STAFF_ACTIONS, OWNER_ACTIONS = _actions_of(Party.STAFF), _actions_of(Party.OWNER)
"""What staff and owners may do next, by state and goods state."""
