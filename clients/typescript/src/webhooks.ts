/** For receivers: verifies that a message comes from the service, as Standard Webhooks 1.0.0 says, and reads it. */
import { createHmac, timingSafeEqual } from "node:crypto";

import { fromJson, type JsonObject } from "@bufbuild/protobuf";

import { type ReturnEvent, ReturnEventSchema } from "./gen/commerce/returns/v1/event_pb.js";

/** Headers as Node's servers have them (lower-case names), or as fetch has them. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** How to verify. */
export interface VerifyOptions {
  /** How far the message's time may be from now, in seconds; by default 300. */
  readonly toleranceSeconds?: number;
  /** The time now; by default the clock's. */
  readonly now?: Date;
}

/** A message that was verified. */
export interface WebhookMessage {
  /** The event's id, the same in every attempt: drop repeats by it. */
  readonly id: string;
  /** When this attempt was signed. */
  readonly signedAt: Date;
  /** Such as `return.approved`, or `webhook.test`. */
  readonly type: string;
  /** The event; undefined for a `webhook.test`. Fields that the endpoint excludes are unset. */
  readonly event: ReturnEvent | undefined;
  /** The body as it came, parsed: a Standard Webhooks message, or a CloudEvent. */
  readonly payload: JsonObject;
}

/** The message is not to be trusted, or not to be understood: answer 400 and forget it. The message says why. */
export class WebhookInvalid extends Error {
  override readonly name = "WebhookInvalid";
}

/**
 * The message in a request that was posted here. `body` is what came, to the byte: verify before anything parses it.
 * Several secrets are all valid. Throws WebhookInvalid, and a TypeError where a secret is none.
 */
export function verifyWebhook(
  secrets: string | readonly string[],
  headers: WebhookHeaders,
  body: Uint8Array | string,
  options: VerifyOptions = {},
): WebhookMessage {
  const keys = (typeof secrets === "string" ? [secrets] : secrets).map(keyOf);
  const id = header(headers, "webhook-id");
  const timestamp = header(headers, "webhook-timestamp");
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookInvalid("webhook-timestamp is not a number of seconds");
  const now = (options.now ?? new Date()).getTime() / 1_000;
  if (Math.abs(now - Number(timestamp)) > (options.toleranceSeconds ?? 300)) {
    throw new WebhookInvalid("webhook-timestamp is too old, or in the future");
  }
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const given = header(headers, "webhook-signature")
    .split(" ")
    .filter((one) => one.startsWith("v1,"));
  const signatures = given.map((one) => Buffer.from(one.slice("v1,".length), "base64"));
  const fits = keys.some((key) => {
    const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(bytes).digest();
    return signatures.some((one) => one.length === expected.length && timingSafeEqual(one, expected));
  });
  if (!fits) throw new WebhookInvalid("webhook-signature: no signature fits");
  return read(id, new Date(Number(timestamp) * 1_000), bytes);
}

function keyOf(secret: string): Buffer {
  const encoded = secret.replace(/^whsec_/, "");
  const key = Buffer.from(encoded, "base64");
  if (key.length === 0 || key.toString("base64") !== encoded) throw new TypeError("a secret is whsec_ and base64");
  return key;
}

function header(headers: WebhookHeaders, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  if (typeof value !== "string" || value === "") throw new WebhookInvalid(`${name} is missing`);
  return value;
}

function read(id: string, signedAt: Date, bytes: Uint8Array): WebhookMessage {
  let payload: unknown;
  try {
    payload = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new WebhookInvalid("the body is not JSON", { cause });
  }
  if (!isObject(payload) || typeof payload["type"] !== "string" || !isObject(payload["data"])) {
    throw new WebhookInvalid("the body has no type and data");
  }
  const type = payload["type"];
  return { id, signedAt, type, event: type.startsWith("return.") ? eventIn(payload["data"]) : undefined, payload };
}

/** Data is a ReturnEvent in JSON, with its snapshot under `return`. */
function eventIn({ return: snapshot, ...rest }: JsonObject): ReturnEvent {
  try {
    const whole = snapshot === undefined ? rest : { ...rest, snapshot };
    // A newer service may send fields that this client has no name for.
    return fromJson(ReturnEventSchema, whole, { ignoreUnknownFields: true });
  } catch (cause) {
    throw new WebhookInvalid("data is not an event", { cause });
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
