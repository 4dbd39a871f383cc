package commerce.returns.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * The rules by which a tenant takes goods back. Set with the scope `returns.policy_manage`; read with any scope of this
 * service.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class PolicyServiceGrpc {

  private PolicyServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "commerce.returns.v1.PolicyService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.GetReturnPolicyRequest,
      commerce.returns.v1.ReturnPolicy> getGetReturnPolicyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetReturnPolicy",
      requestType = commerce.returns.v1.GetReturnPolicyRequest.class,
      responseType = commerce.returns.v1.ReturnPolicy.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.GetReturnPolicyRequest,
      commerce.returns.v1.ReturnPolicy> getGetReturnPolicyMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.GetReturnPolicyRequest, commerce.returns.v1.ReturnPolicy> getGetReturnPolicyMethod;
    if ((getGetReturnPolicyMethod = PolicyServiceGrpc.getGetReturnPolicyMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getGetReturnPolicyMethod = PolicyServiceGrpc.getGetReturnPolicyMethod) == null) {
          PolicyServiceGrpc.getGetReturnPolicyMethod = getGetReturnPolicyMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.GetReturnPolicyRequest, commerce.returns.v1.ReturnPolicy>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetReturnPolicy"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.GetReturnPolicyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ReturnPolicy.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("GetReturnPolicy"))
              .build();
        }
      }
    }
    return getGetReturnPolicyMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.UpdateReturnPolicyRequest,
      commerce.returns.v1.ReturnPolicy> getUpdateReturnPolicyMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateReturnPolicy",
      requestType = commerce.returns.v1.UpdateReturnPolicyRequest.class,
      responseType = commerce.returns.v1.ReturnPolicy.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.UpdateReturnPolicyRequest,
      commerce.returns.v1.ReturnPolicy> getUpdateReturnPolicyMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.UpdateReturnPolicyRequest, commerce.returns.v1.ReturnPolicy> getUpdateReturnPolicyMethod;
    if ((getUpdateReturnPolicyMethod = PolicyServiceGrpc.getUpdateReturnPolicyMethod) == null) {
      synchronized (PolicyServiceGrpc.class) {
        if ((getUpdateReturnPolicyMethod = PolicyServiceGrpc.getUpdateReturnPolicyMethod) == null) {
          PolicyServiceGrpc.getUpdateReturnPolicyMethod = getUpdateReturnPolicyMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.UpdateReturnPolicyRequest, commerce.returns.v1.ReturnPolicy>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateReturnPolicy"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.UpdateReturnPolicyRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ReturnPolicy.getDefaultInstance()))
              .setSchemaDescriptor(new PolicyServiceMethodDescriptorSupplier("UpdateReturnPolicy"))
              .build();
        }
      }
    }
    return getUpdateReturnPolicyMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static PolicyServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PolicyServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PolicyServiceStub>() {
        @java.lang.Override
        public PolicyServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PolicyServiceStub(channel, callOptions);
        }
      };
    return PolicyServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static PolicyServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PolicyServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PolicyServiceBlockingV2Stub>() {
        @java.lang.Override
        public PolicyServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PolicyServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return PolicyServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static PolicyServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PolicyServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PolicyServiceBlockingStub>() {
        @java.lang.Override
        public PolicyServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PolicyServiceBlockingStub(channel, callOptions);
        }
      };
    return PolicyServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static PolicyServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<PolicyServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<PolicyServiceFutureStub>() {
        @java.lang.Override
        public PolicyServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new PolicyServiceFutureStub(channel, callOptions);
        }
      };
    return PolicyServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * The rules by which a tenant takes goods back. Set with the scope `returns.policy_manage`; read with any scope of this
   * service.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Answers the tenant's policy; the defaults where none was set.
     * </pre>
     */
    default void getReturnPolicy(commerce.returns.v1.GetReturnPolicyRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ReturnPolicy> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetReturnPolicyMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes the tenant's policy. Returns that are filed already keep what they have.
     * </pre>
     */
    default void updateReturnPolicy(commerce.returns.v1.UpdateReturnPolicyRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ReturnPolicy> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateReturnPolicyMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service PolicyService.
   * <pre>
   * The rules by which a tenant takes goods back. Set with the scope `returns.policy_manage`; read with any scope of this
   * service.
   * </pre>
   */
  public static abstract class PolicyServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return PolicyServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service PolicyService.
   * <pre>
   * The rules by which a tenant takes goods back. Set with the scope `returns.policy_manage`; read with any scope of this
   * service.
   * </pre>
   */
  public static final class PolicyServiceStub
      extends io.grpc.stub.AbstractAsyncStub<PolicyServiceStub> {
    private PolicyServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PolicyServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PolicyServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Answers the tenant's policy; the defaults where none was set.
     * </pre>
     */
    public void getReturnPolicy(commerce.returns.v1.GetReturnPolicyRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ReturnPolicy> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetReturnPolicyMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes the tenant's policy. Returns that are filed already keep what they have.
     * </pre>
     */
    public void updateReturnPolicy(commerce.returns.v1.UpdateReturnPolicyRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ReturnPolicy> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateReturnPolicyMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service PolicyService.
   * <pre>
   * The rules by which a tenant takes goods back. Set with the scope `returns.policy_manage`; read with any scope of this
   * service.
   * </pre>
   */
  public static final class PolicyServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<PolicyServiceBlockingV2Stub> {
    private PolicyServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PolicyServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PolicyServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Answers the tenant's policy; the defaults where none was set.
     * </pre>
     */
    public commerce.returns.v1.ReturnPolicy getReturnPolicy(commerce.returns.v1.GetReturnPolicyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetReturnPolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the tenant's policy. Returns that are filed already keep what they have.
     * </pre>
     */
    public commerce.returns.v1.ReturnPolicy updateReturnPolicy(commerce.returns.v1.UpdateReturnPolicyRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateReturnPolicyMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service PolicyService.
   * <pre>
   * The rules by which a tenant takes goods back. Set with the scope `returns.policy_manage`; read with any scope of this
   * service.
   * </pre>
   */
  public static final class PolicyServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<PolicyServiceBlockingStub> {
    private PolicyServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PolicyServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PolicyServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Answers the tenant's policy; the defaults where none was set.
     * </pre>
     */
    public commerce.returns.v1.ReturnPolicy getReturnPolicy(commerce.returns.v1.GetReturnPolicyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetReturnPolicyMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes the tenant's policy. Returns that are filed already keep what they have.
     * </pre>
     */
    public commerce.returns.v1.ReturnPolicy updateReturnPolicy(commerce.returns.v1.UpdateReturnPolicyRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateReturnPolicyMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service PolicyService.
   * <pre>
   * The rules by which a tenant takes goods back. Set with the scope `returns.policy_manage`; read with any scope of this
   * service.
   * </pre>
   */
  public static final class PolicyServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<PolicyServiceFutureStub> {
    private PolicyServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected PolicyServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new PolicyServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Answers the tenant's policy; the defaults where none was set.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.ReturnPolicy> getReturnPolicy(
        commerce.returns.v1.GetReturnPolicyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetReturnPolicyMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes the tenant's policy. Returns that are filed already keep what they have.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.ReturnPolicy> updateReturnPolicy(
        commerce.returns.v1.UpdateReturnPolicyRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateReturnPolicyMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_GET_RETURN_POLICY = 0;
  private static final int METHODID_UPDATE_RETURN_POLICY = 1;

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
        case METHODID_GET_RETURN_POLICY:
          serviceImpl.getReturnPolicy((commerce.returns.v1.GetReturnPolicyRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.ReturnPolicy>) responseObserver);
          break;
        case METHODID_UPDATE_RETURN_POLICY:
          serviceImpl.updateReturnPolicy((commerce.returns.v1.UpdateReturnPolicyRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.ReturnPolicy>) responseObserver);
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
          getGetReturnPolicyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.GetReturnPolicyRequest,
              commerce.returns.v1.ReturnPolicy>(
                service, METHODID_GET_RETURN_POLICY)))
        .addMethod(
          getUpdateReturnPolicyMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.UpdateReturnPolicyRequest,
              commerce.returns.v1.ReturnPolicy>(
                service, METHODID_UPDATE_RETURN_POLICY)))
        .build();
  }

  private static abstract class PolicyServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    PolicyServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return commerce.returns.v1.PolicyServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("PolicyService");
    }
  }

  private static final class PolicyServiceFileDescriptorSupplier
      extends PolicyServiceBaseDescriptorSupplier {
    PolicyServiceFileDescriptorSupplier() {}
  }

  private static final class PolicyServiceMethodDescriptorSupplier
      extends PolicyServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    PolicyServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (PolicyServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new PolicyServiceFileDescriptorSupplier())
              .addMethod(getGetReturnPolicyMethod())
              .addMethod(getUpdateReturnPolicyMethod())
              .build();
        }
      }
    }
    return result;
  }
}
