"""A person whom the books tell of, as somebody asks to see or to erase."""

from __future__ import annotations

from returns_server.domain.record import record


@record
class Person:
    """Known by a customer id, by an e-mail address (trimmed and lower-cased), or by both; at least one is given."""

    customer_id: str = ""
    email: str = ""

    def is_customer(self, customer_id: str) -> bool:
        """Whether a customer id is this person's."""
        return bool(customer_id) and customer_id == self.customer_id

    def has_address(self, email: str) -> bool:
        """Whether an address is this person's."""
        return bool(email) and email == self.email
