import { readFile, rename, writeFile } from "node:fs/promises";

import { ReturnsClient, StreamReturnEventsRequest_Start as Start } from "returns-client";

const CURSOR_FILE = process.env["CURSOR_FILE"] ?? "returns.cursor";

const client = new ReturnsClient({
  address: process.env["RETURNS_ADDRESS"] ?? "127.0.0.1:50051",
  tenant: "acme",
  token: process.env["TOKEN"] ?? "",
});

const following = client.events.follow(
  {
    afterCursor: await readFile(CURSOR_FILE, "utf8").catch(() => ""),
    position: { case: "start", value: Start.EARLIEST }, // on the first run, without a cursor
  },
  { onPause: (why) => console.error("pause:", why) },
);
process.once("SIGTERM", () => following.close());

for await (const event of following) {
  console.log(event.sequence, event.type, event.returnName);
  // The event is dealt with: where its cursor is stored, the next run goes on behind it.
  await writeFile(`${CURSOR_FILE}.new`, event.cursor);
  await rename(`${CURSOR_FILE}.new`, CURSOR_FILE);
}

client.close();
