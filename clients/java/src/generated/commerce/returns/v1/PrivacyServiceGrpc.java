package commerce.returns.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * PrivacyService tells a person what is stored about them, and forgets it: the rights of access and of erasure.
 * A person is known by a customer id, by an e-mail address, or by both. All methods need the scope
 * `returns.privacy_manage`, which no other scope brings with it.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class PrivacyServiceGrpc {

  private PrivacyServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "commerce.returns.v1.PrivacyService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.ExportPersonRequest,
      commerce.returns.v1.ExportPersonResponse> getExportPersonMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ExportPerson",
      requestType = commerce.returns.v1.ExportPersonRequest.class,
      responseType = commerce.returns.v1.ExportPersonResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.ExportPersonRequest,
      commerce.returns.v1.ExportPersonResponse> getExportPersonMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.ExportPersonRequest, commerce.returns.v1.ExportPersonResponse> getExportPersonMethod;
    if ((getExportPersonMethod = PrivacyServiceGrpc.getExportPersonMethod) == null) {
      synchronized (PrivacyServiceGrpc.class) {
        if ((getExportPersonMethod = PrivacyServiceGrpc.getExportPersonMethod) == null) {
          PrivacyServiceGrpc.getExportPersonMethod = getExportPersonMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.ExportPersonRequest, commerce.returns.v1.ExportPersonResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ExportPerson"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ExportPersonRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ExportPersonResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PrivacyServiceMethodDescriptorSupplier("ExportPerson"))
              .build();
        }
      }
    }
    return getExportPersonMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.ErasePersonRequest,
      commerce.returns.v1.ErasePersonResponse> getErasePersonMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ErasePerson",
      requestType = commerce.returns.v1.ErasePersonRequest.class,
      responseType = commerce.returns.v1.ErasePersonResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.ErasePersonRequest,
      commerce.returns.v1.ErasePersonResponse> getErasePersonMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.ErasePersonRequest, commerce.returns.v1.ErasePersonResponse> getErasePersonMethod;
    if ((getErasePersonMethod = PrivacyServiceGrpc.getErasePersonMethod) == null) {
      synchronized (PrivacyServiceGrpc.class) {
        if ((getErasePersonMethod = PrivacyServiceGrpc.getErasePersonMethod) == null) {
          PrivacyServiceGrpc.getErasePersonMethod = getErasePersonMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.ErasePersonRequest, commerce.returns.v1.ErasePersonResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ErasePerson"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ErasePersonRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ErasePersonResponse.getDefaultInstance()))
              .setSchemaDescriptor(new PrivacyServiceMethodDescriptorSupplier("ErasePerson"))
              .build();
        }
      }
    }
    return getErasePersonMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static PrivacyServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PrivacyServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PrivacyServiceStub>() {
        @java.lang.Override
        public PrivacyServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PrivacyServiceStub(channel, callOptions);
        }
      };
    return PrivacyServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static PrivacyServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PrivacyServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PrivacyServiceBlockingV2Stub>() {
        @java.lang.Override
        public PrivacyServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PrivacyServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return PrivacyServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static PrivacyServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PrivacyServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PrivacyServiceBlockingStub>() {
        @java.lang.Override
        public PrivacyServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PrivacyServiceBlockingStub(channel, callOptions);
        }
      };
    return PrivacyServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static PrivacyServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PrivacyServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PrivacyServiceFutureStub>() {
        @java.lang.Override
        public PrivacyServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PrivacyServiceFutureStub(channel, callOptions);
        }
      };
    return PrivacyServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * PrivacyService tells a person what is stored about them, and forgets it: the rights of access and of erasure.
   * A person is known by a customer id, by an e-mail address, or by both. All methods need the scope
   * `returns.privacy_manage`, which no other scope brings with it.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Exports what is stored about a person, page by page: orders first, then returns, then events. Reads only; what it
     * reads is what ErasePerson would change. A page may be short, or empty, and still have a next one.
     * </pre>
     */
    default void exportPerson(commerce.returns.v1.ExportPersonRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ExportPersonResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getExportPersonMethod(), responseObserver);
    }

    /**
     * <pre>
     * Erases a person from orders, returns, events, webhook attempts and remembered answers; nothing brings it back.
     * Names, addresses, identifiers, free texts and `attributes` vanish; quantities, prices, codes, states and times stay,
     * so that the books balance as before. The orders become anonymous, and the returns nobody's: only staff see them.
     * Each return whose state changed gets the next version and an event `return.person_erased`, whose snapshot no longer
     * tells of the person: who keeps copies erases them at that event. Past events are rewritten where they stand, under
     * the same sequence, id and cursor.
     * Works for some seconds at most. While `resume_token` is not empty there is more to do: send it with the next request.
     * To begin again from the start is harmless: what was erased is not found again. The webhooks of the tenant's own
     * systems, its backups and whatever its feed sends again are beyond this method.
     * </pre>
     */
    default void erasePerson(commerce.returns.v1.ErasePersonRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ErasePersonResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getErasePersonMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service PrivacyService.
   * <pre>
   * PrivacyService tells a person what is stored about them, and forgets it: the rights of access and of erasure.
   * A person is known by a customer id, by an e-mail address, or by both. All methods need the scope
   * `returns.privacy_manage`, which no other scope brings with it.
   * </pre>
   */
  public static abstract class PrivacyServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return PrivacyServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service PrivacyService.
   * <pre>
   * PrivacyService tells a person what is stored about them, and forgets it: the rights of access and of erasure.
   * A person is known by a customer id, by an e-mail address, or by both. All methods need the scope
   * `returns.privacy_manage`, which no other scope brings with it.
   * </pre>
   */
  public static final class PrivacyServiceStub
      extends io.grpc.stub.AbstractAsyncStub<PrivacyServiceStub> {
    private PrivacyServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PrivacyServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PrivacyServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Exports what is stored about a person, page by page: orders first, then returns, then events. Reads only; what it
     * reads is what ErasePerson would change. A page may be short, or empty, and still have a next one.
     * </pre>
     */
    public void exportPerson(commerce.returns.v1.ExportPersonRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ExportPersonResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getExportPersonMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Erases a person from orders, returns, events, webhook attempts and remembered answers; nothing brings it back.
     * Names, addresses, identifiers, free texts and `attributes` vanish; quantities, prices, codes, states and times stay,
     * so that the books balance as before. The orders become anonymous, and the returns nobody's: only staff see them.
     * Each return whose state changed gets the next version and an event `return.person_erased`, whose snapshot no longer
     * tells of the person: who keeps copies erases them at that event. Past events are rewritten where they stand, under
     * the same sequence, id and cursor.
     * Works for some seconds at most. While `resume_token` is not empty there is more to do: send it with the next request.
     * To begin again from the start is harmless: what was erased is not found again. The webhooks of the tenant's own
     * systems, its backups and whatever its feed sends again are beyond this method.
     * </pre>
     */
    public void erasePerson(commerce.returns.v1.ErasePersonRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ErasePersonResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getErasePersonMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service PrivacyService.
   * <pre>
   * PrivacyService tells a person what is stored about them, and forgets it: the rights of access and of erasure.
   * A person is known by a customer id, by an e-mail address, or by both. All methods need the scope
   * `returns.privacy_manage`, which no other scope brings with it.
   * </pre>
   */
  public static final class PrivacyServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<PrivacyServiceBlockingV2Stub> {
    private PrivacyServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PrivacyServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PrivacyServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Exports what is stored about a person, page by page: orders first, then returns, then events. Reads only; what it
     * reads is what ErasePerson would change. A page may be short, or empty, and still have a next one.
     * </pre>
     */
    public commerce.returns.v1.ExportPersonResponse exportPerson(commerce.returns.v1.ExportPersonRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getExportPersonMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Erases a person from orders, returns, events, webhook attempts and remembered answers; nothing brings it back.
     * Names, addresses, identifiers, free texts and `attributes` vanish; quantities, prices, codes, states and times stay,
     * so that the books balance as before. The orders become anonymous, and the returns nobody's: only staff see them.
     * Each return whose state changed gets the next version and an event `return.person_erased`, whose snapshot no longer
     * tells of the person: who keeps copies erases them at that event. Past events are rewritten where they stand, under
     * the same sequence, id and cursor.
     * Works for some seconds at most. While `resume_token` is not empty there is more to do: send it with the next request.
     * To begin again from the start is harmless: what was erased is not found again. The webhooks of the tenant's own
     * systems, its backups and whatever its feed sends again are beyond this method.
     * </pre>
     */
    public commerce.returns.v1.ErasePersonResponse erasePerson(commerce.returns.v1.ErasePersonRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getErasePersonMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service PrivacyService.
   * <pre>
   * PrivacyService tells a person what is stored about them, and forgets it: the rights of access and of erasure.
   * A person is known by a customer id, by an e-mail address, or by both. All methods need the scope
   * `returns.privacy_manage`, which no other scope brings with it.
   * </pre>
   */
  public static final class PrivacyServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<PrivacyServiceBlockingStub> {
    private PrivacyServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PrivacyServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PrivacyServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Exports what is stored about a person, page by page: orders first, then returns, then events. Reads only; what it
     * reads is what ErasePerson would change. A page may be short, or empty, and still have a next one.
     * </pre>
     */
    public commerce.returns.v1.ExportPersonResponse exportPerson(commerce.returns.v1.ExportPersonRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getExportPersonMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Erases a person from orders, returns, events, webhook attempts and remembered answers; nothing brings it back.
     * Names, addresses, identifiers, free texts and `attributes` vanish; quantities, prices, codes, states and times stay,
     * so that the books balance as before. The orders become anonymous, and the returns nobody's: only staff see them.
     * Each return whose state changed gets the next version and an event `return.person_erased`, whose snapshot no longer
     * tells of the person: who keeps copies erases them at that event. Past events are rewritten where they stand, under
     * the same sequence, id and cursor.
     * Works for some seconds at most. While `resume_token` is not empty there is more to do: send it with the next request.
     * To begin again from the start is harmless: what was erased is not found again. The webhooks of the tenant's own
     * systems, its backups and whatever its feed sends again are beyond this method.
     * </pre>
     */
    public commerce.returns.v1.ErasePersonResponse erasePerson(commerce.returns.v1.ErasePersonRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getErasePersonMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service PrivacyService.
   * <pre>
   * PrivacyService tells a person what is stored about them, and forgets it: the rights of access and of erasure.
   * A person is known by a customer id, by an e-mail address, or by both. All methods need the scope
   * `returns.privacy_manage`, which no other scope brings with it.
   * </pre>
   */
  public static final class PrivacyServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<PrivacyServiceFutureStub> {
    private PrivacyServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PrivacyServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PrivacyServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Exports what is stored about a person, page by page: orders first, then returns, then events. Reads only; what it
     * reads is what ErasePerson would change. A page may be short, or empty, and still have a next one.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.ExportPersonResponse> exportPerson(
        commerce.returns.v1.ExportPersonRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getExportPersonMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Erases a person from orders, returns, events, webhook attempts and remembered answers; nothing brings it back.
     * Names, addresses, identifiers, free texts and `attributes` vanish; quantities, prices, codes, states and times stay,
     * so that the books balance as before. The orders become anonymous, and the returns nobody's: only staff see them.
     * Each return whose state changed gets the next version and an event `return.person_erased`, whose snapshot no longer
     * tells of the person: who keeps copies erases them at that event. Past events are rewritten where they stand, under
     * the same sequence, id and cursor.
     * Works for some seconds at most. While `resume_token` is not empty there is more to do: send it with the next request.
     * To begin again from the start is harmless: what was erased is not found again. The webhooks of the tenant's own
     * systems, its backups and whatever its feed sends again are beyond this method.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.ErasePersonResponse> erasePerson(
        commerce.returns.v1.ErasePersonRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getErasePersonMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_EXPORT_PERSON = 0;
  private static final int METHODID_ERASE_PERSON = 1;

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
        case METHODID_EXPORT_PERSON:
          serviceImpl.exportPerson((commerce.returns.v1.ExportPersonRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.ExportPersonResponse>) responseObserver);
          break;
        case METHODID_ERASE_PERSON:
          serviceImpl.erasePerson((commerce.returns.v1.ErasePersonRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.ErasePersonResponse>) responseObserver);
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
          getExportPersonMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.ExportPersonRequest,
              commerce.returns.v1.ExportPersonResponse>(
                service, METHODID_EXPORT_PERSON)))
        .addMethod(
          getErasePersonMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.ErasePersonRequest,
              commerce.returns.v1.ErasePersonResponse>(
                service, METHODID_ERASE_PERSON)))
        .build();
  }

  private static abstract class PrivacyServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    PrivacyServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return commerce.returns.v1.PrivacyServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("PrivacyService");
    }
  }

  private static final class PrivacyServiceFileDescriptorSupplier
      extends PrivacyServiceBaseDescriptorSupplier {
    PrivacyServiceFileDescriptorSupplier() {}
  }

  private static final class PrivacyServiceMethodDescriptorSupplier
      extends PrivacyServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    PrivacyServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (PrivacyServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new PrivacyServiceFileDescriptorSupplier())
              .addMethod(getExportPersonMethod())
              .addMethod(getErasePersonMethod())
              .build();
        }
      }
    }
    return result;
  }
}
