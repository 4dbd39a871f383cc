"""What can be in the relay's way."""

from __future__ import annotations


class BrokerAway(Exception):
    """NATS cannot be reached, or does not answer as it should for now; says why, and holds no secret."""


class Moved(Exception):
    """A tenant's last message is another one than this relay thought: another published, or NATS went back."""


class Unfit(Exception):
    """NATS is there and cannot be used so: a sentence for the operator."""


class Stuck(Exception):
    """A tenant's events cannot go on until the operator has done something; others' can. A sentence that says what."""
