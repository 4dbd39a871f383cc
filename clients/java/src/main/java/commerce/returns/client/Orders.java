package commerce.returns.client;

import commerce.returns.v1.GetOrderRequest;
import commerce.returns.v1.ImportOrdersRequest;
import commerce.returns.v1.ImportOrdersResponse;
import commerce.returns.v1.ListOrdersRequest;
import commerce.returns.v1.ListOrdersResponse;
import commerce.returns.v1.Order;
import commerce.returns.v1.OrdersServiceGrpc;
import commerce.returns.v1.UpsertOrderRequest;
import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;

/** The orders that returns are filed over. Every method throws {@link ReturnsException}. */
public final class Orders {
  private final Calls calls;

  Orders(Calls calls) {
    this.calls = calls;
  }

  /** Takes one order: creates it, or makes it what is said now. */
  public Order upsertOrder(UpsertOrderRequest request) {
    return calls.call(OrdersServiceGrpc.getUpsertOrderMethod(), request);
  }

  /** Answers one order. */
  public Order getOrder(GetOrderRequest request) {
    return calls.call(OrdersServiceGrpc.getGetOrderMethod(), request);
  }

  /**
   * Answers the orders of a tenant that match a filter, in pages, newest place_time first; customers see their
   * own.
   */
  public ListOrdersResponse listOrders(ListOrdersRequest request) {
    return calls.call(OrdersServiceGrpc.getListOrdersMethod(), request);
  }

  /** All orders, over all pages. */
  public Pages<ListOrdersResponse, Order> allOrders(ListOrdersRequest request) {
    return Pages.of(this::listOrders, request, ListOrdersResponse::getOrdersList);
  }

  /**
   * Sends orders, any number: give them to what is answered, and complete that; `answer` then gets counts and failures. It
   * has no deadline but the Context's, and is not repeated; importing the same order again updates it.
   */
  public StreamObserver<ImportOrdersRequest> importOrders(StreamObserver<ImportOrdersResponse> answer) {
    return ClientCalls.asyncClientStreamingCall(
        calls.authorised(calls.token()).newCall(OrdersServiceGrpc.getImportOrdersMethod(), CallOptions.DEFAULT), answer);
  }
}
