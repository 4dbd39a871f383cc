/** What a step calls, by the names of the contract: the client's own methods. */
import {
  type DescMessage,
  type DescMethod,
  fromJson,
  type JsonValue,
  type Message,
  type MessageShape,
  toJson,
} from "@bufbuild/protobuf";
import {
  ListOrdersRequestSchema,
  ListReturnableItemsRequestSchema,
  ListReturnEventsRequestSchema,
  ListReturnsRequestSchema,
  OrderSchema,
  OrdersService,
  PolicyService,
  ReturnableItemSchema,
  ReturnEventSchema,
  type ReturnsClient,
  ReturnSchema,
  ReturnsService,
} from "returns-client";

import type { Json } from "./matching.js";

const SERVICES = { ReturnsService, OrdersService, PolicyService };

/** One unary call; the answer in JSON. */
export async function called(client: ReturnsClient, name: string, request: Json): Promise<Json> {
  const method = methodOf(name);
  const of = { ReturnsService: client.returns, OrdersService: client.orders, PolicyService: client.policy };
  // Which method it is, is only known now: its types are checked by the schema.
  const methods = of[serviceOf(name)] as unknown as Record<string, (request: Message) => Promise<Message>>;
  const call = methods[method.localName];
  if (call === undefined) throw new Error(`the client has no ${name}`);
  return json(method.output, await call(fromJson(method.input, request as JsonValue)));
}

/** All items of a list, each in JSON. */
export async function listed({ returns, orders, events }: ReturnsClient, name: string, request: Json): Promise<Json[]> {
  switch (name) {
    case "ReturnsService.ListReturns":
      return all(returns.each, ListReturnsRequestSchema, ReturnSchema, request);
    case "ReturnsService.ListReturnableItems":
      return all(returns.eachReturnableItem, ListReturnableItemsRequestSchema, ReturnableItemSchema, request);
    case "ReturnsService.ListReturnEvents":
      return all(events.each, ListReturnEventsRequestSchema, ReturnEventSchema, request);
    case "OrdersService.ListOrders":
      return all(orders.each, ListOrdersRequestSchema, OrderSchema, request);
    default:
      throw new Error(`the client has no list ${name}`);
  }
}

async function all<I extends DescMessage>(
  each: (request: MessageShape<I>) => AsyncIterable<Message>,
  input: I,
  output: DescMessage,
  request: Json,
): Promise<Json[]> {
  const items: Json[] = [];
  for await (const item of each(fromJson(input, request as JsonValue))) items.push(json(output, item));
  return items;
}

/** A message in proto3 JSON. */
export function json(schema: DescMessage, message: Message): Json {
  return toJson(schema, message) as Json;
}

function serviceOf(name: string): keyof typeof SERVICES {
  const service = name.slice(0, name.indexOf("."));
  if (service in SERVICES) return service as keyof typeof SERVICES;
  throw new Error(`the client has no ${name}`);
}

function methodOf(name: string): DescMethod {
  const found = SERVICES[serviceOf(name)].methods.find((one) => name.endsWith(`.${one.name}`));
  if (found === undefined) throw new Error(`the client has no ${name}`);
  return found;
}
