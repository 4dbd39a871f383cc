import assert from "node:assert/strict";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import {
  ErrorReason,
  type Reason,
  Return_State,
  ReturnsClient,
  ReturnsError,
  StreamReturnEventsRequest_Start as Start,
  tokenFile,
  TokenUnavailable,
} from "returns-client";

import { draftOf, feed, TestServer } from "./server.js";

let server: TestServer;
let client: ReturnsClient;

before(async () => {
  server = await TestServer.started();
  client = await server.client();
  await feed(client, "1001");
});

after(async () => {
  client.close();
  await server.stop();
});

async function refused(call: PromiseLike<unknown>): Promise<ReturnsError> {
  const error = await call.then(
    () => assert.fail("it was not refused"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ReturnsError, String(error));
  return error;
}

describe("calls", () => {
  test("a return is filed and read, with the tenant as parent where none is said", async () => {
    const filed = await client.returns.createReturn({ draft: draftOf("1001", 2) });
    assert.equal(filed.state, Return_State.PENDING);
    assert.equal(filed.total?.gross?.units, 2n);
    const read = await client.returns.getReturn({ name: filed.name });
    assert.equal(read.etag, filed.etag);
  });

  test("a request id is made where the caller gives none, and the caller's object stays as it was", async () => {
    const request = { draft: draftOf("1001") };
    const [one, other] = [await client.returns.createReturn(request), await client.returns.createReturn(request)];
    assert.notEqual(one.name, other.name);
    assert.deepEqual(request, { draft: draftOf("1001") });
  });

  test("a request id that the caller gives is kept", async () => {
    const request = { draft: draftOf("1001"), requestId: "6d4c9a0e-8f6b-4b0a-9a53-111111111111" };
    const [one, other] = [await client.returns.createReturn(request), await client.returns.createReturn(request)];
    assert.equal(one.name, other.name);
    const error = await refused(client.returns.createReturn({ ...request, draft: draftOf("1001", 2) }));
    assert.ok(error.is("REQUEST_ID_REUSED"));
    assert.equal(error.requestId, request.requestId);
  });

  test("orders are imported as a stream", async () => {
    async function* orders() {
      for (const id of ["2001", "2002", "wrong id"]) {
        yield {
          order: {
            name: `tenants/acme/orders/${id}`,
            currencyCode: "EUR",
            placeTime: { seconds: 1_795_000_000n },
            lines: [{ lineId: "1", quantity: 1, total: { gross: { currencyCode: "EUR", units: 1n } } }],
          },
        };
      }
    }
    const report = await client.orders.importOrders(orders());
    assert.deepEqual([report.importedCount, report.failedCount], [2, 1]);
  });

  test("what breaks in an import's own orders is told as it is", async () => {
    async function* orders() {
      yield { order: { name: "tenants/acme/orders/3001" } };
      throw new Error("the file ends in the middle");
    }
    await assert.rejects(async () => client.orders.importOrders(orders()), /the file ends in the middle/);
  });

  test("a closed client makes no more calls", async () => {
    const closed = await server.client();
    closed.close();
    assert.equal((await refused(closed.returns.listReturns({}))).code, "CANCELLED");
  });
});

describe("errors", () => {
  test("a refusal has its status, reason and facts", async () => {
    const error = await refused(client.returns.createReturn({ draft: draftOf("1001", 5_000) }));
    assert.equal(error.code, "FAILED_PRECONDITION");
    assert.ok(error.is("QUANTITY_EXCEEDS_RETURNABLE"));
    const { order, line_id: line, requested } = error.metadata;
    assert.deepEqual([order, line, requested], ["1001", "1", "5000"]);
    assert.match(error.message, /^QUANTITY_EXCEEDS_RETURNABLE available=\d+ line_id=1 order=1001 requested=5000: ./);
    assert.match(error.requestId, /^[0-9a-f-]{36}$/);
  });

  test("wrong fields are all named", async () => {
    const error = await refused(client.returns.createReturn({ draft: draftOf("1001", -1), returnId: "X" }));
    assert.ok(error.is("FIELD_INVALID"));
    assert.deepEqual(error.violations.map((one) => one.field).sort(), [
      "draft.orders[0].items[0].quantity",
      "return_id",
    ]);
  });

  test("a request that cannot be written is said so, and not sent", async () => {
    const error = await refused(client.returns.createReturn({ draft: draftOf("1001", 1.5) }));
    assert.equal(error.code, "INVALID_ARGUMENT");
    assert.equal(error.message, "INVALID_ARGUMENT: quantity: expected number (int32), got 1.5");
  });

  test("reasons are those of the contract", () => {
    const names: Reason[] = ["FIELD_INVALID", "CURSOR_EXPIRED"];
    for (const name of names) assert.equal(typeof ErrorReason[name], "number");
  });

  test("options that contradict each other are refused with their name", () => {
    const made = (options: object) => () => new ReturnsClient({ address: "127.0.0.1:1", tenant: "acme", ...options });
    assert.throws(made({ address: "no-port" }), /address: "no-port" is not HOST:PORT/);
    assert.throws(made({ address: [] }), /address/);
    assert.throws(made({ tenant: "Acme" }), /tenant/);
    assert.throws(made({ tls: {}, plaintext: true }), /plaintext/);
    assert.throws(made({ tls: { certFile: "x.pem" } }), /keyFile/);
    assert.throws(made({ tls: { caFile: "/no/such.pem" } }), /such\.pem/);
  });
});

describe("pages", () => {
  test("all items of a list come, page by page, and the pages too", async () => {
    const filed: string[] = [];
    for (let n = 0; n < 5; n += 1) {
      filed.push((await client.returns.createReturn({ draft: draftOf("1001"), returnId: `page-${n}` })).name);
    }
    const request = { pageSize: 2, orderBy: "create_time asc", filter: 'name:"*page-*"' };
    const seen: string[] = [];
    for await (const one of client.returns.each({ pageSize: 2, orderBy: "create_time asc" })) seen.push(one.name);
    assert.deepEqual(seen.slice(-5), filed);
    const sizes: number[] = [];
    for await (const page of client.returns.each({ ...request, filter: "" }).pages()) {
      assert.notEqual(page.eventCursor, "");
      sizes.push(page.returns.length);
    }
    assert.equal(
      sizes.reduce((one, other) => one + other),
      seen.length,
    );
    assert.ok(sizes.length >= 3);
  });

  test("a list that is left early asks for no more", async () => {
    for await (const one of client.events.each({ pageSize: 1 })) {
      assert.equal(one.sequence, 1n);
      break;
    }
  });
});

describe("tokens", () => {
  test("a file is read for every call", async () => {
    const path = join(tmpdir(), `token-${process.pid}`);
    try {
      await writeFile(path, "rubbish\n");
      const reader = await server.client({ token: tokenFile(path) });
      assert.ok((await refused(reader.returns.listReturns({}))).is("TOKEN_INVALID"));
      await writeFile(path, `${await server.token()}\n`);
      await reader.returns.listReturns({});
      await writeFile(path, "");
      await assert.rejects(async () => reader.returns.listReturns({}), TokenUnavailable);
      reader.close();
    } finally {
      await rm(path, { force: true });
    }
  });

  test("a function is asked for every call, and its failure is told", async () => {
    let asked = 0;
    const good = await server.token();
    const caller = await server.client({
      token: async () => {
        asked += 1;
        if (asked === 2) throw new Error("the issuer is away");
        return good;
      },
    });
    await caller.returns.listReturns({});
    await assert.rejects(async () => caller.returns.listReturns({}), /no token: the issuer is away/);
    await caller.returns.listReturns({});
    assert.equal(asked, 3);
    caller.close();
  });

  test("a call's own header wins", async () => {
    const caller = await server.client({ token: "rubbish" });
    await caller.returns.listReturns({}, { headers: { authorization: `Bearer ${await server.token()}` } });
    caller.close();
  });
});

describe("deadlines", () => {
  test("a call to a server that never answers ends with its deadline", async () => {
    const silent = net.createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as net.AddressInfo;
    const caller = new ReturnsClient({ address: `127.0.0.1:${port}`, tenant: "acme", timeoutMs: 300 });
    const began = performance.now();
    assert.equal((await refused(caller.returns.listReturns({}))).code, "DEADLINE_EXCEEDED");
    assert.equal((await refused(caller.returns.listReturns({}, { timeoutMs: 100 }))).code, "DEADLINE_EXCEEDED");
    const tookMs = performance.now() - began;
    assert.ok(tookMs > 390 && tookMs < 3_000, `${tookMs} ms`);
    caller.close();
    silent.close();
  });

  test("a token that never comes ends the call with its deadline", async () => {
    const never = new Promise<string>(() => undefined);
    const caller = await server.client({ token: () => never, timeoutMs: 100 });
    assert.equal((await refused(caller.returns.listReturns({}))).code, "DEADLINE_EXCEEDED");
    caller.close();
  });

  test("nobody there is UNAVAILABLE, after some tries and before the deadline", async () => {
    const gone = net.createServer().listen(0, "127.0.0.1");
    await once(gone, "listening");
    const { port } = gone.address() as net.AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const caller = new ReturnsClient({
      address: `127.0.0.1:${port}`,
      tenant: "acme",
      retry: { initialBackoffMs: 10, maxBackoffMs: 20 },
    });
    assert.equal((await refused(caller.returns.listReturns({}))).code, "UNAVAILABLE");
    caller.close();
  });

  test("of two servers the one that is there answers", async () => {
    const both = await server.client({ address: ["127.0.0.1:9", server.address] });
    for (let n = 0; n < 4; n += 1) await both.returns.listReturns({});
    both.close();
  });

  test("a caller's signal cancels a call, also between tries", async () => {
    const stop = new AbortController();
    const caller = new ReturnsClient({ address: "127.0.0.1:9", tenant: "acme" });
    const call = refused(caller.returns.listReturns({}, { signal: stop.signal }));
    setTimeout(() => stop.abort(), 50);
    assert.equal((await call).code, "CANCELLED");
    caller.close();
  });
});

describe("following", () => {
  test("events come once, in order, and the cursor is that of the last that was handled", async () => {
    const { eventCursor } = await client.returns.listReturns({ pageSize: 1 });
    const following = client.events.follow({ afterCursor: eventCursor });
    const names = [];
    for (let n = 0; n < 3; n += 1) names.push((await client.returns.createReturn({ draft: draftOf("1001") })).name);
    const seen = [];
    for await (const event of following) {
      seen.push(event);
      if (seen.length === 3) break;
    }
    assert.deepEqual(
      seen.map((event) => event.returnName),
      names,
    );
    // The last one was not handled: the loop was left with it.
    assert.equal(following.cursor, seen[1]?.cursor);
    const again = client.events.follow({ afterCursor: following.cursor });
    const { value } = await again.next();
    assert.equal(value?.id, seen[2]?.id);
    again.close();
  });

  test("without a cursor it begins where `position` says", async () => {
    const following = client.events.follow({
      afterCursor: "",
      position: { case: "start", value: Start.EARLIEST },
    });
    const { value } = await following.next();
    assert.equal(value?.sequence, 1n);
    following.close();
  });

  test("a checkpoint moves the cursor where a filter matches nothing", async () => {
    const following = client.events.follow({
      position: { case: "start", value: Start.EARLIEST },
      filter: "type=return.rejected",
      heartbeatInterval: { seconds: 1n },
    });
    const next = following.next();
    while (following.cursor === "") await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(!(await Promise.race([next, Promise.resolve({ done: false, value: undefined })])).value);
    following.close();
    assert.deepEqual(await next, { done: true, value: undefined });
  });

  test("it ends with its signal, and with its client", async () => {
    const stop = new AbortController();
    const other = await server.client();
    const followers = [client.events.follow({}, { signal: stop.signal }), other.events.follow()];
    const ends = followers.map((one) => one.next());
    stop.abort();
    other.close();
    for (const end of await Promise.all(ends)) assert.equal(end.done, true);
  });

  test("what another try would not change is thrown", async () => {
    const garbled = await refused(client.events.follow({ afterCursor: "nonsense" }).next());
    assert.ok(garbled.is("CURSOR_INVALID"));
    const stranger = await server.client({ token: "rubbish" });
    assert.ok((await refused(stranger.events.follow().next())).is("TOKEN_INVALID"));
    stranger.close();
  });

  test("it goes on with a new token where the old one is refused", async () => {
    const tokens = ["rubbish", "rubbish", await server.token()];
    const caller = await server.client({ token: () => tokens.shift() ?? server.token() });
    const pauses: string[] = [];
    const following = caller.events.follow(
      { position: { case: "start", value: Start.EARLIEST } },
      { onPause: (why) => pauses.push(why) },
    );
    await assert.rejects(async () => following.next(), /TOKEN_INVALID/);
    tokens.unshift("rubbish");
    assert.equal((await following.next()).value?.sequence, 1n);
    assert.match(pauses.join(), /TOKEN_INVALID/);
    caller.close();
  });

  test("a server that is killed and comes back is followed on", { timeout: 60_000 }, async () => {
    const own = await TestServer.started();
    const caller = await own.client();
    await feed(caller, "1");
    const pauses: string[] = [];
    const following = caller.events.follow(
      { position: { case: "start", value: Start.EARLIEST } },
      { onPause: (why) => pauses.push(why) },
    );
    const seen: bigint[] = [];
    for (let round = 1; round <= 2; round += 1) {
      await caller.returns.createReturn({ draft: draftOf("1") });
      const { value } = await following.next();
      seen.push(value?.sequence ?? 0n);
      await own.kill();
      await own.start();
    }
    await caller.returns.createReturn({ draft: draftOf("1") });
    seen.push((await following.next()).value?.sequence ?? 0n);
    assert.deepEqual(seen, [1n, 2n, 3n]);
    assert.ok(pauses.length >= 2);
    caller.close();
    await own.stop();
  });
});
