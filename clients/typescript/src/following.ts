/** Follows a tenant's events through restarts, lost connections and expired tokens, each event in its turn. */
import { setTimeout as sleep } from "node:timers/promises";

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";

import { errorOf, ReturnsError, type StatusName } from "./errors.js";
import type { ReturnEvent } from "./gen/commerce/returns/v1/event_pb.js";
import {
  type ReturnsService,
  StreamReturnEventsRequestSchema,
  type StreamReturnEventsResponse,
  StreamReturnEventsResponse_Goodbye_Reason as GoodbyeReason,
} from "./gen/commerce/returns/v1/returns_service_pb.js";
import { asked, type TokenSource, TokenUnavailable } from "./tokens.js";

/** What to follow: the contract's request, and the cursor by its name. */
export type FollowRequest = MessageInitShape<typeof StreamReturnEventsRequestSchema> & {
  /** Go on right after this cursor. Empty or absent, as on the first run: `position` says where to begin. */
  afterCursor?: string | undefined;
};

/** How to follow. */
export interface FollowOptions {
  /** Ends the following, also while it waits for the next event. */
  readonly signal?: AbortSignal;
  /** Hears why the stream is interrupted, whenever it is; it goes on by itself. */
  readonly onPause?: (why: string) => void;
}

/** What a follower has from its client. */
export interface FollowedBy {
  readonly token: TokenSource | undefined;
  readonly closed: AbortSignal;
}

const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
const HEARTBEAT_MS = 15_000;
const LATE_MS = 10_000;
/** Ids of events, so that one that comes again is known: more than two of the largest batches. */
const REMEMBERED = 2_000;

/** After these another try may work. */
const PASSING: ReadonlySet<StatusName> = new Set<StatusName>([
  "UNAVAILABLE",
  "RESOURCE_EXHAUSTED",
  "CANCELLED",
  "UNKNOWN",
  "INTERNAL",
  "DEADLINE_EXCEEDED",
]);

/**
 * The events from a place in the log on, and then as they happen, without end: each once, in the order of `sequence`.
 * To be iterated over, by one loop.
 *
 * An event is *handled* when the next one is asked for. After an interruption the stream goes on behind the last event
 * that was handled. `cursor` is the place up to which everything is handled: store it, together with what you made of
 * the events, and begin there when your program starts again. Throws a ReturnsError where another try would change
 * nothing: a wrong request, a token that is refused, CURSOR_EXPIRED (list the returns, then follow from the list's
 * `eventCursor`).
 */
export class EventFollower implements AsyncIterableIterator<ReturnEvent, undefined> {
  readonly #service: Client<typeof ReturnsService>;
  readonly #request: MessageInitShape<typeof StreamReturnEventsRequestSchema>;
  readonly #onPause: (why: string) => void;
  readonly #silenceMs: number;
  readonly #closing = new AbortController();
  readonly #source: TokenSource | undefined;
  #token = "";
  #cursor: string;
  #caughtUp = false;
  #begun = false;
  #stream: Stream | undefined;
  #waiting: ReturnEvent[] = [];
  #handling: ReturnEvent | undefined;
  #cursorWhenHandled = "";
  #pauseMs = SHORTEST_PAUSE_MS;
  readonly #known = new Set<string>();

  /** Of a client, and ends with it; connects when the first event is asked for. */
  constructor(
    service: Client<typeof ReturnsService>,
    request: FollowRequest,
    options: FollowOptions,
    calls: FollowedBy,
  ) {
    const { afterCursor, ...rest } = request;
    const asked = create(StreamReturnEventsRequestSchema, rest);
    const heartbeat = asked.heartbeatInterval;
    this.#service = service;
    this.#request = { ...rest };
    this.#cursor = afterCursor || (asked.position.case === "afterCursor" ? asked.position.value : "");
    this.#onPause = options.onPause ?? (() => undefined);
    const heartbeatMs = heartbeat ? Number(heartbeat.seconds) * 1_000 + heartbeat.nanos / 1_000_000 : HEARTBEAT_MS;
    this.#silenceMs = 2 * heartbeatMs + LATE_MS;
    this.#source = calls.token;
    for (const signal of [options.signal, calls.closed]) {
      if (signal?.aborted === true) this.close();
      else signal?.addEventListener("abort", () => this.close(), { once: true, signal: this.#closing.signal });
    }
  }

  /** Everything before this place is handled; empty before anything is known. Safe to store. */
  get cursor(): string {
    return this.#cursor;
  }

  /** Whether the stream has reached the end of the log since it last connected. */
  get caughtUp(): boolean {
    return this.#caughtUp;
  }

  /** Itself: there is one place where it stands. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next event, as soon as there is one; whoever asks has handled the one before. */
  async next(): Promise<IteratorResult<ReturnEvent, undefined>> {
    this.#markHandled();
    while (!this.#closing.signal.aborted) {
      for (let event = this.#waiting.shift(); event !== undefined; event = this.#waiting.shift()) {
        this.#handling = event;
        if (!this.#known.has(event.id)) {
          this.#remember(event.id);
          return { done: false, value: event };
        }
        this.#markHandled();
      }
      if (this.#cursorWhenHandled !== "") {
        this.#cursor = this.#cursorWhenHandled;
        this.#cursorWhenHandled = "";
      }
      await this.#receive();
    }
    return { done: true, value: undefined };
  }

  /** What a loop calls that is left: the event that it was left with does not count as handled. */
  return(): Promise<IteratorResult<ReturnEvent, undefined>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** End it, also while somebody waits for the next event. */
  close(): void {
    this.#closing.abort();
    this.#drop();
  }

  #markHandled(): void {
    if (this.#handling !== undefined) this.#cursor = this.#handling.cursor;
    this.#handling = undefined;
  }

  #remember(id: string): void {
    this.#known.add(id);
    const [oldest] = this.#known;
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Take the next message of the stream, connecting first where there is none. */
  async #receive(): Promise<void> {
    let message: StreamReturnEventsResponse | undefined;
    try {
      this.#stream ??= await this.#connected();
      message = await this.#stream.read();
    } catch (thrown) {
      this.#drop();
      // Later on, who issues tokens may be away for a while; at first, what is set up wrongly should be said.
      if (thrown instanceof TokenUnavailable && !this.#begun) throw thrown;
      if (!this.#closing.signal.aborted) await this.#failed(errorOf(thrown, undefined));
      return;
    }
    if (message === undefined) {
      this.#drop();
      await this.#paused("the stream ended");
      return;
    }
    this.#begun = true;
    this.#pauseMs = SHORTEST_PAUSE_MS;
    await this.#take(message);
  }

  async #take({ content, cursor }: StreamReturnEventsResponse): Promise<void> {
    if (content.case === "batch") {
      this.#waiting = content.value.events;
      this.#cursorWhenHandled = cursor;
      return;
    }
    this.#cursor = cursor || this.#cursor;
    if (content.case === "caughtUp") this.#caughtUp = true;
    if (content.case === "goodbye") {
      this.#drop();
      const { reason, retryDelay } = content.value;
      const delayMs = retryDelay ? Number(retryDelay.seconds) * 1_000 + retryDelay.nanos / 1_000_000 : 0;
      await this.#paused((GoodbyeReason[reason] ?? "").toLowerCase().replaceAll("_", " "), delayMs);
    }
  }

  async #connected(): Promise<Stream> {
    this.#token = await asked(this.#source);
    const headers = this.#token === "" ? {} : { authorization: `Bearer ${this.#token}` };
    const request = this.#cursor === "" ? this.#request : { ...this.#request, position: after(this.#cursor) };
    const stream = new Stream(
      (signal) => this.#service.streamReturnEvents(request, { signal, headers }),
      this.#silenceMs,
    );
    if (this.#closing.signal.aborted) stream.cancel();
    return stream;
  }

  #drop(): void {
    this.#stream?.cancel();
    this.#stream = undefined;
    this.#caughtUp = false;
  }

  /** Wait before the next try, or throw where it would change nothing. */
  async #failed(error: ReturnsError): Promise<void> {
    const renewed = error.code === "UNAUTHENTICATED" && (await asked(this.#source)) !== this.#token;
    if (!PASSING.has(error.code) && !renewed) throw error;
    await this.#paused(error.message, error.retryDelayMs);
  }

  async #paused(why: string, delayMs?: number): Promise<void> {
    const { signal } = this.#closing;
    if (signal.aborted) return;
    this.#onPause(why);
    let pauseMs = delayMs;
    if (pauseMs === undefined) {
      // A little less or more, so that those who lost a server together do not come back together.
      pauseMs = this.#pauseMs * (0.5 + Math.random());
      this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined); // Closed meanwhile.
  }
}

function after(cursor: string): { case: "afterCursor"; value: string } {
  return { case: "afterCursor", value: cursor };
}

/** The messages of one stream, and how long it may be silent while it is read. */
class Stream {
  readonly #abort = new AbortController();
  readonly #messages: AsyncIterator<StreamReturnEventsResponse>;
  readonly #silenceMs: number;

  constructor(open: (signal: AbortSignal) => AsyncIterable<StreamReturnEventsResponse>, silenceMs: number) {
    this.#messages = open(this.#abort.signal)[Symbol.asyncIterator]();
    this.#silenceMs = silenceMs;
  }

  /** The next message, undefined at the end. */
  async read(): Promise<StreamReturnEventsResponse | undefined> {
    let silent = false;
    const timer = setTimeout(() => {
      silent = true;
      this.cancel();
    }, this.#silenceMs);
    try {
      const { done, value } = await this.#messages.next();
      return done === true ? undefined : value;
    } catch (error) {
      if (!silent) throw error;
      throw new ReturnsError(
        { status: "UNAVAILABLE", description: `silent for ${this.#silenceMs} ms` },
        { cause: error },
      );
    } finally {
      clearTimeout(timer);
    }
  }

  cancel(): void {
    this.#abort.abort();
  }
}
