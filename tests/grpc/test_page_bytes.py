"""Pages end early where what is on them is large, and the next one goes on."""

from __future__ import annotations

from commerce.returns.v1 import orders_service_pb2 as pb
from returns_server.application.listing import MAX_PAGE_BYTES
from tests.support.messages import feed, line, order
from tests.support.service import ALL, Service


async def test_a_page_ends_at_2_mib_and_the_next_one_goes_on(service: Service) -> None:
    client = service.client(*ALL)
    large = [line(str(number), product_name="x" * 1_000) for number in range(700)]
    await feed(client, *(order(f"o{number}", *large) for number in range(5)))
    request = pb.ListOrdersRequest(parent="tenants/acme")
    sizes: list[int] = []
    names: list[str] = []
    while not sizes or request.page_token:
        page = await client.orders.ListOrders(request)
        sizes.append(page.ByteSize())
        names += [one.name for one in page.orders]
        request.page_token = page.next_page_token
    assert sorted(names) == [f"tenants/acme/orders/o{number}" for number in range(5)]
    assert len(sizes) > 1
    assert max(sizes) < MAX_PAGE_BYTES + 1024 * 1024, "one order more than fits, at most"
