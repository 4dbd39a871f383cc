"""Redelivery jobs: events of a time range on their way once more, a bounded number in each transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from returns_server.application.webhooks.books import Needs
from returns_server.application.webhooks.deliveries import Delivery, DeliveryKey, Happening, Job, JobState
from returns_server.application.webhooks.endpoints import Endpoint, EndpointId, Ordering
from returns_server.application.webhooks.ports import Candidate
from returns_server.domain.deliveries import DeliveryState
from returns_server.domain.ids import SECOND, Micros, ReturnId, TenantId
from returns_server.storage.session import Session, WriteSession
from returns_server.storage.webhooks.fan_out import busy_returns, candidates, new_delivery
from returns_server.storage.webhooks.loading import load
from returns_server.storage.webhooks.rows import (
    DELIVERY_COLUMNS,
    DELIVERY_KEY,
    JOB_KEY,
    JOB_VALUES,
    PROGRESS_COLUMNS,
    delivery_of,
    delivery_row,
    job_row,
    progress_row,
)
from returns_server.storage.webhooks.tables import webhook_deliveries, webhook_jobs

JobKey = tuple[TenantId, str, str]
# Clocks of replicas differ by less: so much later an event may still stand before one within the range.
_SKEW = 120 * SECOND


@dataclass(frozen=True, slots=True)
class Step:
    """The next events of a job that its endpoint wants; `to` is where the log was read to."""

    job: Job
    events: Sequence[Candidate]
    to: int
    last: bool


async def next_step(
    session: Session, key: JobKey, limit: int, wanted: Callable[[TenantId, Endpoint, Candidate], bool]
) -> Step | None:
    """What a job does next; None where it is not at work any more."""
    tenant, endpoint_id, job_id = key
    book = await load(session, tenant, Needs(EndpointId(endpoint_id), job_id=job_id))
    job, endpoint = book.job, book.endpoint
    if job is None or endpoint is None or job.state is not JobState.RUNNING:
        return None
    read = await candidates(session, tenant, job.position, limit, with_document=True)
    # What the endpoint has not come to yet reaches it anyway.
    here = [event for event in read if event.sequence <= endpoint.cursor]
    events = [event for event in here if job.start_time <= event.time < job.end_time]
    over = len(here) < limit or here[-1].time >= job.end_time + _SKEW
    to = here[-1].sequence if here else job.position
    return Step(job, [event for event in events if wanted(tenant, endpoint, event)], to, over)


async def take(session: WriteSession, key: JobKey, step: Step, now: Micros) -> None:
    """Put the events of a step on their way, unless somebody else did, or the job was cancelled."""
    tenant, endpoint_id, job_id = key
    book = await load(session, tenant, Needs(EndpointId(endpoint_id), job_id=job_id), write=session)
    job, endpoint = book.job, book.endpoint
    if job is None or endpoint is None or (job.state, job.position) != (JobState.RUNNING, step.job.position):
        return
    select = session.dialect.select(webhook_deliveries, DELIVERY_KEY, DELIVERY_COLUMNS)
    keys = [(tenant, endpoint_id, event.sequence) for event in step.events]
    [rows] = await session.run([select(keys)]) if keys else [[]]
    known = {delivery.key: delivery for delivery in map(delivery_of, rows)}
    in_order = endpoint.settings.ordering is Ordering.PER_RETURN
    return_keys = [(tenant, endpoint_id, ReturnId(event.return_id)) for event in step.events]
    busy = await busy_returns(session, return_keys) if in_order else set()
    old: list[Delivery] = []
    new: list[Delivery] = []
    for event in step.events:
        delivery = known.get(DeliveryKey(tenant, endpoint.endpoint_id, event.sequence))
        if delivery is None:
            if not job.only_failed:
                new.append(new_delivery(tenant, endpoint, event, busy, now))
        elif delivery.is_open:
            if delivery.state not in (DeliveryState.LEASED, DeliveryState.HELD):
                old.append(delivery.afresh(Happening.REPEATED, now))
        elif not (job.only_failed and delivery.state is DeliveryState.DELIVERED):
            again = delivery.afresh(Happening.REPEATED, now)
            return_key = (tenant, endpoint_id, delivery.return_id)
            if in_order and return_key in busy:
                again = again.after(Happening.HELD_BACK, now)
            busy.add(return_key)
            old.append(again)
    _save(session, old, new)
    job = replace(
        job,
        position=step.to,
        requeued_count=job.requeued_count + len(old) + len(new),
        state=JobState.DONE if step.last else JobState.RUNNING,
        update_time=now,
    )
    session.later(session.dialect.update(webhook_jobs, JOB_KEY, JOB_VALUES)([job_row(tenant, job)]))


def _save(session: WriteSession, old: list[Delivery], new: list[Delivery]) -> None:
    dialect = session.dialect
    if old:
        update = dialect.update(webhook_deliveries, DELIVERY_KEY, PROGRESS_COLUMNS)
        session.later(update([progress_row(delivery) for delivery in old]))
    if new:
        insert = dialect.insert(webhook_deliveries, DELIVERY_COLUMNS)
        session.later(insert([delivery_row(delivery) for delivery in new]))
