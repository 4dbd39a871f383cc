"""Another system hears of returns: signed webhooks, in order, whatever fails on the way."""

from __future__ import annotations

import time

from commerce.returns.v1.event_pb2 import ReturnEvent
from commerce.returns.v1.reason_pb2 import Reason
from commerce.returns.v1.return_draft_pb2 import ReturnDraft
from commerce.returns.v1.return_pb2 import Return
from commerce.returns.v1.returns_service_pb2 import (
    ApproveReturnRequest,
    CreateReturnRequest,
    ListReturnEventsRequest,
    UpdateReturnRequest,
)
from commerce.returns.v1.webhook_pb2 import WebhookDelivery, WebhookEndpoint
from commerce.returns.v1.webhooks_service_pb2 import (
    CreateWebhookEndpointRequest,
    GetWebhookEndpointRequest,
    ListWebhookDeliveriesRequest,
    RotateWebhookSecretRequest,
    TestWebhookEndpointRequest,
)
from tools.demo.customer import draft_of
from tools.demo.people import PARENT, Desk, Person
from tools.demo.receiver import Hooked, listening
from tools.demo.stage import Stage
from tools.replay.folder import Document

_SECONDS = 40.0


def are_posted(stage: Stage, desk: Desk, owner: Person, staff: Person, documents: list[Document]) -> None:
    """The refunds system is told of every return; it is down at first, and misses nothing."""
    stage.chapter("Another system is told: webhooks")
    hooked = Hooked()
    with listening(hooked):
        endpoint = _registered(stage, desk, owner, hooked)
        _tried(stage, desk, owner, endpoint, hooked)
        stage.says("The refunds system is being restarted: three times it answers 503 or 500.")
        hooked.failures = [503, 500, 503]
        events = _returns(stage, desk, staff, documents)
        arrived = hooked.wait(len(events), _SECONDS)
        _told(stage, desk, owner, endpoint, hooked)
        stage.promise(arrived, f"all {len(events)} events arrived, those that failed 5 seconds later")
        for name in sorted({event.return_name for event in events}):
            versions = [
                int(said["data"]["returnVersion"]) for said in hooked.taken if said["data"]["returnName"] == name
            ]
            number = len(versions)
            stage.promise(versions == list(range(1, number + 1)), f"{number} of one return, one after the other")
        stage.promise(
            sorted(said["data"]["id"] for said in hooked.taken) == sorted(event.id for event in events)
            and hooked.wrong == 0,
            "every signature verified by the published `standardwebhooks` library, every event once",
        )
        _rotated(stage, desk, owner, staff, endpoint, hooked, events)


def _registered(stage: Stage, desk: Desk, owner: Person, hooked: Hooked) -> WebhookEndpoint:
    stage.acts(owner.name, f"registers the refunds system at {hooked.url}", "CreateWebhookEndpoint")
    said = WebhookEndpoint(url=hooked.url, display_name="Refunds", event_types=["return.*"])
    request = CreateWebhookEndpointRequest(parent=PARENT, webhook_endpoint=said)
    made = owner.asks(desk.webhooks.CreateWebhookEndpoint, request)
    hooked.secret = made.secret
    again = owner.asks(desk.webhooks.GetWebhookEndpoint, GetWebhookEndpointRequest(name=made.webhook_endpoint.name))
    stage.promise(
        made.secret.startswith("whsec_") and made.secret not in str(again),
        "its signing secret is shown once, and sealed in the database",
    )
    stage.acts(owner.name, "tries an address inside the network", "CreateWebhookEndpoint")
    inside = CreateWebhookEndpointRequest(
        parent=PARENT, webhook_endpoint=WebhookEndpoint(url="https://169.254.169.254/latest/meta-data")
    )
    stage.refused(
        lambda: owner.asks(desk.webhooks.CreateWebhookEndpoint, inside),
        "TARGET_REFUSED",
        "nothing is posted to the machines behind the firewall",
    )
    return made.webhook_endpoint


def _tried(stage: Stage, desk: Desk, owner: Person, endpoint: WebhookEndpoint, hooked: Hooked) -> None:
    stage.acts(owner.name, "sends a test message", "TestWebhookEndpoint")
    answer = owner.asks(desk.webhooks.TestWebhookEndpoint, TestWebhookEndpointRequest(name=endpoint.name))
    stage.promise(answer.attempt.status == 204, f"answered {answer.attempt.status}, and the signature was right")
    hooked.taken.clear()
    hooked.posts.clear()


def _returns(stage: Stage, desk: Desk, staff: Person, documents: list[Document]) -> list[ReturnEvent]:
    events: list[ReturnEvent] = []
    stage.acts(staff.name, f"files {len(documents)} returns, corrects them and decides", "CreateReturn ...")
    filed: list[Return] = []
    for document in documents:
        request = CreateReturnRequest(parent=PARENT, draft=draft_of(document, "damaged"))
        filed.append(staff.asks(desk.returns.CreateReturn, request))
    for ret in filed:
        draft = ReturnDraft(reason=Reason(code="damaged", details="another colour; the customer sent a picture"))
        staff.asks(desk.returns.UpdateReturn, UpdateReturnRequest(name=ret.name, draft=draft))
        staff.asks(desk.returns.ApproveReturn, ApproveReturnRequest(name=ret.name))
        request_events = ListReturnEventsRequest(parent=ret.name)
        events += staff.asks(desk.returns.ListReturnEvents, request_events).events
    return events


def _told(stage: Stage, desk: Desk, owner: Person, endpoint: WebhookEndpoint, hooked: Hooked) -> None:
    stage.acts(owner.name, "looks at the deliveries", "ListWebhookDeliveries")
    request = ListWebhookDeliveriesRequest(parent=endpoint.name)
    give_up = time.monotonic() + _SECONDS
    while True:
        found = owner.asks(desk.webhooks.ListWebhookDeliveries, request)
        if time.monotonic() > give_up or all(one.state == WebhookDelivery.STATE_DELIVERED for one in found.deliveries):
            break
    stage.table(
        (">event", "what", "state", "answers"),
        [
            (
                str(one.event_sequence),
                one.event_type,
                WebhookDelivery.State.Name(one.state).removeprefix("STATE_"),
                ", ".join(str(attempt.status) for attempt in one.attempts),
            )
            for one in reversed(found.deliveries)
        ],
    )
    posts = ", ".join(f"{what} -> {status}" for what, status in hooked.posts)
    stage.says(f"posts as they came in, by version: {posts}")


def _rotated(
    stage: Stage,
    desk: Desk,
    owner: Person,
    staff: Person,
    endpoint: WebhookEndpoint,
    hooked: Hooked,
    events: list[ReturnEvent],
) -> None:
    stage.acts(owner.name, "replaces the secret; the refunds system still has the old one", "RotateWebhookSecret")
    owner.asks(desk.webhooks.RotateWebhookSecret, RotateWebhookSecretRequest(name=endpoint.name))
    draft = ReturnDraft(reason=Reason(code="damaged", details="settled on the phone"))
    staff.asks(desk.returns.UpdateReturn, UpdateReturnRequest(name=events[0].return_name, draft=draft))
    stage.promise(
        hooked.wait(len(events) + 1, _SECONDS) and hooked.wrong == 0,
        "for the grace time both secrets sign: nothing had to be done at the same moment",
    )
