"""Resource names: their parts, and that nested ones are of the caller's tenant. Their shape is checked before."""

from __future__ import annotations

from returns_server.domain.errors import TenantMismatch
from returns_server.domain.ids import OrderId, ReturnId, TenantId


def return_id_in(name: str) -> ReturnId:
    """The id in `tenants/{tenant}/returns/{return}`."""
    return ReturnId(name.rpartition("/")[2])


def order_id_in(name: str, tenant: TenantId, field: str) -> OrderId:
    """The id in an order's resource name, or the bare id; raises TenantMismatch."""
    owner, slash, order_id = name.rpartition("/orders/")
    if slash and owner != f"tenants/{tenant}":
        raise TenantMismatch("the order belongs to another tenant than the token", field)
    return OrderId(order_id)


def own_return_id_in(name: str, tenant: TenantId, field: str) -> ReturnId:
    """The id in a return's resource name; raises TenantMismatch."""
    if not name.startswith(f"tenants/{tenant}/"):
        raise TenantMismatch("the return belongs to another tenant than the token", field)
    return return_id_in(name)
