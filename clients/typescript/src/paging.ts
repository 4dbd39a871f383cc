/** Lists without page tokens: item by item, or page by page. */
import type { CallOptions } from "@connectrpc/connect";

/** What a list answers: iterate over its items, or over `pages()`. Every iteration reads the list anew. */
export interface Pages<Item, Page> extends AsyncIterable<Item> {
  /** The pages, whole: with `totalSize`, `eventCursor` and what else the contract has them say. */
  pages(): AsyncIterable<Page>;
}

/** The pages of a list method, from the `pageToken` in the request on; each call has a deadline of its own. */
export function paged<Request extends { pageToken?: string }, Page extends { nextPageToken: string }, Item>(
  list: (request: Request, options?: CallOptions) => Promise<Page>,
  items: (page: Page) => readonly Item[],
): (request: Request, options?: CallOptions) => Pages<Item, Page> {
  return (request, options) => {
    async function* pages(): AsyncGenerator<Page, void, undefined> {
      let pageToken = request.pageToken ?? "";
      do {
        const page = await list({ ...request, pageToken }, options);
        yield page;
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
    }
    return {
      pages,
      async *[Symbol.asyncIterator]() {
        for await (const page of pages()) yield* items(page);
      },
    };
  };
}
