/**
 * Plays a scenario with this client: node build/scenario/main.js CONTEXT. clients/scenario/README.md says what is in
 * the context, and how a scenario is to be read.
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import {
  type EventFollower,
  ReturnEventSchema,
  ReturnsClient,
  ReturnsError,
  StreamReturnEventsRequestSchema,
} from "returns-client";

import { called, json, listed } from "./callers.js";
import { filled, type Json, mismatch } from "./matching.js";

const PATIENCE_MS = 120_000;
/** How long to wait for events that should not come. */
const AFTERWARDS_MS = 1_000;

interface Context {
  readonly address: string;
  readonly control: string;
  readonly scenario: string;
  readonly tokens: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
}

type Step = Readonly<Record<string, Json>>;

/** A loop that follows in the background, and what it handled. */
class Follower {
  readonly events: Json[] = [];
  error: ReturnsError | undefined;
  readonly #following: EventFollower;
  readonly #ended: Promise<void>;
  #over = false;

  constructor(following: EventFollower) {
    this.#following = following;
    this.#ended = this.#follow();
  }

  get over(): boolean {
    return this.#over;
  }

  async end(): Promise<void> {
    this.#following.close();
    await this.#ended;
  }

  async #follow(): Promise<void> {
    try {
      for await (const event of this.#following) this.events.push(json(ReturnEventSchema, event));
    } catch (error) {
      this.error =
        error instanceof ReturnsError ? error : new ReturnsError({ status: "UNKNOWN", description: String(error) });
    } finally {
      this.#over = true;
    }
  }
}

class Play {
  readonly #context: Context;
  readonly #variables: Map<string, Json>;
  readonly #clients = new Map<string, ReturnsClient>();
  readonly #followers = new Map<string, Follower>();

  constructor(context: Context) {
    this.#context = context;
    this.#variables = new Map(Object.entries(context.variables));
  }

  /** Whether all steps went well; stops at the first that did not. */
  async play(steps: readonly Step[]): Promise<boolean> {
    for (const step of steps) {
      if (step["op"] === "repeat") {
        const times = Number(this.#filled(step["times"]));
        for (let round = 1; round <= times; round += 1) {
          this.#variables.set("round", String(round));
          if (!(await this.play(step["steps"] as unknown as Step[]))) return false;
        }
        console.log(`ok ${String(step["step"])}`);
        continue;
      }
      try {
        await this.#step(step);
        console.log(`ok ${String(step["step"])}`);
      } catch (error) {
        console.log(`FAILED ${String(step["step"])}: ${error instanceof Error ? error.message : String(error)}`);
        return false;
      }
    }
    return true;
  }

  async close(): Promise<void> {
    for (const follower of this.#followers.values()) await follower.end();
    for (const client of this.#clients.values()) client.close();
  }

  async #step(step: Step): Promise<void> {
    switch (step["op"]) {
      case "call":
        return this.#call(step);
      case "list":
        return this.#list(step);
      case "follow": {
        const asked = fromJson(StreamReturnEventsRequestSchema, this.#filled(step["request"]) as JsonValue);
        const following = this.#client(step).events.follow(asked);
        this.#followers.set(String(step["follower"]), new Follower(following));
        return;
      }
      case "followed":
        return this.#followed(step);
      case "restart":
        return this.#restart();
      default:
        throw new Error(`op ${String(step["op"])} is not known`);
    }
  }

  async #call(step: Step): Promise<void> {
    const call = called(this.#client(step), String(step["call"]), this.#filled(step["request"]));
    if (step["expect_error"] !== undefined) {
      const error = await call.then(
        (answer) => fail(`it was answered: ${JSON.stringify(answer)}`),
        (thrown: unknown) => thrown,
      );
      this.#expect(step["expect_error"], refusal(error));
      return;
    }
    const answer = await call;
    this.#expect(step["expect"], answer);
    for (const [variable, field] of Object.entries((step["save"] ?? {}) as Record<string, string>)) {
      const value = (answer as Record<string, Json | undefined>)[field];
      if (value === undefined) fail(`the answer has no ${field}`);
      else this.#variables.set(variable, value);
    }
  }

  async #list(step: Step): Promise<void> {
    const items = await listed(this.#client(step), String(step["call"]), this.#filled(step["request"]));
    if (step["expect_items"] !== undefined) this.#expect(step["expect_items"], items);
    if (step["save_items"] !== undefined) this.#variables.set(String(step["save_items"]), items);
  }

  async #followed(step: Step): Promise<void> {
    const follower = this.#followers.get(String(step["follower"])) ?? fail("there is no such follower");
    if (step["expect_error"] !== undefined) {
      await until(() => follower.over, "the following did not end");
      this.#expect(step["expect_error"], refusal(follower.error));
      return;
    }
    const expected = this.#filled(step["expect_events"]) as readonly Json[];
    await until(
      () => follower.over || follower.events.length >= expected.length,
      () => `${follower.events.length} events came, not ${expected.length}`,
    );
    await sleep(AFTERWARDS_MS);
    await follower.end();
    if (follower.error !== undefined) throw follower.error;
    this.#expect(expected, follower.events);
    const events = follower.events as unknown as readonly { readonly id: string; readonly sequence: string }[];
    if (new Set(events.map((event) => event.id)).size !== events.length) fail("an event came twice");
    events.reduce((before, { sequence }) => {
      if (BigInt(sequence) <= before) fail(`${sequence} came after ${before}`);
      return BigInt(sequence);
    }, 0n);
  }

  async #restart(): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(`${this.#context.control}/restart`, { method: "POST", signal });
    if (answer.status !== 204) fail(`the control said ${answer.status}: ${await answer.text()}`);
  }

  #client(step: Step): ReturnsClient {
    const caller = String(step["as"]);
    let client = this.#clients.get(caller);
    if (client === undefined) {
      const token = this.#context.tokens[caller] ?? fail(`there is no token of ${caller}`);
      const tenant = (this.#context.variables["parent"] ?? "").replace("tenants/", "");
      client = new ReturnsClient({ address: this.#context.address, tenant, token });
      this.#clients.set(caller, client);
    }
    return client;
  }

  #expect(expected: Json | undefined, actual: Json): void {
    const wrong = mismatch(this.#filled(expected), actual);
    if (wrong !== undefined) fail(wrong);
  }

  #filled(value: Json | undefined): Json {
    return filled(value ?? fail("the step lacks something"), this.#variables);
  }
}

function refusal(error: unknown): Json {
  if (!(error instanceof ReturnsError)) throw error ?? new Error("it ended without an error");
  return { code: error.code, reason: error.reason ?? "", metadata: error.metadata };
}

function fail(why: string): never {
  throw new Error(why);
}

async function until(holds: () => boolean, otherwise: string | (() => string)): Promise<void> {
  const ends = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > ends) fail(typeof otherwise === "string" ? otherwise : otherwise());
    await sleep(10);
  }
}

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error("usage: node build/scenario/main.js CONTEXT");
  process.exit(2);
}
const context = JSON.parse(readFileSync(path, "utf8")) as Context;
const { steps } = JSON.parse(readFileSync(context.scenario, "utf8")) as { steps: Step[] };
const play = new Play(context);
try {
  process.exitCode = (await play.play(steps)) ? 0 : 1;
} finally {
  await play.close();
}
