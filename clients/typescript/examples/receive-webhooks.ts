import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

import { verifyWebhook, WebhookInvalid } from "returns-client";

const SECRET = process.env["WEBHOOK_SECRET"] ?? "";

const server = createServer(async (request, response) => {
  try {
    const message = verifyWebhook(SECRET, request.headers, await buffer(request)); // the bytes as they came
    // Make it safe (in a queue, a database), dropping repeats by `message.id`; then answer, and work on it afterwards.
    console.log(message.type, message.event?.returnName ?? "");
    response.writeHead(204).end();
  } catch (error) {
    response.writeHead(error instanceof WebhookInvalid ? 400 : 500).end();
  }
});
server.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1", () => console.log("ready"));
