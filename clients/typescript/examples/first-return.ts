import { ReturnsClient, ReturnsError } from "returns-client";

const client = new ReturnsClient({
  address: process.env["RETURNS_ADDRESS"] ?? "127.0.0.1:50051",
  tenant: "acme",
  token: process.env["TOKEN"] ?? "",
});

await client.orders.upsertOrder({
  order: {
    name: `${client.parent}/orders/1001`,
    customerId: "c-17",
    currencyCode: "EUR",
    placeTime: { seconds: 1_795_000_000n },
    lines: [
      {
        lineId: "1",
        productId: "teapot",
        quantity: 3,
        total: { gross: { currencyCode: "EUR", units: 10n } },
      },
    ],
  },
});

const filed = await client.returns.createReturn({
  draft: {
    orders: [{ order: "1001", items: [{ lineId: "1", quantity: 2 }] }],
    reason: { code: "DAMAGED", details: "two lids are broken" },
  },
});
console.log(filed.number, filed.total?.gross?.units, filed.total?.gross?.nanos); // two of three teapots: 6.67 EUR

try {
  await client.returns.createReturn({
    draft: { orders: [{ order: "1001", items: [{ lineId: "1", quantity: 2 }] }], reason: { code: "DAMAGED" } },
  });
} catch (error) {
  if (!(error instanceof ReturnsError && error.is("QUANTITY_EXCEEDS_RETURNABLE"))) throw error;
  console.log("only", error.metadata.available, "left of line", error.metadata.line_id);
}

for await (const one of client.returns.each({ filter: "state=PENDING" })) console.log(one.number, one.reason?.code);

client.close();
