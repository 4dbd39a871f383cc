import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { verifyWebhook, WebhookInvalid } from "returns-client";
import { Webhook } from "standardwebhooks";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NOW = new Date("2026-11-26T12:00:00Z");

const EVENT = {
  id: "01a2",
  type: "return.approved",
  time: "2026-11-26T11:59:59.123456Z",
  returnName: "tenants/acme/returns/01a2",
  returnVersion: "2",
  changedPaths: "state,approvedTotal",
  sequence: "17",
  cursor: "c",
  return: { name: "tenants/acme/returns/01a2", state: "STATE_APPROVED", attributes: { größe: "✓" }, notYetKnown: 1 },
};
const BODY = JSON.stringify({ type: EVENT.type, timestamp: EVENT.time, data: EVENT });

/** What the published library sends. */
function signed(body: string, at = NOW, secret = SECRET): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1_000);
  const signature = new Webhook(secret).sign("01a2", new Date(timestamp * 1_000), body);
  return { "webhook-id": "01a2", "webhook-timestamp": String(timestamp), "webhook-signature": signature };
}

const verify = (headers: Record<string, string>, body = BODY, secrets: string | string[] = SECRET) =>
  verifyWebhook(secrets, headers, Buffer.from(body), { now: NOW });

describe("webhooks", () => {
  test("the vector of the specification's libraries is accepted", () => {
    const headers = {
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };
    const now = new Date(1_614_265_330_000);
    // Its body is no message of this service; that its signature fits is known by what is said then.
    assert.throws(() => verifyWebhook(SECRET, headers, '{"test": 2432232314}', { now }), /no type and data/);
  });

  test("a message is read: its event typed, with what a newer service adds left out", () => {
    const message = verify(signed(BODY));
    assert.equal(message.id, "01a2");
    assert.equal(message.type, "return.approved");
    assert.equal(message.event?.sequence, 17n);
    assert.equal(message.event?.snapshot?.name, EVENT.returnName);
    assert.deepEqual(message.event?.snapshot?.attributes, { größe: "✓" });
    assert.deepEqual(message.event?.changedPaths?.paths, ["state", "approved_total"]);
    assert.equal(message.signedAt.getTime(), NOW.getTime());
  });

  test("a CloudEvent is read as well", () => {
    const body = JSON.stringify({ specversion: "1.0", id: "01a2", type: EVENT.type, data: EVENT });
    assert.equal(verify(signed(body), body).event?.returnVersion, 2n);
  });

  test("a test message has no event", () => {
    const body = JSON.stringify({ type: "webhook.test", data: { webhookEndpoint: "e" } });
    const message = verify(signed(body), body);
    assert.deepEqual([message.type, message.event], ["webhook.test", undefined]);
  });

  test("any of several secrets and several signatures will do, and headers of fetch too", () => {
    const other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    verify(signed(BODY), BODY, [other, SECRET]);
    const headers = signed(BODY);
    const signatures = `v1a,xyz v1,AAAA ${headers["webhook-signature"]}`;
    verifyWebhook(SECRET, new Headers({ ...headers, "webhook-signature": signatures }), BODY, { now: NOW });
  });

  const bad: [string, Record<string, string>, string?][] = [
    ["another body", signed(BODY), `${BODY} `],
    ["another secret", signed(BODY, NOW, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")],
    ["too old", signed(BODY, new Date(NOW.getTime() - 301_000))],
    ["from the future", signed(BODY, new Date(NOW.getTime() + 301_000))],
    ["another id", { ...signed(BODY), "webhook-id": "x" }],
    ["no id", { ...signed(BODY), "webhook-id": "" }],
    ["no time", { ...signed(BODY), "webhook-timestamp": "soon" }],
    ["no signature", { ...signed(BODY), "webhook-signature": "" }],
    ["a signature of another version", { ...signed(BODY), "webhook-signature": "v2,AAAA" }],
    ["no JSON", signed("{"), "{"],
    [
      "an event that is none",
      signed('{"type":"return.created","data":{"sequence":[]}}'),
      '{"type":"return.created","data":{"sequence":[]}}',
    ],
  ];
  for (const [name, headers, body] of bad) {
    test(`refused: ${name}`, () => assert.throws(() => verify(headers, body), WebhookInvalid));
  }

  test("a secret that is none is the program's fault, not the message's", () => {
    assert.throws(() => verify(signed(BODY), BODY, "whsec_not base64"), TypeError);
  });
});
