/**
 * What tests/clients/test_typescript.py lets a Node process do, while it breaks the network or the server:
 * node build/test/driver.js MODE OPTIONS, with OPTIONS in JSON. Prints a line of JSON for each thing done.
 */
import { ReturnsClient, ReturnsError, StreamReturnEventsRequest_Start as Start, verifyWebhook } from "returns-client";

import { draftOf } from "./server.js";

interface Options {
  readonly address: string;
  readonly token: string;
  readonly count: number;
  readonly timeoutMs: number;
  /** Repeats calls by itself, each with another request id: what happens without this client. */
  readonly naive: boolean;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly cases: readonly { secret: string; headers: Record<string, string>; body: string }[];
}

function print(done: object | boolean): void {
  process.stdout.write(`${JSON.stringify(done)}\n`);
}

/** Handle every event, until told to stop by the end of the input. */
async function follow({ address, token }: Options): Promise<void> {
  const client = new ReturnsClient({
    address,
    tenant: "acme",
    token,
    keepalive: { intervalMs: 20_000, timeoutMs: 5_000 },
  });
  const pauses: string[] = [];
  const following = client.events.follow(
    { position: { case: "start", value: Start.EARLIEST }, maxBatchEvents: 3 },
    { onPause: (why) => pauses.push(why) },
  );
  process.stdin.on("end", () => following.close()).resume();
  for await (const { id, sequence } of following) print({ id, sequence: Number(sequence) });
  print({ cursor: following.cursor, pauses: pauses.length });
  client.close();
}

/** File so many returns, four at a time; each says in its reason which one it is. */
async function create({ address, token, count, timeoutMs, naive }: Options): Promise<void> {
  const client = new ReturnsClient({
    address,
    tenant: "acme",
    token,
    timeoutMs,
    retry: { maxAttempts: naive ? 1 : 10, initialBackoffMs: 20, maxBackoffMs: 200 },
  });
  let next = 0;
  async function caller(): Promise<void> {
    for (let n = (next += 1); n <= count; n = next += 1) {
      const began = performance.now();
      const outcome = await filed(client, n, naive ? 5 : 1);
      print({ n, ...outcome, ms: performance.now() - began });
    }
  }
  await Promise.all([caller(), caller(), caller(), caller()]);
  client.close();
}

async function filed(client: ReturnsClient, n: number, tries: number): Promise<object> {
  const draft = { ...draftOf("many"), reason: { code: "OTHER", details: String(n) } };
  for (let left = tries; ; left -= 1) {
    try {
      return { name: (await client.returns.createReturn({ draft })).name };
    } catch (error) {
      if (!(error instanceof ReturnsError)) throw error;
      if (left <= 1) return { code: error.code, said: error.message };
    }
  }
}

/** One call, with these certificates. */
async function list({ address, token, ca, cert, key }: Options): Promise<void> {
  const tls = { caFile: ca, ...(cert && { certFile: cert, keyFile: key }) };
  const client = new ReturnsClient({ address, tenant: "acme", token, tls, retry: { maxAttempts: 1 } });
  try {
    await client.returns.listReturns({});
    print({ ok: true });
  } catch (error) {
    print(error instanceof ReturnsError ? { code: error.code, said: error.message } : { said: String(error) });
  }
  client.close();
}

/** Whether each message is accepted. */
function verify({ cases }: Options): void {
  for (const { secret, headers, body } of cases) {
    try {
      verifyWebhook(secret, headers, Buffer.from(body));
      print(true);
    } catch {
      print(false);
    }
  }
}

const MODES: Readonly<Record<string, (options: Options) => Promise<void> | void>> = { follow, create, list, verify };
const [mode = "", options = "{}"] = process.argv.slice(2);
await MODES[mode]?.(JSON.parse(options) as Options);
