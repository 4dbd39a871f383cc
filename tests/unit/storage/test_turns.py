"""Tenants take turns: nobody's things change their order, and nobody waits behind all of another's."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from returns_server.domain.ids import TenantId
from returns_server.storage.turns import Turns

TENANTS = st.sampled_from([TenantId("acme"), TenantId("globex"), TenantId("initech")])
STEPS = st.lists(st.one_of(TENANTS, st.none()), max_size=100)
"""A tenant puts something in, or the next is taken."""


def filled(steps: list[TenantId | None]) -> tuple[Turns[tuple[TenantId, int]], Counter[TenantId], Counter[TenantId]]:
    """A queue after so many steps, how many each tenant put in, and how many of each were taken."""
    turns, put, taken = Turns[tuple[TenantId, int]](), Counter[TenantId](), Counter[TenantId]()
    for tenant in steps:
        if tenant is not None:
            turns.put(tenant, (tenant, put[tenant]))
            put[tenant] += 1
        elif len(turns):
            first = turns.first
            of, number = turns.take()
            assert (of, number) == first == (of, taken[of]), "of one tenant, first come is first"
            taken[of] += 1
    return turns, put, taken


@given(STEPS)
def test_all_that_is_put_in_is_taken_once_and_counted(steps: list[TenantId | None]) -> None:
    turns, put, taken = filled(steps)
    assert len(turns) == put.total() - taken.total()
    assert all(turns.of(tenant) == put[tenant] - taken[tenant] for tenant in put)
    while len(turns):
        tenant, number = turns.take()
        assert number == taken[tenant]
        taken[tenant] += 1
    assert taken == put


@given(STEPS)
def test_each_tenant_that_waits_has_its_turn_before_another_has_two(steps: list[TenantId | None]) -> None:
    turns, _, _ = filled(steps)
    while len(turns):
        waiting = {tenant for tenant in ("acme", "globex", "initech") if turns.of(TenantId(tenant))}
        round_ = [turns.take()[0] for _ in waiting]
        assert set(round_) == waiting


@given(STEPS, TENANTS)
def test_what_stands_before_one_more_is_no_more_than_is_said(steps: list[TenantId | None], tenant: TenantId) -> None:
    turns, _, _ = filled(steps)
    said = turns.ahead_of(tenant)
    alone = len(turns) == turns.of(tenant)
    turns.put(tenant, (tenant, -1))
    ahead = 0
    while turns.take() != (tenant, -1):
        ahead += 1
    assert ahead <= said
    assert not alone or ahead == said
