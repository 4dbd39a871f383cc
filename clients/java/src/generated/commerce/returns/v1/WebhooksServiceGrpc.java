package commerce.returns.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Webhooks: events posted to addresses of the tenant's choice, signed, in order, and tried again until they arrive. All
 * methods need the scope `returns.webhooks_manage`.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class WebhooksServiceGrpc {

  private WebhooksServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "commerce.returns.v1.WebhooksService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.CreateWebhookEndpointRequest,
      commerce.returns.v1.CreateWebhookEndpointResponse> getCreateWebhookEndpointMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateWebhookEndpoint",
      requestType = commerce.returns.v1.CreateWebhookEndpointRequest.class,
      responseType = commerce.returns.v1.CreateWebhookEndpointResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.CreateWebhookEndpointRequest,
      commerce.returns.v1.CreateWebhookEndpointResponse> getCreateWebhookEndpointMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.CreateWebhookEndpointRequest, commerce.returns.v1.CreateWebhookEndpointResponse> getCreateWebhookEndpointMethod;
    if ((getCreateWebhookEndpointMethod = WebhooksServiceGrpc.getCreateWebhookEndpointMethod) == null) {
      synchronized (WebhooksServiceGrpc.class) {
        if ((getCreateWebhookEndpointMethod = WebhooksServiceGrpc.getCreateWebhookEndpointMethod) == null) {
          WebhooksServiceGrpc.getCreateWebhookEndpointMethod = getCreateWebhookEndpointMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.CreateWebhookEndpointRequest, commerce.returns.v1.CreateWebhookEndpointResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateWebhookEndpoint"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.CreateWebhookEndpointRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.CreateWebhookEndpointResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WebhooksServiceMethodDescriptorSupplier("CreateWebhookEndpoint"))
              .build();
        }
      }
    }
    return getCreateWebhookEndpointMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.GetWebhookEndpointRequest,
      commerce.returns.v1.WebhookEndpoint> getGetWebhookEndpointMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetWebhookEndpoint",
      requestType = commerce.returns.v1.GetWebhookEndpointRequest.class,
      responseType = commerce.returns.v1.WebhookEndpoint.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.GetWebhookEndpointRequest,
      commerce.returns.v1.WebhookEndpoint> getGetWebhookEndpointMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.GetWebhookEndpointRequest, commerce.returns.v1.WebhookEndpoint> getGetWebhookEndpointMethod;
    if ((getGetWebhookEndpointMethod = WebhooksServiceGrpc.getGetWebhookEndpointMethod) == null) {
      synchronized (WebhooksServiceGrpc.class) {
        if ((getGetWebhookEndpointMethod = WebhooksServiceGrpc.getGetWebhookEndpointMethod) == null) {
          WebhooksServiceGrpc.getGetWebhookEndpointMethod = getGetWebhookEndpointMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.GetWebhookEndpointRequest, commerce.returns.v1.WebhookEndpoint>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetWebhookEndpoint"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.GetWebhookEndpointRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.WebhookEndpoint.getDefaultInstance()))
              .setSchemaDescriptor(new WebhooksServiceMethodDescriptorSupplier("GetWebhookEndpoint"))
              .build();
        }
      }
    }
    return getGetWebhookEndpointMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.ListWebhookEndpointsRequest,
      commerce.returns.v1.ListWebhookEndpointsResponse> getListWebhookEndpointsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListWebhookEndpoints",
      requestType = commerce.returns.v1.ListWebhookEndpointsRequest.class,
      responseType = commerce.returns.v1.ListWebhookEndpointsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.ListWebhookEndpointsRequest,
      commerce.returns.v1.ListWebhookEndpointsResponse> getListWebhookEndpointsMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.ListWebhookEndpointsRequest, commerce.returns.v1.ListWebhookEndpointsResponse> getListWebhookEndpointsMethod;
    if ((getListWebhookEndpointsMethod = WebhooksServiceGrpc.getListWebhookEndpointsMethod) == null) {
      synchronized (WebhooksServiceGrpc.class) {
        if ((getListWebhookEndpointsMethod = WebhooksServiceGrpc.getListWebhookEndpointsMethod) == null) {
          WebhooksServiceGrpc.getListWebhookEndpointsMethod = getListWebhookEndpointsMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.ListWebhookEndpointsRequest, commerce.returns.v1.ListWebhookEndpointsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListWebhookEndpoints"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ListWebhookEndpointsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ListWebhookEndpointsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WebhooksServiceMethodDescriptorSupplier("ListWebhookEndpoints"))
              .build();
        }
      }
    }
    return getListWebhookEndpointsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.UpdateWebhookEndpointRequest,
      commerce.returns.v1.WebhookEndpoint> getUpdateWebhookEndpointMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateWebhookEndpoint",
      requestType = commerce.returns.v1.UpdateWebhookEndpointRequest.class,
      responseType = commerce.returns.v1.WebhookEndpoint.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.UpdateWebhookEndpointRequest,
      commerce.returns.v1.WebhookEndpoint> getUpdateWebhookEndpointMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.UpdateWebhookEndpointRequest, commerce.returns.v1.WebhookEndpoint> getUpdateWebhookEndpointMethod;
    if ((getUpdateWebhookEndpointMethod = WebhooksServiceGrpc.getUpdateWebhookEndpointMethod) == null) {
      synchronized (WebhooksServiceGrpc.class) {
        if ((getUpdateWebhookEndpointMethod = WebhooksServiceGrpc.getUpdateWebhookEndpointMethod) == null) {
          WebhooksServiceGrpc.getUpdateWebhookEndpointMethod = getUpdateWebhookEndpointMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.UpdateWebhookEndpointRequest, commerce.returns.v1.WebhookEndpoint>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateWebhookEndpoint"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.UpdateWebhookEndpointRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.WebhookEndpoint.getDefaultInstance()))
              .setSchemaDescriptor(new WebhooksServiceMethodDescriptorSupplier("UpdateWebhookEndpoint"))
              .build();
        }
      }
    }
    return getUpdateWebhookEndpointMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.DeleteWebhookEndpointRequest,
      com.google.protobuf.Empty> getDeleteWebhookEndpointMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteWebhookEndpoint",
      requestType = commerce.returns.v1.DeleteWebhookEndpointRequest.class,
      responseType = com.google.protobuf.Empty.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.DeleteWebhookEndpointRequest,
      com.google.protobuf.Empty> getDeleteWebhookEndpointMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.DeleteWebhookEndpointRequest, com.google.protobuf.Empty> getDeleteWebhookEndpointMethod;
    if ((getDeleteWebhookEndpointMethod = WebhooksServiceGrpc.getDeleteWebhookEndpointMethod) == null) {
      synchronized (WebhooksServiceGrpc.class) {
        if ((getDeleteWebhookEndpointMethod = WebhooksServiceGrpc.getDeleteWebhookEndpointMethod) == null) {
          WebhooksServiceGrpc.getDeleteWebhookEndpointMethod = getDeleteWebhookEndpointMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.DeleteWebhookEndpointRequest, com.google.protobuf.Empty>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteWebhookEndpoint"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.DeleteWebhookEndpointRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.google.protobuf.Empty.getDefaultInstance()))
              .setSchemaDescriptor(new WebhooksServiceMethodDescriptorSupplier("DeleteWebhookEndpoint"))
              .build();
        }
      }
    }
    return getDeleteWebhookEndpointMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.RotateWebhookSecretRequest,
      commerce.returns.v1.RotateWebhookSecretResponse> getRotateWebhookSecretMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RotateWebhookSecret",
      requestType = commerce.returns.v1.RotateWebhookSecretRequest.class,
      responseType = commerce.returns.v1.RotateWebhookSecretResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.RotateWebhookSecretRequest,
      commerce.returns.v1.RotateWebhookSecretResponse> getRotateWebhookSecretMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.RotateWebhookSecretRequest, commerce.returns.v1.RotateWebhookSecretResponse> getRotateWebhookSecretMethod;
    if ((getRotateWebhookSecretMethod = WebhooksServiceGrpc.getRotateWebhookSecretMethod) == null) {
      synchronized (WebhooksServiceGrpc.class) {
        if ((getRotateWebhookSecretMethod = WebhooksServiceGrpc.getRotateWebhookSecretMethod) == null) {
          WebhooksServiceGrpc.getRotateWebhookSecretMethod = getRotateWebhookSecretMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.RotateWebhookSecretRequest, commerce.returns.v1.RotateWebhookSecretResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RotateWebhookSecret"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.RotateWebhookSecretRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.RotateWebhookSecretResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WebhooksServiceMethodDescriptorSupplier("RotateWebhookSecret"))
              .build();
        }
      }
    }
    return getRotateWebhookSecretMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.TestWebhookEndpointRequest,
      commerce.returns.v1.TestWebhookEndpointResponse> getTestWebhookEndpointMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "TestWebhookEndpoint",
      requestType = commerce.returns.v1.TestWebhookEndpointRequest.class,
      responseType = commerce.returns.v1.TestWebhookEndpointResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.TestWebhookEndpointRequest,
      commerce.returns.v1.TestWebhookEndpointResponse> getTestWebhookEndpointMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.TestWebhookEndpointRequest, commerce.returns.v1.TestWebhookEndpointResponse> getTestWebhookEndpointMethod;
    if ((getTestWebhookEndpointMethod = WebhooksServiceGrpc.getTestWebhookEndpointMethod) == null) {
      synchronized (WebhooksServiceGrpc.class) {
        if ((getTestWebhookEndpointMethod = WebhooksServiceGrpc.getTestWebhookEndpointMethod) == null) {
          WebhooksServiceGrpc.getTestWebhookEndpointMethod = getTestWebhookEndpointMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.TestWebhookEndpointRequest, commerce.returns.v1.TestWebhookEndpointResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "TestWebhookEndpoint"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.TestWebhookEndpointRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.TestWebhookEndpointResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WebhooksServiceMethodDescriptorSupplier("TestWebhookEndpoint"))
              .build();
        }
      }
    }
    return getTestWebhookEndpointMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.EnableWebhookEndpointRequest,
      commerce.returns.v1.WebhookEndpoint> getEnableWebhookEndpointMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "EnableWebhookEndpoint",
      requestType = commerce.returns.v1.EnableWebhookEndpointRequest.class,
      responseType = commerce.returns.v1.WebhookEndpoint.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.EnableWebhookEndpointRequest,
      commerce.returns.v1.WebhookEndpoint> getEnableWebhookEndpointMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.EnableWebhookEndpointRequest, commerce.returns.v1.WebhookEndpoint> getEnableWebhookEndpointMethod;
    if ((getEnableWebhookEndpointMethod = WebhooksServiceGrpc.getEnableWebhookEndpointMethod) == null) {
      synchronized (WebhooksServiceGrpc.class) {
        if ((getEnableWebhookEndpointMethod = WebhooksServiceGrpc.getEnableWebhookEndpointMethod) == null) {
          WebhooksServiceGrpc.getEnableWebhookEndpointMethod = getEnableWebhookEndpointMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.EnableWebhookEndpointRequest, commerce.returns.v1.WebhookEndpoint>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "EnableWebhookEndpoint"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.EnableWebhookEndpointRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.WebhookEndpoint.getDefaultInstance()))
              .setSchemaDescriptor(new WebhooksServiceMethodDescriptorSupplier("EnableWebhookEndpoint"))
              .build();
        }
      }
    }
    return getEnableWebhookEndpointMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.ListWebhookDeliveriesRequest,
      commerce.returns.v1.ListWebhookDeliveriesResponse> getListWebhookDeliveriesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListWebhookDeliveries",
      requestType = commerce.returns.v1.ListWebhookDeliveriesRequest.class,
      responseType = commerce.returns.v1.ListWebhookDeliveriesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.ListWebhookDeliveriesRequest,
      commerce.returns.v1.ListWebhookDeliveriesResponse> getListWebhookDeliveriesMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.ListWebhookDeliveriesRequest, commerce.returns.v1.ListWebhookDeliveriesResponse> getListWebhookDeliveriesMethod;
    if ((getListWebhookDeliveriesMethod = WebhooksServiceGrpc.getListWebhookDeliveriesMethod) == null) {
      synchronized (WebhooksServiceGrpc.class) {
        if ((getListWebhookDeliveriesMethod = WebhooksServiceGrpc.getListWebhookDeliveriesMethod) == null) {
          WebhooksServiceGrpc.getListWebhookDeliveriesMethod = getListWebhookDeliveriesMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.ListWebhookDeliveriesRequest, commerce.returns.v1.ListWebhookDeliveriesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListWebhookDeliveries"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ListWebhookDeliveriesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ListWebhookDeliveriesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WebhooksServiceMethodDescriptorSupplier("ListWebhookDeliveries"))
              .build();
        }
      }
    }
    return getListWebhookDeliveriesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.RedeliverWebhookRequest,
      commerce.returns.v1.WebhookDelivery> getRedeliverWebhookMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RedeliverWebhook",
      requestType = commerce.returns.v1.RedeliverWebhookRequest.class,
      responseType = commerce.returns.v1.WebhookDelivery.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.RedeliverWebhookRequest,
      commerce.returns.v1.WebhookDelivery> getRedeliverWebhookMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.RedeliverWebhookRequest, commerce.returns.v1.WebhookDelivery> getRedeliverWebhookMethod;
    if ((getRedeliverWebhookMethod = WebhooksServiceGrpc.getRedeliverWebhookMethod) == null) {
      synchronized (WebhooksServiceGrpc.class) {
        if ((getRedeliverWebhookMethod = WebhooksServiceGrpc.getRedeliverWebhookMethod) == null) {
          WebhooksServiceGrpc.getRedeliverWebhookMethod = getRedeliverWebhookMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.RedeliverWebhookRequest, commerce.returns.v1.WebhookDelivery>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RedeliverWebhook"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.RedeliverWebhookRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.WebhookDelivery.getDefaultInstance()))
              .setSchemaDescriptor(new WebhooksServiceMethodDescriptorSupplier("RedeliverWebhook"))
              .build();
        }
      }
    }
    return getRedeliverWebhookMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.CreateWebhookRedeliveryRequest,
      commerce.returns.v1.WebhookRedelivery> getCreateWebhookRedeliveryMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateWebhookRedelivery",
      requestType = commerce.returns.v1.CreateWebhookRedeliveryRequest.class,
      responseType = commerce.returns.v1.WebhookRedelivery.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.CreateWebhookRedeliveryRequest,
      commerce.returns.v1.WebhookRedelivery> getCreateWebhookRedeliveryMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.CreateWebhookRedeliveryRequest, commerce.returns.v1.WebhookRedelivery> getCreateWebhookRedeliveryMethod;
    if ((getCreateWebhookRedeliveryMethod = WebhooksServiceGrpc.getCreateWebhookRedeliveryMethod) == null) {
      synchronized (WebhooksServiceGrpc.class) {
        if ((getCreateWebhookRedeliveryMethod = WebhooksServiceGrpc.getCreateWebhookRedeliveryMethod) == null) {
          WebhooksServiceGrpc.getCreateWebhookRedeliveryMethod = getCreateWebhookRedeliveryMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.CreateWebhookRedeliveryRequest, commerce.returns.v1.WebhookRedelivery>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateWebhookRedelivery"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.CreateWebhookRedeliveryRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.WebhookRedelivery.getDefaultInstance()))
              .setSchemaDescriptor(new WebhooksServiceMethodDescriptorSupplier("CreateWebhookRedelivery"))
              .build();
        }
      }
    }
    return getCreateWebhookRedeliveryMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.GetWebhookRedeliveryRequest,
      commerce.returns.v1.WebhookRedelivery> getGetWebhookRedeliveryMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetWebhookRedelivery",
      requestType = commerce.returns.v1.GetWebhookRedeliveryRequest.class,
      responseType = commerce.returns.v1.WebhookRedelivery.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.GetWebhookRedeliveryRequest,
      commerce.returns.v1.WebhookRedelivery> getGetWebhookRedeliveryMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.GetWebhookRedeliveryRequest, commerce.returns.v1.WebhookRedelivery> getGetWebhookRedeliveryMethod;
    if ((getGetWebhookRedeliveryMethod = WebhooksServiceGrpc.getGetWebhookRedeliveryMethod) == null) {
      synchronized (WebhooksServiceGrpc.class) {
        if ((getGetWebhookRedeliveryMethod = WebhooksServiceGrpc.getGetWebhookRedeliveryMethod) == null) {
          WebhooksServiceGrpc.getGetWebhookRedeliveryMethod = getGetWebhookRedeliveryMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.GetWebhookRedeliveryRequest, commerce.returns.v1.WebhookRedelivery>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetWebhookRedelivery"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.GetWebhookRedeliveryRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.WebhookRedelivery.getDefaultInstance()))
              .setSchemaDescriptor(new WebhooksServiceMethodDescriptorSupplier("GetWebhookRedelivery"))
              .build();
        }
      }
    }
    return getGetWebhookRedeliveryMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.ListWebhookRedeliveriesRequest,
      commerce.returns.v1.ListWebhookRedeliveriesResponse> getListWebhookRedeliveriesMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListWebhookRedeliveries",
      requestType = commerce.returns.v1.ListWebhookRedeliveriesRequest.class,
      responseType = commerce.returns.v1.ListWebhookRedeliveriesResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.ListWebhookRedeliveriesRequest,
      commerce.returns.v1.ListWebhookRedeliveriesResponse> getListWebhookRedeliveriesMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.ListWebhookRedeliveriesRequest, commerce.returns.v1.ListWebhookRedeliveriesResponse> getListWebhookRedeliveriesMethod;
    if ((getListWebhookRedeliveriesMethod = WebhooksServiceGrpc.getListWebhookRedeliveriesMethod) == null) {
      synchronized (WebhooksServiceGrpc.class) {
        if ((getListWebhookRedeliveriesMethod = WebhooksServiceGrpc.getListWebhookRedeliveriesMethod) == null) {
          WebhooksServiceGrpc.getListWebhookRedeliveriesMethod = getListWebhookRedeliveriesMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.ListWebhookRedeliveriesRequest, commerce.returns.v1.ListWebhookRedeliveriesResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListWebhookRedeliveries"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ListWebhookRedeliveriesRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ListWebhookRedeliveriesResponse.getDefaultInstance()))
              .setSchemaDescriptor(new WebhooksServiceMethodDescriptorSupplier("ListWebhookRedeliveries"))
              .build();
        }
      }
    }
    return getListWebhookRedeliveriesMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.CancelWebhookRedeliveryRequest,
      commerce.returns.v1.WebhookRedelivery> getCancelWebhookRedeliveryMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CancelWebhookRedelivery",
      requestType = commerce.returns.v1.CancelWebhookRedeliveryRequest.class,
      responseType = commerce.returns.v1.WebhookRedelivery.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.CancelWebhookRedeliveryRequest,
      commerce.returns.v1.WebhookRedelivery> getCancelWebhookRedeliveryMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.CancelWebhookRedeliveryRequest, commerce.returns.v1.WebhookRedelivery> getCancelWebhookRedeliveryMethod;
    if ((getCancelWebhookRedeliveryMethod = WebhooksServiceGrpc.getCancelWebhookRedeliveryMethod) == null) {
      synchronized (WebhooksServiceGrpc.class) {
        if ((getCancelWebhookRedeliveryMethod = WebhooksServiceGrpc.getCancelWebhookRedeliveryMethod) == null) {
          WebhooksServiceGrpc.getCancelWebhookRedeliveryMethod = getCancelWebhookRedeliveryMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.CancelWebhookRedeliveryRequest, commerce.returns.v1.WebhookRedelivery>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CancelWebhookRedelivery"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.CancelWebhookRedeliveryRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.WebhookRedelivery.getDefaultInstance()))
              .setSchemaDescriptor(new WebhooksServiceMethodDescriptorSupplier("CancelWebhookRedelivery"))
              .build();
        }
      }
    }
    return getCancelWebhookRedeliveryMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static WebhooksServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<WebhooksServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<WebhooksServiceStub>() {
        @java.lang.Override
        public WebhooksServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new WebhooksServiceStub(channel, callOptions);
        }
      };
    return WebhooksServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static WebhooksServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<WebhooksServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<WebhooksServiceBlockingV2Stub>() {
        @java.lang.Override
        public WebhooksServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new WebhooksServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return WebhooksServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static WebhooksServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<WebhooksServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<WebhooksServiceBlockingStub>() {
        @java.lang.Override
        public WebhooksServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new WebhooksServiceBlockingStub(channel, callOptions);
        }
      };
    return WebhooksServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static WebhooksServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<WebhooksServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<WebhooksServiceFutureStub>() {
        @java.lang.Override
        public WebhooksServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new WebhooksServiceFutureStub(channel, callOptions);
        }
      };
    return WebhooksServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Webhooks: events posted to addresses of the tenant's choice, signed, in order, and tried again until they arrive. All
   * methods need the scope `returns.webhooks_manage`.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Makes an endpoint and its signing secret, which is answered here and never again. It gets the events from now on.
     * Refused: TARGET_REFUSED.
     * </pre>
     */
    default void createWebhookEndpoint(commerce.returns.v1.CreateWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.CreateWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateWebhookEndpointMethod(), responseObserver);
    }

    /**
     * <pre>
     * Answers one endpoint.
     * </pre>
     */
    default void getWebhookEndpoint(commerce.returns.v1.GetWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookEndpoint> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetWebhookEndpointMethod(), responseObserver);
    }

    /**
     * <pre>
     * Answers the endpoints of a tenant, in pages, newest first.
     * </pre>
     */
    default void listWebhookEndpoints(commerce.returns.v1.ListWebhookEndpointsRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ListWebhookEndpointsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListWebhookEndpointsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the settings of an endpoint.
     * Refused: TARGET_REFUSED.
     * </pre>
     */
    default void updateWebhookEndpoint(commerce.returns.v1.UpdateWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookEndpoint> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateWebhookEndpointMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes an endpoint; what is on its way to it is cancelled.
     * </pre>
     */
    default void deleteWebhookEndpoint(commerce.returns.v1.DeleteWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.google.protobuf.Empty> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteWebhookEndpointMethod(), responseObserver);
    }

    /**
     * <pre>
     * Makes a new signing secret, which is answered here and never again. Until the grace time is over, messages carry a
     * signature by the old one too.
     * </pre>
     */
    default void rotateWebhookSecret(commerce.returns.v1.RotateWebhookSecretRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.RotateWebhookSecretResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRotateWebhookSecretMethod(), responseObserver);
    }

    /**
     * <pre>
     * Posts a signed message of the type `webhook.test` to an endpoint, once, and answers what came of it.
     * </pre>
     */
    default void testWebhookEndpoint(commerce.returns.v1.TestWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.TestWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getTestWebhookEndpointMethod(), responseObserver);
    }

    /**
     * <pre>
     * Turns an endpoint on again. It goes on where it stopped, or from a given time.
     * </pre>
     */
    default void enableWebhookEndpoint(commerce.returns.v1.EnableWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookEndpoint> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getEnableWebhookEndpointMethod(), responseObserver);
    }

    /**
     * <pre>
     * Answers the deliveries to an endpoint with all their attempts, in pages, newest first.
     * </pre>
     */
    default void listWebhookDeliveries(commerce.returns.v1.ListWebhookDeliveriesRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ListWebhookDeliveriesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListWebhookDeliveriesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Puts one delivery on its way once more, with the id that it had.
     * </pre>
     */
    default void redeliverWebhook(commerce.returns.v1.RedeliverWebhookRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookDelivery> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRedeliverWebhookMethod(), responseObserver);
    }

    /**
     * <pre>
     * Starts a job that posts the events of a time range to an endpoint once more.
     * </pre>
     */
    default void createWebhookRedelivery(commerce.returns.v1.CreateWebhookRedeliveryRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookRedelivery> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateWebhookRedeliveryMethod(), responseObserver);
    }

    /**
     * <pre>
     * Answers one of these jobs.
     * </pre>
     */
    default void getWebhookRedelivery(commerce.returns.v1.GetWebhookRedeliveryRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookRedelivery> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetWebhookRedeliveryMethod(), responseObserver);
    }

    /**
     * <pre>
     * Answers these jobs of an endpoint, in pages, newest first.
     * </pre>
     */
    default void listWebhookRedeliveries(commerce.returns.v1.ListWebhookRedeliveriesRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ListWebhookRedeliveriesResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListWebhookRedeliveriesMethod(), responseObserver);
    }

    /**
     * <pre>
     * Stops such a job; what it already put on its way stays so.
     * </pre>
     */
    default void cancelWebhookRedelivery(commerce.returns.v1.CancelWebhookRedeliveryRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookRedelivery> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCancelWebhookRedeliveryMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service WebhooksService.
   * <pre>
   * Webhooks: events posted to addresses of the tenant's choice, signed, in order, and tried again until they arrive. All
   * methods need the scope `returns.webhooks_manage`.
   * </pre>
   */
  public static abstract class WebhooksServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return WebhooksServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service WebhooksService.
   * <pre>
   * Webhooks: events posted to addresses of the tenant's choice, signed, in order, and tried again until they arrive. All
   * methods need the scope `returns.webhooks_manage`.
   * </pre>
   */
  public static final class WebhooksServiceStub
      extends io.grpc.stub.AbstractAsyncStub<WebhooksServiceStub> {
    private WebhooksServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected WebhooksServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new WebhooksServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes an endpoint and its signing secret, which is answered here and never again. It gets the events from now on.
     * Refused: TARGET_REFUSED.
     * </pre>
     */
    public void createWebhookEndpoint(commerce.returns.v1.CreateWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.CreateWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateWebhookEndpointMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Answers one endpoint.
     * </pre>
     */
    public void getWebhookEndpoint(commerce.returns.v1.GetWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookEndpoint> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetWebhookEndpointMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Answers the endpoints of a tenant, in pages, newest first.
     * </pre>
     */
    public void listWebhookEndpoints(commerce.returns.v1.ListWebhookEndpointsRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ListWebhookEndpointsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListWebhookEndpointsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the settings of an endpoint.
     * Refused: TARGET_REFUSED.
     * </pre>
     */
    public void updateWebhookEndpoint(commerce.returns.v1.UpdateWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookEndpoint> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateWebhookEndpointMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes an endpoint; what is on its way to it is cancelled.
     * </pre>
     */
    public void deleteWebhookEndpoint(commerce.returns.v1.DeleteWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<com.google.protobuf.Empty> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteWebhookEndpointMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Makes a new signing secret, which is answered here and never again. Until the grace time is over, messages carry a
     * signature by the old one too.
     * </pre>
     */
    public void rotateWebhookSecret(commerce.returns.v1.RotateWebhookSecretRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.RotateWebhookSecretResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRotateWebhookSecretMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Posts a signed message of the type `webhook.test` to an endpoint, once, and answers what came of it.
     * </pre>
     */
    public void testWebhookEndpoint(commerce.returns.v1.TestWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.TestWebhookEndpointResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getTestWebhookEndpointMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Turns an endpoint on again. It goes on where it stopped, or from a given time.
     * </pre>
     */
    public void enableWebhookEndpoint(commerce.returns.v1.EnableWebhookEndpointRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookEndpoint> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getEnableWebhookEndpointMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Answers the deliveries to an endpoint with all their attempts, in pages, newest first.
     * </pre>
     */
    public void listWebhookDeliveries(commerce.returns.v1.ListWebhookDeliveriesRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ListWebhookDeliveriesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListWebhookDeliveriesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Puts one delivery on its way once more, with the id that it had.
     * </pre>
     */
    public void redeliverWebhook(commerce.returns.v1.RedeliverWebhookRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookDelivery> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRedeliverWebhookMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Starts a job that posts the events of a time range to an endpoint once more.
     * </pre>
     */
    public void createWebhookRedelivery(commerce.returns.v1.CreateWebhookRedeliveryRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookRedelivery> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateWebhookRedeliveryMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Answers one of these jobs.
     * </pre>
     */
    public void getWebhookRedelivery(commerce.returns.v1.GetWebhookRedeliveryRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookRedelivery> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetWebhookRedeliveryMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Answers these jobs of an endpoint, in pages, newest first.
     * </pre>
     */
    public void listWebhookRedeliveries(commerce.returns.v1.ListWebhookRedeliveriesRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ListWebhookRedeliveriesResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListWebhookRedeliveriesMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Stops such a job; what it already put on its way stays so.
     * </pre>
     */
    public void cancelWebhookRedelivery(commerce.returns.v1.CancelWebhookRedeliveryRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookRedelivery> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCancelWebhookRedeliveryMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service WebhooksService.
   * <pre>
   * Webhooks: events posted to addresses of the tenant's choice, signed, in order, and tried again until they arrive. All
   * methods need the scope `returns.webhooks_manage`.
   * </pre>
   */
  public static final class WebhooksServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<WebhooksServiceBlockingV2Stub> {
    private WebhooksServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected WebhooksServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new WebhooksServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes an endpoint and its signing secret, which is answered here and never again. It gets the events from now on.
     * Refused: TARGET_REFUSED.
     * </pre>
     */
    public commerce.returns.v1.CreateWebhookEndpointResponse createWebhookEndpoint(commerce.returns.v1.CreateWebhookEndpointRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers one endpoint.
     * </pre>
     */
    public commerce.returns.v1.WebhookEndpoint getWebhookEndpoint(commerce.returns.v1.GetWebhookEndpointRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers the endpoints of a tenant, in pages, newest first.
     * </pre>
     */
    public commerce.returns.v1.ListWebhookEndpointsResponse listWebhookEndpoints(commerce.returns.v1.ListWebhookEndpointsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListWebhookEndpointsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the settings of an endpoint.
     * Refused: TARGET_REFUSED.
     * </pre>
     */
    public commerce.returns.v1.WebhookEndpoint updateWebhookEndpoint(commerce.returns.v1.UpdateWebhookEndpointRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes an endpoint; what is on its way to it is cancelled.
     * </pre>
     */
    public com.google.protobuf.Empty deleteWebhookEndpoint(commerce.returns.v1.DeleteWebhookEndpointRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a new signing secret, which is answered here and never again. Until the grace time is over, messages carry a
     * signature by the old one too.
     * </pre>
     */
    public commerce.returns.v1.RotateWebhookSecretResponse rotateWebhookSecret(commerce.returns.v1.RotateWebhookSecretRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRotateWebhookSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Posts a signed message of the type `webhook.test` to an endpoint, once, and answers what came of it.
     * </pre>
     */
    public commerce.returns.v1.TestWebhookEndpointResponse testWebhookEndpoint(commerce.returns.v1.TestWebhookEndpointRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getTestWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Turns an endpoint on again. It goes on where it stopped, or from a given time.
     * </pre>
     */
    public commerce.returns.v1.WebhookEndpoint enableWebhookEndpoint(commerce.returns.v1.EnableWebhookEndpointRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getEnableWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers the deliveries to an endpoint with all their attempts, in pages, newest first.
     * </pre>
     */
    public commerce.returns.v1.ListWebhookDeliveriesResponse listWebhookDeliveries(commerce.returns.v1.ListWebhookDeliveriesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListWebhookDeliveriesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Puts one delivery on its way once more, with the id that it had.
     * </pre>
     */
    public commerce.returns.v1.WebhookDelivery redeliverWebhook(commerce.returns.v1.RedeliverWebhookRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRedeliverWebhookMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Starts a job that posts the events of a time range to an endpoint once more.
     * </pre>
     */
    public commerce.returns.v1.WebhookRedelivery createWebhookRedelivery(commerce.returns.v1.CreateWebhookRedeliveryRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateWebhookRedeliveryMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers one of these jobs.
     * </pre>
     */
    public commerce.returns.v1.WebhookRedelivery getWebhookRedelivery(commerce.returns.v1.GetWebhookRedeliveryRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetWebhookRedeliveryMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers these jobs of an endpoint, in pages, newest first.
     * </pre>
     */
    public commerce.returns.v1.ListWebhookRedeliveriesResponse listWebhookRedeliveries(commerce.returns.v1.ListWebhookRedeliveriesRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListWebhookRedeliveriesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stops such a job; what it already put on its way stays so.
     * </pre>
     */
    public commerce.returns.v1.WebhookRedelivery cancelWebhookRedelivery(commerce.returns.v1.CancelWebhookRedeliveryRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCancelWebhookRedeliveryMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service WebhooksService.
   * <pre>
   * Webhooks: events posted to addresses of the tenant's choice, signed, in order, and tried again until they arrive. All
   * methods need the scope `returns.webhooks_manage`.
   * </pre>
   */
  public static final class WebhooksServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<WebhooksServiceBlockingStub> {
    private WebhooksServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected WebhooksServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new WebhooksServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes an endpoint and its signing secret, which is answered here and never again. It gets the events from now on.
     * Refused: TARGET_REFUSED.
     * </pre>
     */
    public commerce.returns.v1.CreateWebhookEndpointResponse createWebhookEndpoint(commerce.returns.v1.CreateWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers one endpoint.
     * </pre>
     */
    public commerce.returns.v1.WebhookEndpoint getWebhookEndpoint(commerce.returns.v1.GetWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers the endpoints of a tenant, in pages, newest first.
     * </pre>
     */
    public commerce.returns.v1.ListWebhookEndpointsResponse listWebhookEndpoints(commerce.returns.v1.ListWebhookEndpointsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListWebhookEndpointsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the settings of an endpoint.
     * Refused: TARGET_REFUSED.
     * </pre>
     */
    public commerce.returns.v1.WebhookEndpoint updateWebhookEndpoint(commerce.returns.v1.UpdateWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes an endpoint; what is on its way to it is cancelled.
     * </pre>
     */
    public com.google.protobuf.Empty deleteWebhookEndpoint(commerce.returns.v1.DeleteWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Makes a new signing secret, which is answered here and never again. Until the grace time is over, messages carry a
     * signature by the old one too.
     * </pre>
     */
    public commerce.returns.v1.RotateWebhookSecretResponse rotateWebhookSecret(commerce.returns.v1.RotateWebhookSecretRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRotateWebhookSecretMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Posts a signed message of the type `webhook.test` to an endpoint, once, and answers what came of it.
     * </pre>
     */
    public commerce.returns.v1.TestWebhookEndpointResponse testWebhookEndpoint(commerce.returns.v1.TestWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getTestWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Turns an endpoint on again. It goes on where it stopped, or from a given time.
     * </pre>
     */
    public commerce.returns.v1.WebhookEndpoint enableWebhookEndpoint(commerce.returns.v1.EnableWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getEnableWebhookEndpointMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers the deliveries to an endpoint with all their attempts, in pages, newest first.
     * </pre>
     */
    public commerce.returns.v1.ListWebhookDeliveriesResponse listWebhookDeliveries(commerce.returns.v1.ListWebhookDeliveriesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListWebhookDeliveriesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Puts one delivery on its way once more, with the id that it had.
     * </pre>
     */
    public commerce.returns.v1.WebhookDelivery redeliverWebhook(commerce.returns.v1.RedeliverWebhookRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRedeliverWebhookMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Starts a job that posts the events of a time range to an endpoint once more.
     * </pre>
     */
    public commerce.returns.v1.WebhookRedelivery createWebhookRedelivery(commerce.returns.v1.CreateWebhookRedeliveryRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateWebhookRedeliveryMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers one of these jobs.
     * </pre>
     */
    public commerce.returns.v1.WebhookRedelivery getWebhookRedelivery(commerce.returns.v1.GetWebhookRedeliveryRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetWebhookRedeliveryMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers these jobs of an endpoint, in pages, newest first.
     * </pre>
     */
    public commerce.returns.v1.ListWebhookRedeliveriesResponse listWebhookRedeliveries(commerce.returns.v1.ListWebhookRedeliveriesRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListWebhookRedeliveriesMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Stops such a job; what it already put on its way stays so.
     * </pre>
     */
    public commerce.returns.v1.WebhookRedelivery cancelWebhookRedelivery(commerce.returns.v1.CancelWebhookRedeliveryRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCancelWebhookRedeliveryMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service WebhooksService.
   * <pre>
   * Webhooks: events posted to addresses of the tenant's choice, signed, in order, and tried again until they arrive. All
   * methods need the scope `returns.webhooks_manage`.
   * </pre>
   */
  public static final class WebhooksServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<WebhooksServiceFutureStub> {
    private WebhooksServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected WebhooksServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new WebhooksServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Makes an endpoint and its signing secret, which is answered here and never again. It gets the events from now on.
     * Refused: TARGET_REFUSED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.CreateWebhookEndpointResponse> createWebhookEndpoint(
        commerce.returns.v1.CreateWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateWebhookEndpointMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Answers one endpoint.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.WebhookEndpoint> getWebhookEndpoint(
        commerce.returns.v1.GetWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetWebhookEndpointMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Answers the endpoints of a tenant, in pages, newest first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.ListWebhookEndpointsResponse> listWebhookEndpoints(
        commerce.returns.v1.ListWebhookEndpointsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListWebhookEndpointsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the settings of an endpoint.
     * Refused: TARGET_REFUSED.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.WebhookEndpoint> updateWebhookEndpoint(
        commerce.returns.v1.UpdateWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateWebhookEndpointMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes an endpoint; what is on its way to it is cancelled.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.google.protobuf.Empty> deleteWebhookEndpoint(
        commerce.returns.v1.DeleteWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteWebhookEndpointMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Makes a new signing secret, which is answered here and never again. Until the grace time is over, messages carry a
     * signature by the old one too.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.RotateWebhookSecretResponse> rotateWebhookSecret(
        commerce.returns.v1.RotateWebhookSecretRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRotateWebhookSecretMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Posts a signed message of the type `webhook.test` to an endpoint, once, and answers what came of it.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.TestWebhookEndpointResponse> testWebhookEndpoint(
        commerce.returns.v1.TestWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getTestWebhookEndpointMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Turns an endpoint on again. It goes on where it stopped, or from a given time.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.WebhookEndpoint> enableWebhookEndpoint(
        commerce.returns.v1.EnableWebhookEndpointRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getEnableWebhookEndpointMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Answers the deliveries to an endpoint with all their attempts, in pages, newest first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.ListWebhookDeliveriesResponse> listWebhookDeliveries(
        commerce.returns.v1.ListWebhookDeliveriesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListWebhookDeliveriesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Puts one delivery on its way once more, with the id that it had.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.WebhookDelivery> redeliverWebhook(
        commerce.returns.v1.RedeliverWebhookRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRedeliverWebhookMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Starts a job that posts the events of a time range to an endpoint once more.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.WebhookRedelivery> createWebhookRedelivery(
        commerce.returns.v1.CreateWebhookRedeliveryRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateWebhookRedeliveryMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Answers one of these jobs.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.WebhookRedelivery> getWebhookRedelivery(
        commerce.returns.v1.GetWebhookRedeliveryRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetWebhookRedeliveryMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Answers these jobs of an endpoint, in pages, newest first.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.ListWebhookRedeliveriesResponse> listWebhookRedeliveries(
        commerce.returns.v1.ListWebhookRedeliveriesRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListWebhookRedeliveriesMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Stops such a job; what it already put on its way stays so.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.WebhookRedelivery> cancelWebhookRedelivery(
        commerce.returns.v1.CancelWebhookRedeliveryRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCancelWebhookRedeliveryMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_WEBHOOK_ENDPOINT = 0;
  private static final int METHODID_GET_WEBHOOK_ENDPOINT = 1;
  private static final int METHODID_LIST_WEBHOOK_ENDPOINTS = 2;
  private static final int METHODID_UPDATE_WEBHOOK_ENDPOINT = 3;
  private static final int METHODID_DELETE_WEBHOOK_ENDPOINT = 4;
  private static final int METHODID_ROTATE_WEBHOOK_SECRET = 5;
  private static final int METHODID_TEST_WEBHOOK_ENDPOINT = 6;
  private static final int METHODID_ENABLE_WEBHOOK_ENDPOINT = 7;
  private static final int METHODID_LIST_WEBHOOK_DELIVERIES = 8;
  private static final int METHODID_REDELIVER_WEBHOOK = 9;
  private static final int METHODID_CREATE_WEBHOOK_REDELIVERY = 10;
  private static final int METHODID_GET_WEBHOOK_REDELIVERY = 11;
  private static final int METHODID_LIST_WEBHOOK_REDELIVERIES = 12;
  private static final int METHODID_CANCEL_WEBHOOK_REDELIVERY = 13;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_CREATE_WEBHOOK_ENDPOINT:
          serviceImpl.createWebhookEndpoint((commerce.returns.v1.CreateWebhookEndpointRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.CreateWebhookEndpointResponse>) responseObserver);
          break;
        case METHODID_GET_WEBHOOK_ENDPOINT:
          serviceImpl.getWebhookEndpoint((commerce.returns.v1.GetWebhookEndpointRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookEndpoint>) responseObserver);
          break;
        case METHODID_LIST_WEBHOOK_ENDPOINTS:
          serviceImpl.listWebhookEndpoints((commerce.returns.v1.ListWebhookEndpointsRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.ListWebhookEndpointsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_WEBHOOK_ENDPOINT:
          serviceImpl.updateWebhookEndpoint((commerce.returns.v1.UpdateWebhookEndpointRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookEndpoint>) responseObserver);
          break;
        case METHODID_DELETE_WEBHOOK_ENDPOINT:
          serviceImpl.deleteWebhookEndpoint((commerce.returns.v1.DeleteWebhookEndpointRequest) request,
              (io.grpc.stub.StreamObserver<com.google.protobuf.Empty>) responseObserver);
          break;
        case METHODID_ROTATE_WEBHOOK_SECRET:
          serviceImpl.rotateWebhookSecret((commerce.returns.v1.RotateWebhookSecretRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.RotateWebhookSecretResponse>) responseObserver);
          break;
        case METHODID_TEST_WEBHOOK_ENDPOINT:
          serviceImpl.testWebhookEndpoint((commerce.returns.v1.TestWebhookEndpointRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.TestWebhookEndpointResponse>) responseObserver);
          break;
        case METHODID_ENABLE_WEBHOOK_ENDPOINT:
          serviceImpl.enableWebhookEndpoint((commerce.returns.v1.EnableWebhookEndpointRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookEndpoint>) responseObserver);
          break;
        case METHODID_LIST_WEBHOOK_DELIVERIES:
          serviceImpl.listWebhookDeliveries((commerce.returns.v1.ListWebhookDeliveriesRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.ListWebhookDeliveriesResponse>) responseObserver);
          break;
        case METHODID_REDELIVER_WEBHOOK:
          serviceImpl.redeliverWebhook((commerce.returns.v1.RedeliverWebhookRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookDelivery>) responseObserver);
          break;
        case METHODID_CREATE_WEBHOOK_REDELIVERY:
          serviceImpl.createWebhookRedelivery((commerce.returns.v1.CreateWebhookRedeliveryRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookRedelivery>) responseObserver);
          break;
        case METHODID_GET_WEBHOOK_REDELIVERY:
          serviceImpl.getWebhookRedelivery((commerce.returns.v1.GetWebhookRedeliveryRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookRedelivery>) responseObserver);
          break;
        case METHODID_LIST_WEBHOOK_REDELIVERIES:
          serviceImpl.listWebhookRedeliveries((commerce.returns.v1.ListWebhookRedeliveriesRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.ListWebhookRedeliveriesResponse>) responseObserver);
          break;
        case METHODID_CANCEL_WEBHOOK_REDELIVERY:
          serviceImpl.cancelWebhookRedelivery((commerce.returns.v1.CancelWebhookRedeliveryRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.WebhookRedelivery>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getCreateWebhookEndpointMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.CreateWebhookEndpointRequest,
              commerce.returns.v1.CreateWebhookEndpointResponse>(
                service, METHODID_CREATE_WEBHOOK_ENDPOINT)))
        .addMethod(
          getGetWebhookEndpointMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.GetWebhookEndpointRequest,
              commerce.returns.v1.WebhookEndpoint>(
                service, METHODID_GET_WEBHOOK_ENDPOINT)))
        .addMethod(
          getListWebhookEndpointsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.ListWebhookEndpointsRequest,
              commerce.returns.v1.ListWebhookEndpointsResponse>(
                service, METHODID_LIST_WEBHOOK_ENDPOINTS)))
        .addMethod(
          getUpdateWebhookEndpointMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.UpdateWebhookEndpointRequest,
              commerce.returns.v1.WebhookEndpoint>(
                service, METHODID_UPDATE_WEBHOOK_ENDPOINT)))
        .addMethod(
          getDeleteWebhookEndpointMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.DeleteWebhookEndpointRequest,
              com.google.protobuf.Empty>(
                service, METHODID_DELETE_WEBHOOK_ENDPOINT)))
        .addMethod(
          getRotateWebhookSecretMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.RotateWebhookSecretRequest,
              commerce.returns.v1.RotateWebhookSecretResponse>(
                service, METHODID_ROTATE_WEBHOOK_SECRET)))
        .addMethod(
          getTestWebhookEndpointMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.TestWebhookEndpointRequest,
              commerce.returns.v1.TestWebhookEndpointResponse>(
                service, METHODID_TEST_WEBHOOK_ENDPOINT)))
        .addMethod(
          getEnableWebhookEndpointMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.EnableWebhookEndpointRequest,
              commerce.returns.v1.WebhookEndpoint>(
                service, METHODID_ENABLE_WEBHOOK_ENDPOINT)))
        .addMethod(
          getListWebhookDeliveriesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.ListWebhookDeliveriesRequest,
              commerce.returns.v1.ListWebhookDeliveriesResponse>(
                service, METHODID_LIST_WEBHOOK_DELIVERIES)))
        .addMethod(
          getRedeliverWebhookMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.RedeliverWebhookRequest,
              commerce.returns.v1.WebhookDelivery>(
                service, METHODID_REDELIVER_WEBHOOK)))
        .addMethod(
          getCreateWebhookRedeliveryMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.CreateWebhookRedeliveryRequest,
              commerce.returns.v1.WebhookRedelivery>(
                service, METHODID_CREATE_WEBHOOK_REDELIVERY)))
        .addMethod(
          getGetWebhookRedeliveryMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.GetWebhookRedeliveryRequest,
              commerce.returns.v1.WebhookRedelivery>(
                service, METHODID_GET_WEBHOOK_REDELIVERY)))
        .addMethod(
          getListWebhookRedeliveriesMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.ListWebhookRedeliveriesRequest,
              commerce.returns.v1.ListWebhookRedeliveriesResponse>(
                service, METHODID_LIST_WEBHOOK_REDELIVERIES)))
        .addMethod(
          getCancelWebhookRedeliveryMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.CancelWebhookRedeliveryRequest,
              commerce.returns.v1.WebhookRedelivery>(
                service, METHODID_CANCEL_WEBHOOK_REDELIVERY)))
        .build();
  }

  private static abstract class WebhooksServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    WebhooksServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return commerce.returns.v1.WebhooksServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("WebhooksService");
    }
  }

  private static final class WebhooksServiceFileDescriptorSupplier
      extends WebhooksServiceBaseDescriptorSupplier {
    WebhooksServiceFileDescriptorSupplier() {}
  }

  private static final class WebhooksServiceMethodDescriptorSupplier
      extends WebhooksServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    WebhooksServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (WebhooksServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new WebhooksServiceFileDescriptorSupplier())
              .addMethod(getCreateWebhookEndpointMethod())
              .addMethod(getGetWebhookEndpointMethod())
              .addMethod(getListWebhookEndpointsMethod())
              .addMethod(getUpdateWebhookEndpointMethod())
              .addMethod(getDeleteWebhookEndpointMethod())
              .addMethod(getRotateWebhookSecretMethod())
              .addMethod(getTestWebhookEndpointMethod())
              .addMethod(getEnableWebhookEndpointMethod())
              .addMethod(getListWebhookDeliveriesMethod())
              .addMethod(getRedeliverWebhookMethod())
              .addMethod(getCreateWebhookRedeliveryMethod())
              .addMethod(getGetWebhookRedeliveryMethod())
              .addMethod(getListWebhookRedeliveriesMethod())
              .addMethod(getCancelWebhookRedeliveryMethod())
              .build();
        }
      }
    }
    return result;
  }
}
