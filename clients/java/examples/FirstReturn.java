import com.google.protobuf.util.Timestamps;
import com.google.type.Money;
import commerce.returns.client.ReturnsClient;
import commerce.returns.client.ReturnsException;
import commerce.returns.client.TokenSource;
import commerce.returns.v1.CreateReturnRequest;
import commerce.returns.v1.DraftItem;
import commerce.returns.v1.DraftOrder;
import commerce.returns.v1.ErrorReason;
import commerce.returns.v1.ListReturnsRequest;
import commerce.returns.v1.Order;
import commerce.returns.v1.OrderLine;
import commerce.returns.v1.PriceBreakdown;
import commerce.returns.v1.Reason;
import commerce.returns.v1.Return;
import commerce.returns.v1.ReturnDraft;
import commerce.returns.v1.ReturnEvent;
import commerce.returns.v1.StreamReturnEventsRequest;
import commerce.returns.v1.UpdateReturnRequest;
import commerce.returns.v1.UpsertOrderRequest;

/** Sends an order, files a return over it, and follows what happens until it hears of it. */
public final class FirstReturn {
  public static void main(String[] arguments) {
    try (ReturnsClient client =
        ReturnsClient.at(System.getenv("RETURNS_ADDRESS"))
            .plainText() // A development server on this machine; leave it out elsewhere.
            .token(TokenSource.of(System.getenv("TOKEN")))
            .build()) {
      client.orders().upsertOrder(UpsertOrderRequest.newBuilder().setOrder(order()).build());

      Return filed =
          client.returns().createReturn(
              CreateReturnRequest.newBuilder()
                  .setParent("tenants/acme")
                  .setDraft(
                      teapots(2).setReason(Reason.newBuilder().setCode("DAMAGED").setDetails("two lids are broken")))
                  .build());
      Money gross = filed.getTotal().getGross();
      // Two of three teapots: 6.67 EUR.
      System.out.println("filed " + filed.getNumber() + " " + gross.getUnits() + " " + gross.getNanos());

      try {
        // One teapot is left: another two are refused, with the reason and the facts.
        client.returns().updateReturn(
            UpdateReturnRequest.newBuilder().setName(filed.getName()).setDraft(teapots(4)).build());
      } catch (ReturnsException refused) {
        if (refused.reason() == ErrorReason.ERROR_REASON_QUANTITY_EXCEEDS_RETURNABLE) {
          System.out.println("refused, available: " + refused.metadata().get("available"));
        }
      }

      var pending = ListReturnsRequest.newBuilder().setParent("tenants/acme").setFilter("state=PENDING").build();
      for (Return one : client.returns().allReturns(pending)) {
        System.out.println("pending " + one.getNumber());
      }

      var everything =
          StreamReturnEventsRequest.newBuilder()
              .setParent("tenants/acme")
              .setStart(StreamReturnEventsRequest.Start.START_EARLIEST)
              .build();
      try (var following = client.returns().follow(everything)) {
        for (ReturnEvent event : following) {
          System.out.println("event " + event.getSequence() + " " + event.getType());
          // Store event.getCursor() with what was made of the event, to go on there (after_cursor) after a restart.
          if (event.getReturnName().equals(filed.getName())) {
            break;
          }
        }
      }
    }
  }

  private static Order order() {
    Money gross = Money.newBuilder().setCurrencyCode("EUR").setUnits(10).build();
    return Order.newBuilder()
        .setName("tenants/acme/orders/1001")
        .setCustomerId("c-17")
        .setCurrencyCode("EUR")
        .setPlaceTime(Timestamps.now())
        .addLines(
            OrderLine.newBuilder()
                .setLineId("1")
                .setProductId("teapot")
                .setQuantity(3)
                .setTotal(PriceBreakdown.newBuilder().setGross(gross)))
        .build();
  }

  private static ReturnDraft.Builder teapots(int quantity) {
    DraftItem item = DraftItem.newBuilder().setLineId("1").setQuantity(quantity).build();
    return ReturnDraft.newBuilder().addOrders(DraftOrder.newBuilder().setOrder("1001").addItems(item));
  }
}
