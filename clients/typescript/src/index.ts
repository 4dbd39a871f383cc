/** A client of the Returns Service for Node. README.md beside it shows how to use it. */
export type { RetryOptions } from "./calling.js";
export {
  type ClientOptions,
  type Events,
  type OrdersCalls,
  ReturnsClient,
  type ReturnsCalls,
  type WebhooksCalls,
} from "./client.js";
export type { KeepaliveOptions, TlsOptions } from "./connecting.js";
export {
  ERROR_DOMAIN,
  type FactsOf,
  type Failure,
  failureIn,
  type Reason,
  ReturnsError,
  type StatusName,
  type Violation,
} from "./errors.js";
export { EventFollower, type FollowOptions, type FollowRequest } from "./following.js";
export type { Pages } from "./paging.js";
export { tokenFile, type TokenSource, TokenUnavailable } from "./tokens.js";
export {
  verifyWebhook,
  type VerifyOptions,
  type WebhookHeaders,
  WebhookInvalid,
  type WebhookMessage,
} from "./webhooks.js";

// The contract: messages, their schemas for `create`, `toJson` and the like, and enums.
export * from "./gen/commerce/returns/v1/errors_pb.js";
export * from "./gen/commerce/returns/v1/event_pb.js";
export * from "./gen/commerce/returns/v1/order_pb.js";
export * from "./gen/commerce/returns/v1/orders_service_pb.js";
export * from "./gen/commerce/returns/v1/party_pb.js";
export * from "./gen/commerce/returns/v1/policy_pb.js";
export * from "./gen/commerce/returns/v1/policy_service_pb.js";
export * from "./gen/commerce/returns/v1/price_pb.js";
export * from "./gen/commerce/returns/v1/reason_pb.js";
export * from "./gen/commerce/returns/v1/return_draft_pb.js";
export * from "./gen/commerce/returns/v1/return_pb.js";
export * from "./gen/commerce/returns/v1/returnable_item_pb.js";
export * from "./gen/commerce/returns/v1/returns_service_pb.js";
export * from "./gen/commerce/returns/v1/webhook_pb.js";
export * from "./gen/commerce/returns/v1/webhooks_service_pb.js";
export * from "./gen/google/type/money_pb.js";
