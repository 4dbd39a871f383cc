/** The client: all services of the contract over one set of connections, for one tenant and one caller. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type CallOptions, type Client, createClient } from "@connectrpc/connect";

import { CallingTransport, type Calls, DEFAULT_TIMEOUT_MS, type RetryOptions } from "./calling.js";
import { type ConnectingOptions, Endpoints } from "./connecting.js";
import { EventFollower, type FollowOptions, type FollowRequest } from "./following.js";
import type { ReturnEvent } from "./gen/commerce/returns/v1/event_pb.js";
import type { Order } from "./gen/commerce/returns/v1/order_pb.js";
import {
  type ListOrdersResponse,
  type ListOrdersRequestSchema,
  OrdersService,
} from "./gen/commerce/returns/v1/orders_service_pb.js";
import { PolicyService } from "./gen/commerce/returns/v1/policy_service_pb.js";
import type { Return } from "./gen/commerce/returns/v1/return_pb.js";
import type { ReturnableItem } from "./gen/commerce/returns/v1/returnable_item_pb.js";
import {
  type ListReturnableItemsRequestSchema,
  type ListReturnableItemsResponse,
  type ListReturnEventsRequestSchema,
  type ListReturnEventsResponse,
  type ListReturnsRequestSchema,
  type ListReturnsResponse,
  ReturnsService,
} from "./gen/commerce/returns/v1/returns_service_pb.js";
import type { WebhookDelivery, WebhookEndpoint, WebhookRedelivery } from "./gen/commerce/returns/v1/webhook_pb.js";
import {
  type ListWebhookDeliveriesRequestSchema,
  type ListWebhookDeliveriesResponse,
  type ListWebhookEndpointsRequestSchema,
  type ListWebhookEndpointsResponse,
  type ListWebhookRedeliveriesRequestSchema,
  type ListWebhookRedeliveriesResponse,
  WebhooksService,
} from "./gen/commerce/returns/v1/webhooks_service_pb.js";
import { paged, type Pages } from "./paging.js";
import type { TokenSource } from "./tokens.js";

/** Where the service is, and who calls. */
export interface ClientOptions extends ConnectingOptions {
  /** HOST:PORT; or several servers, which are asked in turn. */
  readonly address: string | readonly string[];
  /** The tenant, such as `acme`: what a request's `parent` is where it says none. */
  readonly tenant: string;
  /** The bearer token, or where it comes from. */
  readonly token?: TokenSource;
  /**
   * How long a unary call may take, in milliseconds, its repetitions included; by default 10,000. `timeoutMs` in the
   * options of a call says otherwise; 0 means no end.
   */
  readonly timeoutMs?: number;
  readonly retry?: RetryOptions;
}

type List<Request, Item, Page> = (request: Request, options?: CallOptions) => Pages<Item, Page>;

/** ReturnsService, and its lists item by item. */
export type ReturnsCalls = Client<typeof ReturnsService> & {
  readonly each: List<MessageInitShape<typeof ListReturnsRequestSchema>, Return, ListReturnsResponse>;
  readonly eachReturnableItem: List<
    MessageInitShape<typeof ListReturnableItemsRequestSchema>,
    ReturnableItem,
    ListReturnableItemsResponse
  >;
};

/** OrdersService, and its list item by item. */
export type OrdersCalls = Client<typeof OrdersService> & {
  readonly each: List<MessageInitShape<typeof ListOrdersRequestSchema>, Order, ListOrdersResponse>;
};

/** WebhooksService, and its lists item by item. */
export type WebhooksCalls = Client<typeof WebhooksService> & {
  readonly each: List<
    MessageInitShape<typeof ListWebhookEndpointsRequestSchema>,
    WebhookEndpoint,
    ListWebhookEndpointsResponse
  >;
  readonly eachDelivery: List<
    MessageInitShape<typeof ListWebhookDeliveriesRequestSchema>,
    WebhookDelivery,
    ListWebhookDeliveriesResponse
  >;
  readonly eachRedelivery: List<
    MessageInitShape<typeof ListWebhookRedeliveriesRequestSchema>,
    WebhookRedelivery,
    ListWebhookRedeliveriesResponse
  >;
};

/** The log of what happened to the returns of the tenant. */
export interface Events {
  /** The events that there are, oldest first: of the whole tenant, or of a return as `parent`. */
  readonly each: List<MessageInitShape<typeof ListReturnEventsRequestSchema>, ReturnEvent, ListReturnEventsResponse>;
  /** Every event from a place in the log on, and then as they happen, without end. */
  follow(request?: FollowRequest, options?: FollowOptions): EventFollower;
}

/**
 * Calls the Returns Service. Every call throws a ReturnsError where it fails. Connects with the first call; close it in
 * the end.
 */
export class ReturnsClient {
  readonly returns: ReturnsCalls;
  readonly orders: OrdersCalls;
  readonly policy: Client<typeof PolicyService>;
  readonly webhooks: WebhooksCalls;
  readonly events: Events;
  /** `tenants/{tenant}`, the beginning of all names. */
  readonly parent: string;
  readonly #endpoints: Endpoints;
  readonly #closing = new AbortController();

  /**
   * Throws a TypeError where the options contradict each other, and the file's error where a certificate is missing.
   */
  constructor(options: ClientOptions) {
    if (!/^[a-z][a-z0-9]{2,15}$/.test(options.tenant)) {
      throw new TypeError(`tenant: "${options.tenant}" is not 3 to 16 characters of a-z0-9, the first a letter`);
    }
    this.parent = `tenants/${options.tenant}`;
    this.#endpoints = new Endpoints(options.address, options);
    const calls: Calls = {
      endpoints: this.#endpoints,
      parent: this.parent,
      token: options.token,
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      closed: this.#closing.signal,
      retry: { maxAttempts: 5, initialBackoffMs: 200, maxBackoffMs: 3_000, ...options.retry },
    };
    const transport = new CallingTransport(calls);
    const returns = createClient(ReturnsService, transport);
    const orders = createClient(OrdersService, transport);
    const webhooks = createClient(WebhooksService, transport);
    this.policy = createClient(PolicyService, transport);
    this.returns = Object.assign(returns, {
      each: paged(returns.listReturns, (page) => page.returns),
      eachReturnableItem: paged(returns.listReturnableItems, (page) => page.returnableItems),
    });
    this.orders = Object.assign(orders, { each: paged(orders.listOrders, (page) => page.orders) });
    this.webhooks = Object.assign(webhooks, {
      each: paged(webhooks.listWebhookEndpoints, (page) => page.webhookEndpoints),
      eachDelivery: paged(webhooks.listWebhookDeliveries, (page) => page.deliveries),
      eachRedelivery: paged(webhooks.listWebhookRedeliveries, (page) => page.webhookRedeliveries),
    });
    this.events = {
      each: paged(returns.listReturnEvents, (page) => page.events),
      follow: (request = {}, following = {}) => new EventFollower(returns, request, following, calls),
    };
  }

  /** Ends what is under way, and the connections. */
  close(): void {
    this.#closing.abort();
    this.#endpoints.close();
  }
}
