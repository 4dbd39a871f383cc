/**
 * What a failed call throws: one class, with the gRPC status, the contract's reason and its facts, all of them typed.
 */
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { fromBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";

import type { ErrorReason } from "./gen/commerce/returns/v1/errors_pb.js";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import type { Status } from "./gen/google/rpc/status_pb.js";

/** The domain of the service's reasons, in `google.rpc.ErrorInfo`. */
export const ERROR_DOMAIN = "returns.commerce";

/** A reason of the contract (`ErrorReason`, where each is explained) without its prefix. */
export type Reason = Exclude<keyof typeof ErrorReason, "UNSPECIFIED">;

const STATUS_NAMES = {
  1: "CANCELLED",
  2: "UNKNOWN",
  3: "INVALID_ARGUMENT",
  4: "DEADLINE_EXCEEDED",
  5: "NOT_FOUND",
  6: "ALREADY_EXISTS",
  7: "PERMISSION_DENIED",
  8: "RESOURCE_EXHAUSTED",
  9: "FAILED_PRECONDITION",
  10: "ABORTED",
  11: "OUT_OF_RANGE",
  12: "UNIMPLEMENTED",
  13: "INTERNAL",
  14: "UNAVAILABLE",
  15: "DATA_LOSS",
  16: "UNAUTHENTICATED",
} as const satisfies Record<number, string>;

/** The name of a gRPC status other than OK. */
export type StatusName = (typeof STATUS_NAMES)[keyof typeof STATUS_NAMES];

/** The facts that the contract names for a reason, by their keys. Reasons that are not here have none. */
export interface FactsOf {
  FIELD_INVALID: { readonly field?: string };
  FILTER_INVALID: { readonly column?: string };
  CURRENCY_MISMATCH: { readonly order?: string };
  ORDER_NOT_FOUND: { readonly order?: string };
  LINE_NOT_FOUND: OfLine;
  INVALID_STATE: { readonly state?: string; readonly allowed_actions?: string };
  QUANTITY_EXCEEDS_RETURNABLE: OfQuantity;
  QUANTITY_EXCEEDS_APPROVED: OfQuantity;
  NOT_RETURNABLE: OfLine & { readonly cause?: string };
  ORDER_QUANTITY_CLAIMED: OfLine;
  ORDER_NOT_OF_REQUESTOR: { readonly order?: string };
  TARGET_REFUSED: { readonly cause?: string };
  ETAG_MISMATCH: { readonly etag?: string };
  REQUIRES_MANAGE_SCOPE: { readonly field?: string };
  OVERLOADED: { readonly field?: string; readonly cause?: string };
  CURSOR_EXPIRED: { readonly earliest_cursor?: string };
  INTERNAL: { readonly incident_id?: string };
}

interface OfLine {
  readonly order?: string;
  readonly line_id?: string;
}

interface OfQuantity extends OfLine {
  readonly requested?: string;
  readonly available?: string;
}

type Facts<R> = R extends keyof FactsOf ? FactsOf[R] : object;

/** A field of the request that is wrong, as a path such as `draft.orders[0].items[1].quantity`. */
export interface Violation {
  readonly field: string;
  readonly description: string;
}

/** What is known of a failed call. */
export interface Failure {
  readonly status: StatusName;
  readonly description: string;
  readonly reason?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly violations?: readonly Violation[];
  readonly retryDelayMs?: number | undefined;
}

/**
 * A call failed: `code` says how, `reason` and `metadata` why. Ask for a reason with `is`, which types the facts:
 *
 *     if (error instanceof ReturnsError && error.is("ETAG_MISMATCH")) reload(error.metadata.etag);
 */
export class ReturnsError extends Error {
  override readonly name = "ReturnsError";
  /** The name of the gRPC status, such as `FAILED_PRECONDITION`. */
  readonly code: StatusName;
  /**
   * The contract's reason, such as `INVALID_STATE`; undefined where it was not the service that answered. A newer
   * service may have reasons that this client has no name for; they come as they are.
   */
  readonly reason: Reason | undefined;
  /** What the service said, for people; not to be parsed. */
  readonly description: string;
  /** The facts, by the keys that the contract names for the reason. */
  readonly metadata: Readonly<Record<string, string>>;
  /** All fields that are wrong. */
  readonly violations: readonly Violation[];
  /** When another try has a chance, in milliseconds, where the service says so. */
  readonly retryDelayMs: number | undefined;
  /**
   * What the call was sent with: the same call with it again has one effect. Empty for calls that change nothing, and
   * ImportOrders.
   */
  readonly requestId: string;

  constructor(failure: Failure, options: { cause?: unknown; requestId?: string } = {}) {
    const facts = Object.entries(failure.metadata ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
    const told = facts.map(([key, value]) => ` ${key}=${value}`).join("");
    super(`${failure.reason ?? failure.status}${told}: ${failure.description}`, { cause: options.cause });
    this.code = failure.status;
    this.reason = failure.reason as Reason | undefined;
    this.description = failure.description;
    this.metadata = failure.metadata ?? {};
    this.violations = failure.violations ?? [];
    this.retryDelayMs = failure.retryDelayMs;
    this.requestId = options.requestId ?? "";
  }

  /** Whether this is the reason; the facts are then typed. */
  is<R extends Reason>(reason: R): this is ReturnsError & { readonly reason: R; readonly metadata: Facts<R> } {
    return this.reason === reason;
  }
}

/** The failure in a status that stands inside an answer, such as one of ImportOrders. */
export function failureIn(status: Status): Failure {
  const details = status.details.map((detail) => ({
    type: detail.typeUrl.slice(detail.typeUrl.lastIndexOf("/") + 1),
    value: detail.value,
  }));
  return failure(statusName(status.code), status.message, details);
}

/** The error that a call threw, as a ReturnsError; `signal` is the caller's own. */
export function errorOf(thrown: unknown, signal: AbortSignal | undefined, requestId = ""): ReturnsError {
  if (thrown instanceof ReturnsError) return thrown;
  const error = ConnectError.from(thrown);
  const options = { cause: error, requestId };
  if (error.metadata.has("grpc-status")) {
    const details = error.details.filter((detail) => "type" in detail);
    return new ReturnsError(failure(statusName(error.code), error.rawMessage, details), options);
  }
  // Nobody answered: the caller cancelled, the time ran out, or the connection broke, in one of many ways.
  const code = signal?.aborted ? Code.Canceled : BROKEN.has(error.code) ? Code.Unavailable : error.code;
  return new ReturnsError({ status: statusName(code), description: error.rawMessage }, options);
}

/** What a connection that breaks may look like, where no server said a status. */
const BROKEN: ReadonlySet<Code> = new Set([
  Code.Canceled,
  Code.Unknown,
  Code.InvalidArgument,
  Code.Aborted,
  Code.Internal,
  Code.DataLoss,
]);

function failure(status: StatusName, description: string, details: readonly RawDetail[]): Failure {
  const info = details.map((detail) => decoded(ErrorInfoSchema, detail)).find((one) => one?.domain === ERROR_DOMAIN);
  const bad = details.map((detail) => decoded(BadRequestSchema, detail)).find((one) => one !== undefined);
  const retry = details.map((detail) => decoded(RetryInfoSchema, detail)).find((one) => one?.retryDelay !== undefined);
  return {
    status,
    description,
    ...(info && { reason: info.reason, metadata: info.metadata }),
    ...(bad && {
      violations: bad.fieldViolations.map(({ field, description: text }) => ({ field, description: text })),
    }),
    ...(retry?.retryDelay && {
      retryDelayMs: Number(retry.retryDelay.seconds) * 1_000 + retry.retryDelay.nanos / 1_000_000,
    }),
  };
}

interface RawDetail {
  readonly type: string;
  readonly value: Uint8Array;
}

function decoded<D extends DescMessage>(schema: D, detail: RawDetail): MessageShape<D> | undefined {
  if (detail.type !== schema.typeName) return undefined;
  try {
    return fromBinary(schema, detail.value);
  } catch {
    return undefined; // A proxy's answer, not the service's: the status itself remains.
  }
}

function statusName(code: number): StatusName {
  return code in STATUS_NAMES ? STATUS_NAMES[code as keyof typeof STATUS_NAMES] : "UNKNOWN";
}
