/** What a stream may bring that a server on this machine does not do when asked: repeats, goodbyes, expired cursors. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import {
  EventFollower,
  ReturnsService,
  type StreamReturnEventsRequest,
  StreamReturnEventsResponse_Goodbye_Reason as Reason,
  StreamReturnEventsResponseSchema,
} from "returns-client";

type Message = Parameters<typeof create<typeof StreamReturnEventsResponseSchema>>[1] & object;

function batch(...sequences: number[]): Message {
  const events = sequences.map((n) => ({ id: `id-${n}`, sequence: BigInt(n), cursor: `at-${n}` }));
  return { cursor: `at-${sequences.at(-1)}`, content: { case: "batch", value: { events } } };
}

/** A follower of streams that bring these messages, one stream after the other; and the cursors they were asked for. */
function following(...streams: (Message | ConnectError)[][]): [EventFollower, string[], string[]] {
  const asked: string[] = [];
  const pauses: string[] = [];
  const transport = createRouterTransport(({ service }) => {
    service(ReturnsService, {
      async *streamReturnEvents({ position }: StreamReturnEventsRequest) {
        asked.push(position.case === "afterCursor" ? position.value : (position.case ?? ""));
        for (const message of streams.shift() ?? []) {
          if (message instanceof ConnectError) throw message;
          yield create(StreamReturnEventsResponseSchema, message);
        }
      },
    });
  });
  const calls = { token: undefined, closed: new AbortController().signal };
  const options = { onPause: (why: string) => pauses.push(why) };
  return [new EventFollower(createClient(ReturnsService, transport), {}, options, calls), asked, pauses];
}

async function taken(follower: EventFollower, count: number): Promise<bigint[]> {
  const sequences: bigint[] = [];
  for (let n = 0; n < count; n += 1) sequences.push((await follower.next()).value?.sequence ?? 0n);
  return sequences;
}

test("an event that comes again is dropped by its id", async () => {
  const [follower] = following([batch(1, 2), batch(2, 3)], [batch(3, 4)]);
  assert.deepEqual(await taken(follower, 4), [1n, 2n, 3n, 4n]);
});

test("after a break it goes on behind the last event that was handled, not behind the batch", async () => {
  const [follower, asked] = following([batch(1, 2, 3)], [batch(4)]);
  assert.deepEqual(await taken(follower, 2), [1n, 2n]);
  assert.equal(follower.cursor, "at-1");
  assert.deepEqual(await taken(follower, 2), [3n, 4n]);
  assert.deepEqual(asked, ["", "at-3"]);
});

test("a checkpoint and a goodbye move the cursor, and the next stream begins there", async () => {
  const bye = { reason: Reason.MAX_AGE, retryDelay: { nanos: 1_000_000 } };
  const [follower, asked, pauses] = following(
    [
      { cursor: "at-5", content: { case: "checkpoint", value: {} } },
      { cursor: "at-7", content: { case: "goodbye", value: bye } },
    ],
    [batch(8)],
  );
  assert.deepEqual(await taken(follower, 1), [8n]);
  assert.deepEqual(asked, ["", "at-7"]);
  assert.deepEqual(pauses, ["max age"]);
});

test("a batch whose own cursor is further on is left behind that, once all of it is handled", async () => {
  const [follower, asked] = following([{ ...batch(1), cursor: "at-9" }], [batch(10)]);
  assert.deepEqual(await taken(follower, 2), [1n, 10n]);
  assert.deepEqual(asked, ["", "at-9"]);
});

test("a stream that breaks is begun again, and told", async () => {
  const [follower, , pauses] = following([batch(1), new ConnectError("gone", Code.Unavailable)], [batch(2)]);
  assert.deepEqual(await taken(follower, 2), [1n, 2n]);
  assert.deepEqual(pauses, ["UNAVAILABLE: gone"]);
});

test("what another try would not change ends it", async () => {
  const expired = new ConnectError("not kept", Code.OutOfRange);
  const [follower] = following([batch(1), new ConnectError("busy", Code.ResourceExhausted)], [expired]);
  assert.deepEqual(await taken(follower, 1), [1n]);
  await assert.rejects(follower.next(), { name: "ReturnsError", code: "OUT_OF_RANGE" });
});
