package commerce.returns.client;

import com.google.protobuf.Empty;
import commerce.returns.v1.ApproveReturnRequest;
import commerce.returns.v1.BatchGetReturnsRequest;
import commerce.returns.v1.BatchGetReturnsResponse;
import commerce.returns.v1.CloseReturnRequest;
import commerce.returns.v1.CreateReturnRequest;
import commerce.returns.v1.DeleteReturnRequest;
import commerce.returns.v1.GetReturnRequest;
import commerce.returns.v1.ListReturnEventsRequest;
import commerce.returns.v1.ListReturnEventsResponse;
import commerce.returns.v1.ListReturnableItemsRequest;
import commerce.returns.v1.ListReturnableItemsResponse;
import commerce.returns.v1.ListReturnsRequest;
import commerce.returns.v1.ListReturnsResponse;
import commerce.returns.v1.RecordReceiptRequest;
import commerce.returns.v1.RejectReturnRequest;
import commerce.returns.v1.ReopenReturnRequest;
import commerce.returns.v1.Return;
import commerce.returns.v1.ReturnEvent;
import commerce.returns.v1.ReturnableItem;
import commerce.returns.v1.ReturnsServiceGrpc;
import commerce.returns.v1.StreamReturnEventsRequest;
import commerce.returns.v1.UpdateReturnRequest;

/** Filing, changing and deciding returns, and following what happens to them. Every method throws {@link ReturnsException}. */
public final class Returns {
  private final Calls calls;

  Returns(Calls calls) {
    this.calls = calls;
  }

  /** Files a return over one or more orders and claims its units. */
  public Return createReturn(CreateReturnRequest request) {
    return calls.call(ReturnsServiceGrpc.getCreateReturnMethod(), request);
  }

  /** Answers one return. */
  public Return getReturn(GetReturnRequest request) {
    return calls.call(ReturnsServiceGrpc.getGetReturnMethod(), request);
  }

  /** Answers several returns, all of them or none: one that is not found fails the call. */
  public BatchGetReturnsResponse batchGetReturns(BatchGetReturnsRequest request) {
    return calls.call(ReturnsServiceGrpc.getBatchGetReturnsMethod(), request);
  }

  /** Answers the returns of a tenant that match a filter, in pages; customers see their own. */
  public ListReturnsResponse listReturns(ListReturnsRequest request) {
    return calls.call(ReturnsServiceGrpc.getListReturnsMethod(), request);
  }

  /** All returns, over all pages. */
  public Pages<ListReturnsResponse, Return> allReturns(ListReturnsRequest request) {
    return Pages.of(this::listReturns, request, ListReturnsResponse::getReturnsList);
  }

  /** Changes what a return says, never its state. */
  public Return updateReturn(UpdateReturnRequest request) {
    return calls.call(ReturnsServiceGrpc.getUpdateReturnMethod(), request);
  }

  /** Approves a pending return, in whole or in part; units that are not approved are released. */
  public Return approveReturn(ApproveReturnRequest request) {
    return calls.call(ReturnsServiceGrpc.getApproveReturnMethod(), request);
  }

  /** Rejects a pending return and releases its units. */
  public Return rejectReturn(RejectReturnRequest request) {
    return calls.call(ReturnsServiceGrpc.getRejectReturnMethod(), request);
  }

  /** Records a parcel that arrived for an approved return; several parcels add up. */
  public Return recordReceipt(RecordReceiptRequest request) {
    return calls.call(ReturnsServiceGrpc.getRecordReceiptMethod(), request);
  }

  /**
   * Closes a pending or approved return and releases what was not received; under goods_not_expected approved
   * units stay claimed.
   */
  public Return closeReturn(CloseReturnRequest request) {
    return calls.call(ReturnsServiceGrpc.getCloseReturnMethod(), request);
  }

  /** Opens a rejected or closed return again: APPROVED if it once was, else PENDING. */
  public Return reopenReturn(ReopenReturnRequest request) {
    return calls.call(ReturnsServiceGrpc.getReopenReturnMethod(), request);
  }

  /** Deletes a return of which nothing was received and releases its units. */
  public Empty deleteReturn(DeleteReturnRequest request) {
    return calls.call(ReturnsServiceGrpc.getDeleteReturnMethod(), request);
  }

  /** Answers what can still go back, line by line, in pages; and why some of it cannot. */
  public ListReturnableItemsResponse listReturnableItems(ListReturnableItemsRequest request) {
    return calls.call(ReturnsServiceGrpc.getListReturnableItemsMethod(), request);
  }

  /** All lines that can go back, and why others cannot, over all pages. */
  public Pages<ListReturnableItemsResponse, ReturnableItem> allReturnableItems(ListReturnableItemsRequest request) {
    return Pages.of(this::listReturnableItems, request, ListReturnableItemsResponse::getReturnableItemsList);
  }

  /**
   * Answers the events of a return or of a whole tenant, oldest first, in pages; customers see those of their own
   * returns, staff also those of deleted ones.
   */
  public ListReturnEventsResponse listReturnEvents(ListReturnEventsRequest request) {
    return calls.call(ReturnsServiceGrpc.getListReturnEventsMethod(), request);
  }

  /** All events: a return's timeline, or what a tenant's log has kept up to now, over all pages. */
  public Pages<ListReturnEventsResponse, ReturnEvent> allReturnEvents(ListReturnEventsRequest request) {
    return Pages.of(this::listReturnEvents, request, ListReturnEventsResponse::getEventsList);
  }

  /**
   * The events of a tenant without end, each once and in the order of its sequence, through restarts and lost connections.
   */
  public Following follow(StreamReturnEventsRequest request) {
    return new Following(calls, request);
  }
}
