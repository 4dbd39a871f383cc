/** A server of a test's own: a real one, as an operator runs it, with SQLite in a temporary folder. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { ReturnsClient, type ClientOptions } from "returns-client";

const COMMAND = fileURLToPath(new URL("../../../../.venv/bin/returns-server", import.meta.url));
const READY = "returns-server ready: ";

const STAFF = "returns.returns_manage returns.orders_manage";

export class TestServer {
  readonly #folder: string;
  #process: ChildProcess | undefined;
  #token: Promise<string> | undefined;
  address = "127.0.0.1:0";

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async started(): Promise<TestServer> {
    const server = new TestServer(await mkdtemp(join(tmpdir(), "returns-client-")));
    await server.start();
    return server;
  }

  /** Start, where it was before if it was. */
  async start(): Promise<void> {
    const process = spawn(COMMAND, ["serve", "--dev", "--listen", this.address], {
      env: this.#environment(),
      stdio: ["ignore", "pipe", "ignore"],
    });
    this.#process = process;
    for await (const line of createInterface({ input: process.stdout })) {
      if (line.startsWith(READY)) {
        this.address = line.slice(READY.length).trim();
        return;
      }
    }
    throw new Error("the server did not start");
  }

  async kill(): Promise<void> {
    const process = this.#process;
    if (process === undefined || process.exitCode !== null) return;
    const ended = new Promise((resolve) => process.once("exit", resolve));
    process.kill("SIGKILL");
    await ended;
  }

  /** A token of staff, the same one every time. */
  token(): Promise<string> {
    this.#token ??= this.#minted();
    return this.#token;
  }

  async #minted(): Promise<string> {
    const options = ["token", "--tenant", "acme", "--subject", "bob", "--scope", STAFF];
    const { stdout } = await promisify(execFile)(COMMAND, options, { env: this.#environment() });
    return stdout.trim();
  }

  /** A client of staff, unless told otherwise. */
  async client(options: Partial<ClientOptions> = {}): Promise<ReturnsClient> {
    const token = options.token ?? (await this.token());
    return new ReturnsClient({ address: this.address, tenant: "acme", ...options, token });
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("RETURNS_"));
    return { ...Object.fromEntries(inherited), RETURNS_DATA_DIR: join(this.#folder, "data") };
  }
}

/** An order of so many units of one line, sent to the shop's feed. */
export async function feed(client: ReturnsClient, id: string, quantity = 1_000): Promise<void> {
  await client.orders.upsertOrder({
    order: {
      name: `${client.parent}/orders/${id}`,
      customerId: "c-1",
      currencyCode: "EUR",
      placeTime: { seconds: 1_795_000_000n },
      lines: [
        {
          lineId: "1",
          productId: "teapot",
          quantity,
          total: { gross: { currencyCode: "EUR", units: BigInt(quantity) } },
        },
      ],
    },
  });
}

/** The draft of a return of one unit. */
export function draftOf(order: string, quantity = 1) {
  return { orders: [{ order, items: [{ lineId: "1", quantity }] }], reason: { code: "DAMAGED" } };
}
