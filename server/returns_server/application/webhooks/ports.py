"""What the use cases and the bridge ask of storage and of each other. Every method keeps to the tenant it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Protocol

from returns_server.application.listing import Position
from returns_server.application.request import Request
from returns_server.application.webhooks.books import EndpointBook, EndpointCommand, Needs
from returns_server.application.webhooks.deliveries import Attempt, Delivery
from returns_server.application.webhooks.endpoints import Endpoint, EndpointId, Secret, Standing
from returns_server.domain.ids import Micros, TenantId
from returns_server.domain.record import record
from returns_server.filtering.tree import Expression


@record
class Answered:
    """An encoded message of the contract, and the sealed secret that belongs into it, if one does."""

    document: bytes
    secret: Secret | None = None
    endpoint_id: EndpointId | None = None


@record
class Page:
    """Some encoded messages of a list, and the position of the last one if there may be more."""

    documents: Sequence[bytes]
    next: Position | None


class EndpointStore(Protocol):
    """Endpoints, their deliveries and jobs, for callers."""

    async def said(self, request: Request, tenant: TenantId) -> Answered | None:
        """What the same request was answered before; raises RequestIdReused where it was another one."""

    async def run(self, command: EndpointCommand) -> Answered:
        """Decide the command and save what it changed, with its answer, in one transaction.

        Raises the command's own ReturnsError, Conflict, StorageUnavailable. A request that was answered before is
        answered the same, and nothing is changed.
        """

    async def look(self, tenant: TenantId, needs: Needs) -> EndpointBook:
        """What a command would decide on, without any lock."""

    async def find(self, tenant: TenantId, endpoint_id: EndpointId) -> bytes | None:
        """The endpoint as an encoded message, or None."""

    async def list_endpoints(self, tenant: TenantId, after: Position | None, limit: int) -> Page:
        """A page of endpoints, the newest first."""

    async def list_deliveries(
        self, tenant: TenantId, endpoint_id: EndpointId, where: Expression, after: Position | None, limit: int
    ) -> Page | None:
        """A page of deliveries with all attempts, the latest event first, ending early at 2 MiB; None: no endpoint."""

    async def find_job(self, tenant: TenantId, endpoint_id: EndpointId, job_id: str) -> bytes | None:
        """The redelivery job as an encoded message, or None."""

    async def list_jobs(
        self, tenant: TenantId, endpoint_id: EndpointId, after: Position | None, limit: int
    ) -> Page | None:
        """A page of redelivery jobs, the newest first; None: no endpoint."""


class Targets(Protocol):
    """Knows where webhooks may be posted to."""

    async def check(self, url: str) -> None:
        """Raise TargetRefused unless events may be posted there, as its name resolves now."""


@record
class Message:
    """Something to post: with which id, signed by which secrets, and with which headers."""

    url: str
    message_id: str
    content_type: str
    body: bytes
    secrets: tuple[str, ...] = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False, default=())
    trace_parent: str = ""
    """The span in which the event happened."""
    span: str = ""
    """The attempt's own span, where it is traced."""


TOTAL_SECONDS = 15.0
"""How long an attempt may take, from the name to the answer."""


class Post(Protocol):
    """Carries messages."""

    async def post(self, message: Message, *, total_seconds: float = TOTAL_SECONDS) -> Attempt:
        """What came of posting it once; never raises for anything that a receiver or the network does."""


class Trials(Protocol):
    """Posts test messages."""

    async def try_out(
        self, tenant: TenantId, endpoint: Endpoint, secrets: tuple[Secret, ...], message_id: str
    ) -> Attempt:
        """What came of posting a test message once, in less time than a call may take."""


class Judge(Protocol):
    """Decides what an attempt leads to."""

    def judge(self, delivery: Delivery, standing: Standing, attempt: Attempt, now: Micros) -> tuple[Delivery, Standing]:
        """The delivery and the endpoint's standing after an attempt whose result came in now."""


@record
class Claimed:
    """A delivery that this bridge may post until the lease runs out, with all that it takes."""

    tenant: TenantId
    delivery: Delivery
    endpoint: Endpoint
    secrets: tuple[Secret, ...]
    event_id: bytes
    document: bytes


@record
class Result:
    """What came of a delivery, which is here as it was claimed."""

    delivery: Delivery
    attempt: Attempt


@record
class Settled:
    """What results led to: the deliveries for which they counted, as they are now, and the endpoints turned off."""

    deliveries: Sequence[Delivery] = ()
    turned_off: Sequence[tuple[TenantId, EndpointId, Standing]] = ()


@record
class Candidate:
    """An event as fan-out sees it; `document` is empty where no endpoint's filter asks for it."""

    sequence: int
    event_id: str
    event_type: str
    time: Micros
    return_id: str
    document: bytes


@record
class Followers:
    """Endpoints of a tenant at one place in its log, and the next events from there.

    `lost` says that the log no longer has all events from that place to the last of these.
    """

    tenant: TenantId
    endpoints: Sequence[Endpoint]
    events: Sequence[Candidate]
    lost: bool
    head: int


@record
class Advance:
    """An endpoint's cursor moves to `to`, and these events are on their way to it.

    It happens only if nobody moved the cursor, or changed the endpoint, since it was read.
    """

    tenant: TenantId
    endpoint: Endpoint
    to: int
    time: Micros
    events: Sequence[Candidate]
    lost: bool = False


@record
class Backlog:
    """What waits, over all tenants."""

    pending: int
    oldest: Micros | None
    endpoints_off: int


AT_ONCE = 8
"""So many deliveries of an endpoint are posted at a time."""
BREAKER_FAILURES = 5
"""So many failures in a row, whatever the returns: then an endpoint is tried with one delivery at a time."""


AHEAD = 1_000
"""So many deliveries of an endpoint may be due and more are still taken from the log; the rest waits there.

More than an endpoint is posted to before the log is looked at again, and few enough that a backlog of millions does
not become rows faster than it is posted.
"""


class BridgeStore(Protocol):
    """What the bridge works on. All times come from the bridge's clock."""

    async def followed(self) -> frozenset[TenantId]:
        """The tenants that have an enabled endpoint: nobody follows the logs of others."""

    async def followers(
        self, tenants: frozenset[TenantId] | None, now: Micros, limit: int, needs_document: Callable[[Endpoint], bool]
    ) -> Sequence[Followers]:
        """Enabled endpoints whose log has grown past their cursor, with up to `limit` events for each place.

        Without those of which more than AHEAD deliveries are due.
        """

    async def advance(self, moves: Sequence[Advance], now: Micros) -> int:
        """In one transaction, insert the deliveries and move the cursors; how many deliveries there were."""

    async def settle(self, results: Sequence[Result], now: Micros) -> Settled:
        """In one transaction, write results under their fences."""

    async def claim(self, now: Micros, lease_until: Micros, slots: int) -> Sequence[Claimed]:
        """In one transaction, claim up to `slots` deliveries that are due.

        At most 8 of an endpoint are leased at a time, one where its breaker is open; endpoints take turns.
        """

    async def warm(self, now: Micros) -> None:
        """Connect and prepare: what the first results would else wait for, and a kill would make come twice."""

    async def reclaim(self, now: Micros) -> int:
        """Make every leased delivery due at once: for a bridge that knows that it is the only one."""

    async def jobs(self, limit: int) -> Sequence[tuple[TenantId, str, str]]:
        """Redelivery jobs at work: tenant, endpoint and job."""

    async def work(
        self,
        job: tuple[TenantId, str, str],
        now: Micros,
        limit: int,
        wanted: Callable[[TenantId, Endpoint, Candidate], bool],
    ) -> bool:
        """Requeue the next events of a job; whether there may be more to do."""

    async def tidy(self, before: Micros, answers_before: Micros, limit: int) -> int:
        """Delete what ended before a time, secrets that nobody asks for any more, and what deleted endpoints left."""

    async def backlog(self) -> Backlog:
        """What waits."""
