"""Who acts: an owner, staff or the timer; what is theirs, and how they appear in a return."""

from __future__ import annotations

from returns_server.domain.orders import OrderHead
from returns_server.domain.record import record
from returns_server.domain.returns import Requestor, Submitter, UserType
from returns_server.domain.states import Party


@record
class Actor:
    """Somebody who acts on a return.

    For an owner, `customer_id` and `verified_email` decide what is theirs; an address that nobody verified is not
    among them and opens nothing.
    """

    party: Party
    subject: str
    user_type: UserType
    customer_id: str = ""
    verified_email: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""

    @property
    def is_staff(self) -> bool:
        """Whether this is staff (or a service) with the whole tenant in view."""
        return self.party is Party.STAFF

    def owns(self, customer_id: str, guest_email: str) -> bool:
        """Whether something of this customer, or of this guest, is the actor's own."""
        return is_own(customer_id, guest_email, self.customer_id, self.verified_email)

    def sees(self, requestor: Requestor) -> bool:
        """Whether a return of this requestor exists for the actor."""
        return self.party is not Party.OWNER or self.owns(requestor.customer_id, requestor.guest_email)

    def as_requestor(self) -> Requestor:
        """The requestor that a customer's own return names; an address that nobody verified is left out."""
        return Requestor(
            customer_id=self.customer_id,
            first_name=self.first_name,
            last_name=self.last_name,
            email=self.verified_email,
        )

    def as_submitter(self) -> Submitter:
        """The submitter of a return that this actor files."""
        return Submitter(self.user_type, self.subject, self.first_name, self.last_name, self.email)


def is_own(customer_id: str, guest_email: str, own_customer_id: str, own_verified_email: str) -> bool:
    """Whether something of a customer, or of a guest, is of who has this customer id and this verified address."""
    if customer_id and customer_id == own_customer_id:
        return True
    return bool(guest_email) and guest_email == own_verified_email


TIMER = Actor(Party.TIMER, "returns-service", UserType.SERVICE)
"""Who closes what has expired."""

POLICY = Actor(Party.STAFF, "returns-service", UserType.SERVICE)
"""Who approves what the shop's policy approves at once."""


def belongs_to(head: OrderHead, requestor: Requestor) -> bool:
    """Whether an order is the requestor's, by customer id or address, or anybody's because it is anonymous."""
    if head.anonymous:
        return True
    if head.customer_id and head.customer_id == requestor.customer_id:
        return True
    return bool(head.guest_email) and head.guest_email in {requestor.guest_email, requestor.email}
