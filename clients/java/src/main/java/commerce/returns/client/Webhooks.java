package commerce.returns.client;

import com.google.protobuf.Empty;
import commerce.returns.v1.CancelWebhookRedeliveryRequest;
import commerce.returns.v1.CreateWebhookEndpointRequest;
import commerce.returns.v1.CreateWebhookEndpointResponse;
import commerce.returns.v1.CreateWebhookRedeliveryRequest;
import commerce.returns.v1.DeleteWebhookEndpointRequest;
import commerce.returns.v1.EnableWebhookEndpointRequest;
import commerce.returns.v1.GetWebhookEndpointRequest;
import commerce.returns.v1.GetWebhookRedeliveryRequest;
import commerce.returns.v1.ListWebhookDeliveriesRequest;
import commerce.returns.v1.ListWebhookDeliveriesResponse;
import commerce.returns.v1.ListWebhookEndpointsRequest;
import commerce.returns.v1.ListWebhookEndpointsResponse;
import commerce.returns.v1.ListWebhookRedeliveriesRequest;
import commerce.returns.v1.ListWebhookRedeliveriesResponse;
import commerce.returns.v1.RedeliverWebhookRequest;
import commerce.returns.v1.RotateWebhookSecretRequest;
import commerce.returns.v1.RotateWebhookSecretResponse;
import commerce.returns.v1.TestWebhookEndpointRequest;
import commerce.returns.v1.TestWebhookEndpointResponse;
import commerce.returns.v1.UpdateWebhookEndpointRequest;
import commerce.returns.v1.WebhookDelivery;
import commerce.returns.v1.WebhookEndpoint;
import commerce.returns.v1.WebhookRedelivery;
import commerce.returns.v1.WebhooksServiceGrpc;

/** Where events are posted, and what became of them. Every method throws {@link ReturnsException}. */
public final class Webhooks {
  private final Calls calls;

  Webhooks(Calls calls) {
    this.calls = calls;
  }

  /** Makes an endpoint and its signing secret, which is answered here and never again. */
  public CreateWebhookEndpointResponse createWebhookEndpoint(CreateWebhookEndpointRequest request) {
    return calls.call(WebhooksServiceGrpc.getCreateWebhookEndpointMethod(), request);
  }

  /** Answers one endpoint. */
  public WebhookEndpoint getWebhookEndpoint(GetWebhookEndpointRequest request) {
    return calls.call(WebhooksServiceGrpc.getGetWebhookEndpointMethod(), request);
  }

  /** Answers the endpoints of a tenant, in pages, newest first. */
  public ListWebhookEndpointsResponse listWebhookEndpoints(ListWebhookEndpointsRequest request) {
    return calls.call(WebhooksServiceGrpc.getListWebhookEndpointsMethod(), request);
  }

  /** All endpoints, over all pages. */
  public Pages<ListWebhookEndpointsResponse, WebhookEndpoint> allWebhookEndpoints(ListWebhookEndpointsRequest request) {
    return Pages.of(this::listWebhookEndpoints, request, ListWebhookEndpointsResponse::getWebhookEndpointsList);
  }

  /** Changes the settings of an endpoint. */
  public WebhookEndpoint updateWebhookEndpoint(UpdateWebhookEndpointRequest request) {
    return calls.call(WebhooksServiceGrpc.getUpdateWebhookEndpointMethod(), request);
  }

  /** Deletes an endpoint; what is on its way to it is cancelled. */
  public Empty deleteWebhookEndpoint(DeleteWebhookEndpointRequest request) {
    return calls.call(WebhooksServiceGrpc.getDeleteWebhookEndpointMethod(), request);
  }

  /** Makes a new signing secret, which is answered here and never again. */
  public RotateWebhookSecretResponse rotateWebhookSecret(RotateWebhookSecretRequest request) {
    return calls.call(WebhooksServiceGrpc.getRotateWebhookSecretMethod(), request);
  }

  /** Posts a signed message of the type webhook.test to an endpoint, once, and answers what came of it. */
  public TestWebhookEndpointResponse testWebhookEndpoint(TestWebhookEndpointRequest request) {
    return calls.call(WebhooksServiceGrpc.getTestWebhookEndpointMethod(), request);
  }

  /** Turns an endpoint on again. */
  public WebhookEndpoint enableWebhookEndpoint(EnableWebhookEndpointRequest request) {
    return calls.call(WebhooksServiceGrpc.getEnableWebhookEndpointMethod(), request);
  }

  /** Answers the deliveries to an endpoint with all their attempts, in pages, newest first. */
  public ListWebhookDeliveriesResponse listWebhookDeliveries(ListWebhookDeliveriesRequest request) {
    return calls.call(WebhooksServiceGrpc.getListWebhookDeliveriesMethod(), request);
  }

  /** All deliveries, over all pages. */
  public Pages<ListWebhookDeliveriesResponse, WebhookDelivery> allWebhookDeliveries(ListWebhookDeliveriesRequest request) {
    return Pages.of(this::listWebhookDeliveries, request, ListWebhookDeliveriesResponse::getDeliveriesList);
  }

  /** Puts one delivery on its way once more, with the id that it had. */
  public WebhookDelivery redeliverWebhook(RedeliverWebhookRequest request) {
    return calls.call(WebhooksServiceGrpc.getRedeliverWebhookMethod(), request);
  }

  /** Starts a job that posts the events of a time range to an endpoint once more. */
  public WebhookRedelivery createWebhookRedelivery(CreateWebhookRedeliveryRequest request) {
    return calls.call(WebhooksServiceGrpc.getCreateWebhookRedeliveryMethod(), request);
  }

  /** Answers one of these jobs. */
  public WebhookRedelivery getWebhookRedelivery(GetWebhookRedeliveryRequest request) {
    return calls.call(WebhooksServiceGrpc.getGetWebhookRedeliveryMethod(), request);
  }

  /** Answers these jobs of an endpoint, in pages, newest first. */
  public ListWebhookRedeliveriesResponse listWebhookRedeliveries(ListWebhookRedeliveriesRequest request) {
    return calls.call(WebhooksServiceGrpc.getListWebhookRedeliveriesMethod(), request);
  }

  /** All redelivery jobs, over all pages. */
  public Pages<ListWebhookRedeliveriesResponse, WebhookRedelivery> allWebhookRedeliveries(ListWebhookRedeliveriesRequest request) {
    return Pages.of(this::listWebhookRedeliveries, request, ListWebhookRedeliveriesResponse::getWebhookRedeliveriesList);
  }

  /** Stops such a job; what it already put on its way stays so. */
  public WebhookRedelivery cancelWebhookRedelivery(CancelWebhookRedeliveryRequest request) {
    return calls.call(WebhooksServiceGrpc.getCancelWebhookRedeliveryMethod(), request);
  }
}
