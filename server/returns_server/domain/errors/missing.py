"""What was named and does not exist for the caller, or exists already."""

from __future__ import annotations

from typing import ClassVar

from returns_server.domain.errors.base import ReturnsError


class NotFound(ReturnsError):
    """Something that was named does not exist for this caller."""

    resource_type: ClassVar[str]

    def __init__(self, name: str, facts: dict[str, str] | None = None) -> None:
        """Takes the name as the caller gave it."""
        self.name = name
        self._facts = facts or {}
        super().__init__(f"{name} was not found")

    @property
    def facts(self) -> dict[str, str]:
        """What was named."""
        return self._facts


class ReturnNotFound(NotFound):
    """No such return, or none that this caller may see."""

    reason = "RETURN_NOT_FOUND"
    resource_type = "returns.commerce/Return"


class OrderNotFound(NotFound):
    """No such order, or none that this caller may see."""

    reason = "ORDER_NOT_FOUND"
    resource_type = "returns.commerce/Order"

    def __init__(self, order_id: str) -> None:
        """Takes the order's id."""
        super().__init__(f"order {order_id}", {"order": order_id})


class LineNotFound(NotFound):
    """An order, or a return, has no such line."""

    reason = "LINE_NOT_FOUND"
    resource_type = "returns.commerce/OrderLine"

    def __init__(self, order_id: str, line_id: str, where: str = "") -> None:
        """Takes the order's and the line's id, and where the line was looked for."""
        super().__init__(f"line {line_id} of order {order_id}{where}", {"order": order_id, "line_id": line_id})


class WebhookEndpointNotFound(NotFound):
    """No such webhook endpoint."""

    reason = "WEBHOOK_ENDPOINT_NOT_FOUND"
    resource_type = "returns.commerce/WebhookEndpoint"


class ReturnExists(ReturnsError):
    """The id is taken, perhaps by a return that was deleted."""

    reason = "RETURN_EXISTS"

    def __init__(self, return_id: str) -> None:
        """Takes the id."""
        self.return_id = return_id
        super().__init__(f"the return id {return_id} is taken or was once")

    @property
    def facts(self) -> dict[str, str]:
        """The field that holds the id."""
        return {"field": "return_id"}
