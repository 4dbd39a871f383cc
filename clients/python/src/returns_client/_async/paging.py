"""Lists without page tokens: item by item, or page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

ItemT = TypeVar("ItemT")


class _Page(Protocol):
    @property
    def next_page_token(self) -> str: ...


PageT = TypeVar("PageT", bound=_Page)


class AsyncPages(Generic[ItemT, PageT]):
    """What a list answers: iterate over its items, or over `pages()`. Every iteration reads the list anew.

    A page is fetched when its first item is asked for; a ReturnsError may be raised there.
    """

    def __init__(
        self, fetch: Callable[[str], Awaitable[PageT]], items: Callable[[PageT], Sequence[ItemT]], page_token: str = ""
    ) -> None:
        """Takes how the page of a token is got, what is in a page, and the token to begin with."""
        self._fetch = fetch
        self._items = items
        self._page_token = page_token

    async def pages(self) -> AsyncIterator[PageT]:
        """The pages, whole: with `total_size`, `event_cursor` and what else the contract has them say."""
        token = self._page_token
        while True:
            page = await self._fetch(token)
            yield page
            token = page.next_page_token
            if not token:
                return

    async def first(self) -> PageT:
        """The first page alone."""
        return await self._fetch(self._page_token)

    async def __aiter__(self) -> AsyncIterator[ItemT]:
        """The items of all pages."""
        async for page in self.pages():
            for item in self._items(page):
                yield item
