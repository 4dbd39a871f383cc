package commerce.returns.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Orders: the feed of sales that returns are made of. Fed with the scope `returns.orders_manage`; read with that one or
 * any scope on returns, by customers their own.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class OrdersServiceGrpc {

  private OrdersServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "commerce.returns.v1.OrdersService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.ImportOrdersRequest,
      commerce.returns.v1.ImportOrdersResponse> getImportOrdersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ImportOrders",
      requestType = commerce.returns.v1.ImportOrdersRequest.class,
      responseType = commerce.returns.v1.ImportOrdersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.ImportOrdersRequest,
      commerce.returns.v1.ImportOrdersResponse> getImportOrdersMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.ImportOrdersRequest, commerce.returns.v1.ImportOrdersResponse> getImportOrdersMethod;
    if ((getImportOrdersMethod = OrdersServiceGrpc.getImportOrdersMethod) == null) {
      synchronized (OrdersServiceGrpc.class) {
        if ((getImportOrdersMethod = OrdersServiceGrpc.getImportOrdersMethod) == null) {
          OrdersServiceGrpc.getImportOrdersMethod = getImportOrdersMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.ImportOrdersRequest, commerce.returns.v1.ImportOrdersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.CLIENT_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ImportOrders"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ImportOrdersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ImportOrdersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OrdersServiceMethodDescriptorSupplier("ImportOrders"))
              .build();
        }
      }
    }
    return getImportOrdersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.UpsertOrderRequest,
      commerce.returns.v1.Order> getUpsertOrderMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpsertOrder",
      requestType = commerce.returns.v1.UpsertOrderRequest.class,
      responseType = commerce.returns.v1.Order.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.UpsertOrderRequest,
      commerce.returns.v1.Order> getUpsertOrderMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.UpsertOrderRequest, commerce.returns.v1.Order> getUpsertOrderMethod;
    if ((getUpsertOrderMethod = OrdersServiceGrpc.getUpsertOrderMethod) == null) {
      synchronized (OrdersServiceGrpc.class) {
        if ((getUpsertOrderMethod = OrdersServiceGrpc.getUpsertOrderMethod) == null) {
          OrdersServiceGrpc.getUpsertOrderMethod = getUpsertOrderMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.UpsertOrderRequest, commerce.returns.v1.Order>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpsertOrder"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.UpsertOrderRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.Order.getDefaultInstance()))
              .setSchemaDescriptor(new OrdersServiceMethodDescriptorSupplier("UpsertOrder"))
              .build();
        }
      }
    }
    return getUpsertOrderMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.GetOrderRequest,
      commerce.returns.v1.Order> getGetOrderMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetOrder",
      requestType = commerce.returns.v1.GetOrderRequest.class,
      responseType = commerce.returns.v1.Order.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.GetOrderRequest,
      commerce.returns.v1.Order> getGetOrderMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.GetOrderRequest, commerce.returns.v1.Order> getGetOrderMethod;
    if ((getGetOrderMethod = OrdersServiceGrpc.getGetOrderMethod) == null) {
      synchronized (OrdersServiceGrpc.class) {
        if ((getGetOrderMethod = OrdersServiceGrpc.getGetOrderMethod) == null) {
          OrdersServiceGrpc.getGetOrderMethod = getGetOrderMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.GetOrderRequest, commerce.returns.v1.Order>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetOrder"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.GetOrderRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.Order.getDefaultInstance()))
              .setSchemaDescriptor(new OrdersServiceMethodDescriptorSupplier("GetOrder"))
              .build();
        }
      }
    }
    return getGetOrderMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.ListOrdersRequest,
      commerce.returns.v1.ListOrdersResponse> getListOrdersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListOrders",
      requestType = commerce.returns.v1.ListOrdersRequest.class,
      responseType = commerce.returns.v1.ListOrdersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.ListOrdersRequest,
      commerce.returns.v1.ListOrdersResponse> getListOrdersMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.ListOrdersRequest, commerce.returns.v1.ListOrdersResponse> getListOrdersMethod;
    if ((getListOrdersMethod = OrdersServiceGrpc.getListOrdersMethod) == null) {
      synchronized (OrdersServiceGrpc.class) {
        if ((getListOrdersMethod = OrdersServiceGrpc.getListOrdersMethod) == null) {
          OrdersServiceGrpc.getListOrdersMethod = getListOrdersMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.ListOrdersRequest, commerce.returns.v1.ListOrdersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListOrders"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ListOrdersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ListOrdersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new OrdersServiceMethodDescriptorSupplier("ListOrders"))
              .build();
        }
      }
    }
    return getListOrdersMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static OrdersServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<OrdersServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<OrdersServiceStub>() {
        @java.lang.Override
        public OrdersServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new OrdersServiceStub(channel, callOptions);
        }
      };
    return OrdersServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static OrdersServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<OrdersServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<OrdersServiceBlockingV2Stub>() {
        @java.lang.Override
        public OrdersServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new OrdersServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return OrdersServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static OrdersServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<OrdersServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<OrdersServiceBlockingStub>() {
        @java.lang.Override
        public OrdersServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new OrdersServiceBlockingStub(channel, callOptions);
        }
      };
    return OrdersServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static OrdersServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<OrdersServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<OrdersServiceFutureStub>() {
        @java.lang.Override
        public OrdersServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new OrdersServiceFutureStub(channel, callOptions);
        }
      };
    return OrdersServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Orders: the feed of sales that returns are made of. Fed with the scope `returns.orders_manage`; read with that one or
   * any scope on returns, by customers their own.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Takes a stream of orders, of any length, and answers when it ends. An order that is known is updated, one that says
     * nothing new is left alone, one that is wrong is counted and leaves the others untouched. Safe to repeat as a whole.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<commerce.returns.v1.ImportOrdersRequest> importOrders(
        io.grpc.stub.StreamObserver<commerce.returns.v1.ImportOrdersResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getImportOrdersMethod(), responseObserver);
    }

    /**
     * <pre>
     * Takes one order: creates it, or makes it what is said now. ORDER_QUANTITY_CLAIMED if it would fall below what
     * returns claim of it, in units or in value, or change its currency then.
     * </pre>
     */
    default void upsertOrder(commerce.returns.v1.UpsertOrderRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Order> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpsertOrderMethod(), responseObserver);
    }

    /**
     * <pre>
     * Answers one order.
     * </pre>
     */
    default void getOrder(commerce.returns.v1.GetOrderRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Order> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetOrderMethod(), responseObserver);
    }

    /**
     * <pre>
     * Answers the orders of a tenant that match a filter, in pages, newest `place_time` first; customers see their own.
     * </pre>
     */
    default void listOrders(commerce.returns.v1.ListOrdersRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ListOrdersResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListOrdersMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service OrdersService.
   * <pre>
   * Orders: the feed of sales that returns are made of. Fed with the scope `returns.orders_manage`; read with that one or
   * any scope on returns, by customers their own.
   * </pre>
   */
  public static abstract class OrdersServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return OrdersServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service OrdersService.
   * <pre>
   * Orders: the feed of sales that returns are made of. Fed with the scope `returns.orders_manage`; read with that one or
   * any scope on returns, by customers their own.
   * </pre>
   */
  public static final class OrdersServiceStub
      extends io.grpc.stub.AbstractAsyncStub<OrdersServiceStub> {
    private OrdersServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected OrdersServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new OrdersServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes a stream of orders, of any length, and answers when it ends. An order that is known is updated, one that says
     * nothing new is left alone, one that is wrong is counted and leaves the others untouched. Safe to repeat as a whole.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<commerce.returns.v1.ImportOrdersRequest> importOrders(
        io.grpc.stub.StreamObserver<commerce.returns.v1.ImportOrdersResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncClientStreamingCall(
          getChannel().newCall(getImportOrdersMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * Takes one order: creates it, or makes it what is said now. ORDER_QUANTITY_CLAIMED if it would fall below what
     * returns claim of it, in units or in value, or change its currency then.
     * </pre>
     */
    public void upsertOrder(commerce.returns.v1.UpsertOrderRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Order> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpsertOrderMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Answers one order.
     * </pre>
     */
    public void getOrder(commerce.returns.v1.GetOrderRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Order> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetOrderMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Answers the orders of a tenant that match a filter, in pages, newest `place_time` first; customers see their own.
     * </pre>
     */
    public void listOrders(commerce.returns.v1.ListOrdersRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ListOrdersResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListOrdersMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service OrdersService.
   * <pre>
   * Orders: the feed of sales that returns are made of. Fed with the scope `returns.orders_manage`; read with that one or
   * any scope on returns, by customers their own.
   * </pre>
   */
  public static final class OrdersServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<OrdersServiceBlockingV2Stub> {
    private OrdersServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected OrdersServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new OrdersServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes a stream of orders, of any length, and answers when it ends. An order that is known is updated, one that says
     * nothing new is left alone, one that is wrong is counted and leaves the others untouched. Safe to repeat as a whole.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<commerce.returns.v1.ImportOrdersRequest, commerce.returns.v1.ImportOrdersResponse>
        importOrders() {
      return io.grpc.stub.ClientCalls.blockingClientStreamingCall(
          getChannel(), getImportOrdersMethod(), getCallOptions());
    }

    /**
     * <pre>
     * Takes one order: creates it, or makes it what is said now. ORDER_QUANTITY_CLAIMED if it would fall below what
     * returns claim of it, in units or in value, or change its currency then.
     * </pre>
     */
    public commerce.returns.v1.Order upsertOrder(commerce.returns.v1.UpsertOrderRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpsertOrderMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers one order.
     * </pre>
     */
    public commerce.returns.v1.Order getOrder(commerce.returns.v1.GetOrderRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetOrderMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers the orders of a tenant that match a filter, in pages, newest `place_time` first; customers see their own.
     * </pre>
     */
    public commerce.returns.v1.ListOrdersResponse listOrders(commerce.returns.v1.ListOrdersRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListOrdersMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service OrdersService.
   * <pre>
   * Orders: the feed of sales that returns are made of. Fed with the scope `returns.orders_manage`; read with that one or
   * any scope on returns, by customers their own.
   * </pre>
   */
  public static final class OrdersServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<OrdersServiceBlockingStub> {
    private OrdersServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected OrdersServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new OrdersServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes one order: creates it, or makes it what is said now. ORDER_QUANTITY_CLAIMED if it would fall below what
     * returns claim of it, in units or in value, or change its currency then.
     * </pre>
     */
    public commerce.returns.v1.Order upsertOrder(commerce.returns.v1.UpsertOrderRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpsertOrderMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers one order.
     * </pre>
     */
    public commerce.returns.v1.Order getOrder(commerce.returns.v1.GetOrderRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetOrderMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers the orders of a tenant that match a filter, in pages, newest `place_time` first; customers see their own.
     * </pre>
     */
    public commerce.returns.v1.ListOrdersResponse listOrders(commerce.returns.v1.ListOrdersRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListOrdersMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service OrdersService.
   * <pre>
   * Orders: the feed of sales that returns are made of. Fed with the scope `returns.orders_manage`; read with that one or
   * any scope on returns, by customers their own.
   * </pre>
   */
  public static final class OrdersServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<OrdersServiceFutureStub> {
    private OrdersServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected OrdersServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new OrdersServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Takes one order: creates it, or makes it what is said now. ORDER_QUANTITY_CLAIMED if it would fall below what
     * returns claim of it, in units or in value, or change its currency then.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.Order> upsertOrder(
        commerce.returns.v1.UpsertOrderRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpsertOrderMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Answers one order.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.Order> getOrder(
        commerce.returns.v1.GetOrderRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetOrderMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Answers the orders of a tenant that match a filter, in pages, newest `place_time` first; customers see their own.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.ListOrdersResponse> listOrders(
        commerce.returns.v1.ListOrdersRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListOrdersMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_UPSERT_ORDER = 0;
  private static final int METHODID_GET_ORDER = 1;
  private static final int METHODID_LIST_ORDERS = 2;
  private static final int METHODID_IMPORT_ORDERS = 3;

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
        case METHODID_UPSERT_ORDER:
          serviceImpl.upsertOrder((commerce.returns.v1.UpsertOrderRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.Order>) responseObserver);
          break;
        case METHODID_GET_ORDER:
          serviceImpl.getOrder((commerce.returns.v1.GetOrderRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.Order>) responseObserver);
          break;
        case METHODID_LIST_ORDERS:
          serviceImpl.listOrders((commerce.returns.v1.ListOrdersRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.ListOrdersResponse>) responseObserver);
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
        case METHODID_IMPORT_ORDERS:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.importOrders(
              (io.grpc.stub.StreamObserver<commerce.returns.v1.ImportOrdersResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getImportOrdersMethod(),
          io.grpc.stub.ServerCalls.asyncClientStreamingCall(
            new MethodHandlers<
              commerce.returns.v1.ImportOrdersRequest,
              commerce.returns.v1.ImportOrdersResponse>(
                service, METHODID_IMPORT_ORDERS)))
        .addMethod(
          getUpsertOrderMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.UpsertOrderRequest,
              commerce.returns.v1.Order>(
                service, METHODID_UPSERT_ORDER)))
        .addMethod(
          getGetOrderMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.GetOrderRequest,
              commerce.returns.v1.Order>(
                service, METHODID_GET_ORDER)))
        .addMethod(
          getListOrdersMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.ListOrdersRequest,
              commerce.returns.v1.ListOrdersResponse>(
                service, METHODID_LIST_ORDERS)))
        .build();
  }

  private static abstract class OrdersServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    OrdersServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return commerce.returns.v1.OrdersServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("OrdersService");
    }
  }

  private static final class OrdersServiceFileDescriptorSupplier
      extends OrdersServiceBaseDescriptorSupplier {
    OrdersServiceFileDescriptorSupplier() {}
  }

  private static final class OrdersServiceMethodDescriptorSupplier
      extends OrdersServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    OrdersServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (OrdersServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new OrdersServiceFileDescriptorSupplier())
              .addMethod(getImportOrdersMethod())
              .addMethod(getUpsertOrderMethod())
              .addMethod(getGetOrderMethod())
              .addMethod(getListOrdersMethod())
              .build();
        }
      }
    }
    return result;
  }
}
