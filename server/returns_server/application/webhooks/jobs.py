"""The mutations of redelivery jobs."""

from __future__ import annotations

from dataclasses import replace

from returns_server.application.webhooks.books import Counted, EndpointBook, JobShown, Needs
from returns_server.application.webhooks.commands import EndpointChange, check_quota
from returns_server.application.webhooks.deliveries import Job, JobState
from returns_server.domain.errors import FieldInvalid, WebhookEndpointNotFound
from returns_server.domain.ids import Micros
from returns_server.domain.record import record


@record
class CreateJob(EndpointChange):
    """Start a job that posts the events of a time range once more."""

    job_id: str
    start_time: Micros
    end_time: Micros | None
    only_failed: bool
    most: int
    """Jobs at work that the tenant may have."""

    @property
    def needs(self) -> Needs:
        """The endpoint, where in the log the range begins, and how many jobs are at work."""
        return Needs(self.endpoint_id, since=self.start_time, counted=Counted.JOBS)

    def decide(self, book: EndpointBook, now: Micros) -> JobShown:
        """The job; raises FieldInvalid for an empty range, Overloaded where there are as many as there may be."""
        self.found(book)
        end_time = now if self.end_time is None else min(self.end_time, now)
        if self.start_time >= end_time:
            raise FieldInvalid.at("start_time", "must lie before end_time, and in the past")
        check_quota(book, self.most, "redelivery jobs under way", "wait until one has ended, or cancel one")
        tried = self.request.validate_only
        job = Job(
            endpoint_id=self.endpoint_id,
            job_id="" if tried else self.job_id,
            start_time=self.start_time,
            end_time=end_time,
            only_failed=self.only_failed,
            state=JobState.RUNNING,
            position=book.begin,
            requeued_count=0,
            create_time=now,
            update_time=now,
        )
        if not tried:
            book.put_job = job
        return JobShown(job)


@record
class CancelJob(EndpointChange):
    """Stop a job; one that has ended stays as it is."""

    job_id: str

    @property
    def needs(self) -> Needs:
        """The endpoint and the job."""
        return Needs(self.endpoint_id, job_id=self.job_id)

    def decide(self, book: EndpointBook, now: Micros) -> JobShown:
        """The job after it; raises WebhookEndpointNotFound where there is none."""
        self.found(book)
        job = book.job
        if job is None:
            raise WebhookEndpointNotFound(f"{self.name}/redeliveries/{self.job_id}")
        if job.state is JobState.RUNNING:
            job = replace(job, state=JobState.CANCELLED, update_time=now)
            if not self.request.validate_only:
                book.put_job = job
        return JobShown(job)
