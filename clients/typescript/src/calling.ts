/** How calls are made: with a token, a deadline, a request id of their own, repeated where that is safe. */
import { setTimeout as sleep } from "node:timers/promises";

import type {
  DescMessage,
  DescMethodStreaming,
  DescMethodUnary,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import type { StreamResponse, Transport, UnaryResponse } from "@connectrpc/connect";

import type { Endpoint, Endpoints } from "./connecting.js";
import { Deadline } from "./deadline.js";
import { errorOf, ReturnsError } from "./errors.js";
import { completed } from "./requests.js";
import { asked, type TokenSource } from "./tokens.js";

/** How calls that failed for a server's sake are repeated. */
export interface RetryOptions {
  /** How often a call is sent at most; by default 5, and 1 repeats nothing. */
  readonly maxAttempts?: number;
  /** The pause before the second try, in milliseconds, give or take a fifth; by default 200. */
  readonly initialBackoffMs?: number;
  /** The longest pause; by default 3,000. */
  readonly maxBackoffMs?: number;
}

/** How long a call may take that says nothing else, its repetitions included. */
export const DEFAULT_TIMEOUT_MS = 10_000;
const BACKOFF_MULTIPLIER = 2.5;

/** What all calls of a client have in common. */
export interface Calls {
  readonly endpoints: Endpoints;
  /** `tenants/{tenant}`, put in where a request has a `parent` and says none. */
  readonly parent: string;
  readonly token: TokenSource | undefined;
  readonly timeoutMs: number;
  readonly retry: Required<RetryOptions>;
  /** Aborted when the client is closed. */
  readonly closed: AbortSignal;
}

/**
 * Carries a client's calls. A unary call that fails with UNAVAILABLE (a server that stops or has lost its database, a
 * connection that breaks, nobody there) or, by the server's word, CANCELLED (what gRPC's server makes of calls that
 * come while it closes) is repeated on the next server. A mutation has one effect all the same: every try carries one
 * `request_id`. Streams are not repeated here: events.follow goes on where one ended, and an import is repeated by its
 * caller.
 */
export class CallingTransport implements Transport {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: MessageInitShape<I>,
    ...more: ContextOf
  ): Promise<UnaryResponse<I, O>> {
    const { retry, parent } = this.#calls;
    const [message, requestId] = completed(method.input, input, parent);
    const call = new Deadline(timeoutMs ?? this.#calls.timeoutMs, signal);
    let token = await this.#token(header, call, requestId);
    for (let attempt = 1; ; attempt += 1) {
      const endpoint = this.#endpoint(requestId);
      try {
        const headers = withToken(header, token);
        return await endpoint.transport.unary(method, signal, call.remainingMs(), headers, message, ...more);
      } catch (thrown) {
        const error = this.#failed(errorOf(thrown, signal, requestId), endpoint, signal);
        if (attempt >= retry.maxAttempts || !isPassing(error, signal)) {
          if (error.reason !== "TOKEN_EXPIRED" || attempt > 1) throw error;
          // It may have been renewed since it was asked for; the same one again would help nobody.
          const before = token;
          token = await this.#token(header, call, requestId);
          if (token === before) throw error;
          continue;
        }
        const backoffMs = retry.initialBackoffMs * BACKOFF_MULTIPLIER ** (attempt - 1);
        const pauseMs = Math.max(
          Math.min(backoffMs, retry.maxBackoffMs) * (0.8 + 0.4 * Math.random()),
          error.retryDelayMs ?? 0,
        );
        if (pauseMs >= (call.remainingMs() ?? Number.POSITIVE_INFINITY)) throw error;
        await call.before(sleep(pauseMs, undefined, { ...(signal && { signal }) }), requestId);
      }
    }
  }

  async stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: AsyncIterable<MessageInitShape<I>>,
    ...more: ContextOf
  ): Promise<StreamResponse<I, O>> {
    const call = new Deadline(timeoutMs, signal);
    const token = await this.#token(header, call, "");
    const endpoint = this.#endpoint("");
    // What breaks in the caller's own messages is the caller's to see, not the connection's fault.
    let broken: { readonly why: unknown } | undefined;
    const { parent } = this.#calls;
    async function* messages(): AsyncIterable<MessageShape<I>> {
      try {
        for await (const one of input) yield completed(method.input, one, parent)[0];
      } catch (why) {
        broken = { why };
        throw why;
      }
    }
    const failed = (thrown: unknown): unknown =>
      broken ? broken.why : this.#failed(errorOf(thrown, signal), endpoint, signal);
    try {
      const headers = withToken(header, token);
      const answer = await endpoint.transport.stream(method, signal, call.remainingMs(), headers, messages(), ...more);
      return { ...answer, message: withErrors(answer.message, failed) };
    } catch (thrown) {
      throw failed(thrown);
    }
  }

  /** The token of a call; empty where its caller set the header, or there is none. */
  async #token(header: HeadersInit | undefined, call: Deadline, requestId: string): Promise<string> {
    return new Headers(header).has("authorization") ? "" : call.before(asked(this.#calls.token), requestId);
  }

  /** The server to ask now; refuses once the client is closed. */
  #endpoint(requestId: string): Endpoint {
    if (!this.#calls.closed.aborted) return this.#calls.endpoints.next(performance.now());
    throw new ReturnsError({ status: "CANCELLED", description: "the client is closed" }, { requestId });
  }

  /** Notes which server could not be reached. */
  #failed(error: ReturnsError, endpoint: Endpoint, signal: AbortSignal | undefined): ReturnsError {
    if (error.code === "UNAVAILABLE" && signal?.aborted !== true) endpoint.failedAt = performance.now();
    return error;
  }
}

type ContextOf =
  Parameters<Transport["unary"]> extends [unknown, unknown, unknown, unknown, unknown, ...infer R] ? R : never;

function isPassing(error: ReturnsError, signal: AbortSignal | undefined): boolean {
  if (signal?.aborted === true) return false;
  return error.code === "UNAVAILABLE" || (error.code === "CANCELLED" && error.reason === undefined);
}

function withToken(header: HeadersInit | undefined, token: string): Headers {
  const headers = new Headers(header);
  if (token !== "") headers.set("authorization", `Bearer ${token}`);
  return headers;
}

/** The same messages; what they end with is what `failed` makes of it. */
function withErrors<T>(messages: AsyncIterable<T>, failed: (thrown: unknown) => unknown): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const inner = messages[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            return await inner.next();
          } catch (thrown) {
            throw failed(thrown);
          }
        },
      };
    },
  };
}
