/** What the client adds to a request before it is sent. */
import { randomUUID } from "node:crypto";

import type { DescMessage, Message, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { clone, create } from "@bufbuild/protobuf";
import { isFieldError, reflect } from "@bufbuild/protobuf/reflect";

import { ReturnsError } from "./errors.js";

/**
 * The request as it is sent, and its id: one that is made here where it wants one and has none. `parent` is put in
 * where the request has that field and says nothing. The caller's own object stays as it is. Throws INVALID_ARGUMENT
 * where a value does not fit its field.
 */
export function completed<I extends DescMessage>(
  schema: I,
  input: MessageInitShape<I>,
  parent: string,
): [MessageShape<I>, string] {
  const message = checked(schema, input as MessageInitShape<DescMessage>);
  const fields = reflect(schema as DescMessage, message);
  const { requestId, parent: owner } = schema.field;
  if (requestId !== undefined && fields.get(requestId) === "") fields.set(requestId, randomUUID());
  if (owner !== undefined && fields.get(owner) === "") fields.set(owner, parent);
  return [message as MessageShape<I>, requestId === undefined ? "" : String(fields.get(requestId))];
}

function checked(schema: DescMessage, input: MessageInitShape<DescMessage>): Message {
  try {
    return clone(schema, create(schema, input));
  } catch (cause) {
    const field = isFieldError(cause) ? `${cause.field().name}: ` : "";
    const description = `${field}${cause instanceof Error ? cause.message : String(cause)}`;
    throw new ReturnsError({ status: "INVALID_ARGUMENT", description }, { cause });
  }
}
