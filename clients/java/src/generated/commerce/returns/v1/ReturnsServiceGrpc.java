package commerce.returns.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * Returns: filed by customers or for them, decided, received and closed by the shop.
 * Every call but health and reflection carries a bearer token; its tenant is the only one that the call can name.
 * Scopes: customers `returns.returns_read_own` and `returns.returns_manage_own`, staff and services
 * `returns.returns_read` and `returns.returns_manage`; what belongs to somebody else is NOT_FOUND. Every error has a
 * `google.rpc.ErrorInfo` with an ErrorReason.
 * Changes take a `request_id` that makes them safe to repeat, an `etag` that keeps them from undoing the work of
 * others, and `validate_only` to try them.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class ReturnsServiceGrpc {

  private ReturnsServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "commerce.returns.v1.ReturnsService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.CreateReturnRequest,
      commerce.returns.v1.Return> getCreateReturnMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CreateReturn",
      requestType = commerce.returns.v1.CreateReturnRequest.class,
      responseType = commerce.returns.v1.Return.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.CreateReturnRequest,
      commerce.returns.v1.Return> getCreateReturnMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.CreateReturnRequest, commerce.returns.v1.Return> getCreateReturnMethod;
    if ((getCreateReturnMethod = ReturnsServiceGrpc.getCreateReturnMethod) == null) {
      synchronized (ReturnsServiceGrpc.class) {
        if ((getCreateReturnMethod = ReturnsServiceGrpc.getCreateReturnMethod) == null) {
          ReturnsServiceGrpc.getCreateReturnMethod = getCreateReturnMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.CreateReturnRequest, commerce.returns.v1.Return>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CreateReturn"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.CreateReturnRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.Return.getDefaultInstance()))
              .setSchemaDescriptor(new ReturnsServiceMethodDescriptorSupplier("CreateReturn"))
              .build();
        }
      }
    }
    return getCreateReturnMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.GetReturnRequest,
      commerce.returns.v1.Return> getGetReturnMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "GetReturn",
      requestType = commerce.returns.v1.GetReturnRequest.class,
      responseType = commerce.returns.v1.Return.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.GetReturnRequest,
      commerce.returns.v1.Return> getGetReturnMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.GetReturnRequest, commerce.returns.v1.Return> getGetReturnMethod;
    if ((getGetReturnMethod = ReturnsServiceGrpc.getGetReturnMethod) == null) {
      synchronized (ReturnsServiceGrpc.class) {
        if ((getGetReturnMethod = ReturnsServiceGrpc.getGetReturnMethod) == null) {
          ReturnsServiceGrpc.getGetReturnMethod = getGetReturnMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.GetReturnRequest, commerce.returns.v1.Return>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "GetReturn"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.GetReturnRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.Return.getDefaultInstance()))
              .setSchemaDescriptor(new ReturnsServiceMethodDescriptorSupplier("GetReturn"))
              .build();
        }
      }
    }
    return getGetReturnMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.BatchGetReturnsRequest,
      commerce.returns.v1.BatchGetReturnsResponse> getBatchGetReturnsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "BatchGetReturns",
      requestType = commerce.returns.v1.BatchGetReturnsRequest.class,
      responseType = commerce.returns.v1.BatchGetReturnsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.BatchGetReturnsRequest,
      commerce.returns.v1.BatchGetReturnsResponse> getBatchGetReturnsMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.BatchGetReturnsRequest, commerce.returns.v1.BatchGetReturnsResponse> getBatchGetReturnsMethod;
    if ((getBatchGetReturnsMethod = ReturnsServiceGrpc.getBatchGetReturnsMethod) == null) {
      synchronized (ReturnsServiceGrpc.class) {
        if ((getBatchGetReturnsMethod = ReturnsServiceGrpc.getBatchGetReturnsMethod) == null) {
          ReturnsServiceGrpc.getBatchGetReturnsMethod = getBatchGetReturnsMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.BatchGetReturnsRequest, commerce.returns.v1.BatchGetReturnsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "BatchGetReturns"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.BatchGetReturnsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.BatchGetReturnsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ReturnsServiceMethodDescriptorSupplier("BatchGetReturns"))
              .build();
        }
      }
    }
    return getBatchGetReturnsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.ListReturnsRequest,
      commerce.returns.v1.ListReturnsResponse> getListReturnsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListReturns",
      requestType = commerce.returns.v1.ListReturnsRequest.class,
      responseType = commerce.returns.v1.ListReturnsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.ListReturnsRequest,
      commerce.returns.v1.ListReturnsResponse> getListReturnsMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.ListReturnsRequest, commerce.returns.v1.ListReturnsResponse> getListReturnsMethod;
    if ((getListReturnsMethod = ReturnsServiceGrpc.getListReturnsMethod) == null) {
      synchronized (ReturnsServiceGrpc.class) {
        if ((getListReturnsMethod = ReturnsServiceGrpc.getListReturnsMethod) == null) {
          ReturnsServiceGrpc.getListReturnsMethod = getListReturnsMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.ListReturnsRequest, commerce.returns.v1.ListReturnsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListReturns"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ListReturnsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ListReturnsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ReturnsServiceMethodDescriptorSupplier("ListReturns"))
              .build();
        }
      }
    }
    return getListReturnsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.UpdateReturnRequest,
      commerce.returns.v1.Return> getUpdateReturnMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "UpdateReturn",
      requestType = commerce.returns.v1.UpdateReturnRequest.class,
      responseType = commerce.returns.v1.Return.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.UpdateReturnRequest,
      commerce.returns.v1.Return> getUpdateReturnMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.UpdateReturnRequest, commerce.returns.v1.Return> getUpdateReturnMethod;
    if ((getUpdateReturnMethod = ReturnsServiceGrpc.getUpdateReturnMethod) == null) {
      synchronized (ReturnsServiceGrpc.class) {
        if ((getUpdateReturnMethod = ReturnsServiceGrpc.getUpdateReturnMethod) == null) {
          ReturnsServiceGrpc.getUpdateReturnMethod = getUpdateReturnMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.UpdateReturnRequest, commerce.returns.v1.Return>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "UpdateReturn"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.UpdateReturnRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.Return.getDefaultInstance()))
              .setSchemaDescriptor(new ReturnsServiceMethodDescriptorSupplier("UpdateReturn"))
              .build();
        }
      }
    }
    return getUpdateReturnMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.ApproveReturnRequest,
      commerce.returns.v1.Return> getApproveReturnMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ApproveReturn",
      requestType = commerce.returns.v1.ApproveReturnRequest.class,
      responseType = commerce.returns.v1.Return.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.ApproveReturnRequest,
      commerce.returns.v1.Return> getApproveReturnMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.ApproveReturnRequest, commerce.returns.v1.Return> getApproveReturnMethod;
    if ((getApproveReturnMethod = ReturnsServiceGrpc.getApproveReturnMethod) == null) {
      synchronized (ReturnsServiceGrpc.class) {
        if ((getApproveReturnMethod = ReturnsServiceGrpc.getApproveReturnMethod) == null) {
          ReturnsServiceGrpc.getApproveReturnMethod = getApproveReturnMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.ApproveReturnRequest, commerce.returns.v1.Return>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ApproveReturn"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ApproveReturnRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.Return.getDefaultInstance()))
              .setSchemaDescriptor(new ReturnsServiceMethodDescriptorSupplier("ApproveReturn"))
              .build();
        }
      }
    }
    return getApproveReturnMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.RejectReturnRequest,
      commerce.returns.v1.Return> getRejectReturnMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RejectReturn",
      requestType = commerce.returns.v1.RejectReturnRequest.class,
      responseType = commerce.returns.v1.Return.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.RejectReturnRequest,
      commerce.returns.v1.Return> getRejectReturnMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.RejectReturnRequest, commerce.returns.v1.Return> getRejectReturnMethod;
    if ((getRejectReturnMethod = ReturnsServiceGrpc.getRejectReturnMethod) == null) {
      synchronized (ReturnsServiceGrpc.class) {
        if ((getRejectReturnMethod = ReturnsServiceGrpc.getRejectReturnMethod) == null) {
          ReturnsServiceGrpc.getRejectReturnMethod = getRejectReturnMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.RejectReturnRequest, commerce.returns.v1.Return>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RejectReturn"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.RejectReturnRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.Return.getDefaultInstance()))
              .setSchemaDescriptor(new ReturnsServiceMethodDescriptorSupplier("RejectReturn"))
              .build();
        }
      }
    }
    return getRejectReturnMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.RecordReceiptRequest,
      commerce.returns.v1.Return> getRecordReceiptMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "RecordReceipt",
      requestType = commerce.returns.v1.RecordReceiptRequest.class,
      responseType = commerce.returns.v1.Return.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.RecordReceiptRequest,
      commerce.returns.v1.Return> getRecordReceiptMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.RecordReceiptRequest, commerce.returns.v1.Return> getRecordReceiptMethod;
    if ((getRecordReceiptMethod = ReturnsServiceGrpc.getRecordReceiptMethod) == null) {
      synchronized (ReturnsServiceGrpc.class) {
        if ((getRecordReceiptMethod = ReturnsServiceGrpc.getRecordReceiptMethod) == null) {
          ReturnsServiceGrpc.getRecordReceiptMethod = getRecordReceiptMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.RecordReceiptRequest, commerce.returns.v1.Return>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "RecordReceipt"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.RecordReceiptRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.Return.getDefaultInstance()))
              .setSchemaDescriptor(new ReturnsServiceMethodDescriptorSupplier("RecordReceipt"))
              .build();
        }
      }
    }
    return getRecordReceiptMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.CloseReturnRequest,
      commerce.returns.v1.Return> getCloseReturnMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CloseReturn",
      requestType = commerce.returns.v1.CloseReturnRequest.class,
      responseType = commerce.returns.v1.Return.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.CloseReturnRequest,
      commerce.returns.v1.Return> getCloseReturnMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.CloseReturnRequest, commerce.returns.v1.Return> getCloseReturnMethod;
    if ((getCloseReturnMethod = ReturnsServiceGrpc.getCloseReturnMethod) == null) {
      synchronized (ReturnsServiceGrpc.class) {
        if ((getCloseReturnMethod = ReturnsServiceGrpc.getCloseReturnMethod) == null) {
          ReturnsServiceGrpc.getCloseReturnMethod = getCloseReturnMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.CloseReturnRequest, commerce.returns.v1.Return>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CloseReturn"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.CloseReturnRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.Return.getDefaultInstance()))
              .setSchemaDescriptor(new ReturnsServiceMethodDescriptorSupplier("CloseReturn"))
              .build();
        }
      }
    }
    return getCloseReturnMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.ReopenReturnRequest,
      commerce.returns.v1.Return> getReopenReturnMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ReopenReturn",
      requestType = commerce.returns.v1.ReopenReturnRequest.class,
      responseType = commerce.returns.v1.Return.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.ReopenReturnRequest,
      commerce.returns.v1.Return> getReopenReturnMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.ReopenReturnRequest, commerce.returns.v1.Return> getReopenReturnMethod;
    if ((getReopenReturnMethod = ReturnsServiceGrpc.getReopenReturnMethod) == null) {
      synchronized (ReturnsServiceGrpc.class) {
        if ((getReopenReturnMethod = ReturnsServiceGrpc.getReopenReturnMethod) == null) {
          ReturnsServiceGrpc.getReopenReturnMethod = getReopenReturnMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.ReopenReturnRequest, commerce.returns.v1.Return>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ReopenReturn"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ReopenReturnRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.Return.getDefaultInstance()))
              .setSchemaDescriptor(new ReturnsServiceMethodDescriptorSupplier("ReopenReturn"))
              .build();
        }
      }
    }
    return getReopenReturnMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.DeleteReturnRequest,
      com.google.protobuf.Empty> getDeleteReturnMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "DeleteReturn",
      requestType = commerce.returns.v1.DeleteReturnRequest.class,
      responseType = com.google.protobuf.Empty.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.DeleteReturnRequest,
      com.google.protobuf.Empty> getDeleteReturnMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.DeleteReturnRequest, com.google.protobuf.Empty> getDeleteReturnMethod;
    if ((getDeleteReturnMethod = ReturnsServiceGrpc.getDeleteReturnMethod) == null) {
      synchronized (ReturnsServiceGrpc.class) {
        if ((getDeleteReturnMethod = ReturnsServiceGrpc.getDeleteReturnMethod) == null) {
          ReturnsServiceGrpc.getDeleteReturnMethod = getDeleteReturnMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.DeleteReturnRequest, com.google.protobuf.Empty>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "DeleteReturn"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.DeleteReturnRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  com.google.protobuf.Empty.getDefaultInstance()))
              .setSchemaDescriptor(new ReturnsServiceMethodDescriptorSupplier("DeleteReturn"))
              .build();
        }
      }
    }
    return getDeleteReturnMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.ListReturnableItemsRequest,
      commerce.returns.v1.ListReturnableItemsResponse> getListReturnableItemsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListReturnableItems",
      requestType = commerce.returns.v1.ListReturnableItemsRequest.class,
      responseType = commerce.returns.v1.ListReturnableItemsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.ListReturnableItemsRequest,
      commerce.returns.v1.ListReturnableItemsResponse> getListReturnableItemsMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.ListReturnableItemsRequest, commerce.returns.v1.ListReturnableItemsResponse> getListReturnableItemsMethod;
    if ((getListReturnableItemsMethod = ReturnsServiceGrpc.getListReturnableItemsMethod) == null) {
      synchronized (ReturnsServiceGrpc.class) {
        if ((getListReturnableItemsMethod = ReturnsServiceGrpc.getListReturnableItemsMethod) == null) {
          ReturnsServiceGrpc.getListReturnableItemsMethod = getListReturnableItemsMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.ListReturnableItemsRequest, commerce.returns.v1.ListReturnableItemsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListReturnableItems"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ListReturnableItemsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ListReturnableItemsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ReturnsServiceMethodDescriptorSupplier("ListReturnableItems"))
              .build();
        }
      }
    }
    return getListReturnableItemsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.ListReturnEventsRequest,
      commerce.returns.v1.ListReturnEventsResponse> getListReturnEventsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ListReturnEvents",
      requestType = commerce.returns.v1.ListReturnEventsRequest.class,
      responseType = commerce.returns.v1.ListReturnEventsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.ListReturnEventsRequest,
      commerce.returns.v1.ListReturnEventsResponse> getListReturnEventsMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.ListReturnEventsRequest, commerce.returns.v1.ListReturnEventsResponse> getListReturnEventsMethod;
    if ((getListReturnEventsMethod = ReturnsServiceGrpc.getListReturnEventsMethod) == null) {
      synchronized (ReturnsServiceGrpc.class) {
        if ((getListReturnEventsMethod = ReturnsServiceGrpc.getListReturnEventsMethod) == null) {
          ReturnsServiceGrpc.getListReturnEventsMethod = getListReturnEventsMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.ListReturnEventsRequest, commerce.returns.v1.ListReturnEventsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ListReturnEvents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ListReturnEventsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.ListReturnEventsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ReturnsServiceMethodDescriptorSupplier("ListReturnEvents"))
              .build();
        }
      }
    }
    return getListReturnEventsMethod;
  }

  private static volatile io.grpc.MethodDescriptor<commerce.returns.v1.StreamReturnEventsRequest,
      commerce.returns.v1.StreamReturnEventsResponse> getStreamReturnEventsMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "StreamReturnEvents",
      requestType = commerce.returns.v1.StreamReturnEventsRequest.class,
      responseType = commerce.returns.v1.StreamReturnEventsResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
  public static io.grpc.MethodDescriptor<commerce.returns.v1.StreamReturnEventsRequest,
      commerce.returns.v1.StreamReturnEventsResponse> getStreamReturnEventsMethod() {
    io.grpc.MethodDescriptor<commerce.returns.v1.StreamReturnEventsRequest, commerce.returns.v1.StreamReturnEventsResponse> getStreamReturnEventsMethod;
    if ((getStreamReturnEventsMethod = ReturnsServiceGrpc.getStreamReturnEventsMethod) == null) {
      synchronized (ReturnsServiceGrpc.class) {
        if ((getStreamReturnEventsMethod = ReturnsServiceGrpc.getStreamReturnEventsMethod) == null) {
          ReturnsServiceGrpc.getStreamReturnEventsMethod = getStreamReturnEventsMethod =
              io.grpc.MethodDescriptor.<commerce.returns.v1.StreamReturnEventsRequest, commerce.returns.v1.StreamReturnEventsResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.SERVER_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "StreamReturnEvents"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.StreamReturnEventsRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  commerce.returns.v1.StreamReturnEventsResponse.getDefaultInstance()))
              .setSchemaDescriptor(new ReturnsServiceMethodDescriptorSupplier("StreamReturnEvents"))
              .build();
        }
      }
    }
    return getStreamReturnEventsMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static ReturnsServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ReturnsServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ReturnsServiceStub>() {
        @java.lang.Override
        public ReturnsServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ReturnsServiceStub(channel, callOptions);
        }
      };
    return ReturnsServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static ReturnsServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ReturnsServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ReturnsServiceBlockingV2Stub>() {
        @java.lang.Override
        public ReturnsServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ReturnsServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return ReturnsServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static ReturnsServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ReturnsServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ReturnsServiceBlockingStub>() {
        @java.lang.Override
        public ReturnsServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ReturnsServiceBlockingStub(channel, callOptions);
        }
      };
    return ReturnsServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static ReturnsServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<ReturnsServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<ReturnsServiceFutureStub>() {
        @java.lang.Override
        public ReturnsServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new ReturnsServiceFutureStub(channel, callOptions);
        }
      };
    return ReturnsServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * Returns: filed by customers or for them, decided, received and closed by the shop.
   * Every call but health and reflection carries a bearer token; its tenant is the only one that the call can name.
   * Scopes: customers `returns.returns_read_own` and `returns.returns_manage_own`, staff and services
   * `returns.returns_read` and `returns.returns_manage`; what belongs to somebody else is NOT_FOUND. Every error has a
   * `google.rpc.ErrorInfo` with an ErrorReason.
   * Changes take a `request_id` that makes them safe to repeat, an `etag` that keeps them from undoing the work of
   * others, and `validate_only` to try them.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Files a return over one or more orders and claims its units. It is PENDING, or APPROVED where the policy's
     * `auto_approve` matches it. Customers file returns of their own orders within the policy; staff for anyone.
     * Refused: QUANTITY_EXCEEDS_RETURNABLE, NOT_RETURNABLE, CURRENCY_MISMATCH, ORDER_NOT_FOUND, LINE_NOT_FOUND,
     * ORDER_NOT_OF_REQUESTOR, RETURN_EXISTS.
     * </pre>
     */
    default void createReturn(commerce.returns.v1.CreateReturnRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCreateReturnMethod(), responseObserver);
    }

    /**
     * <pre>
     * Answers one return.
     * </pre>
     */
    default void getReturn(commerce.returns.v1.GetReturnRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getGetReturnMethod(), responseObserver);
    }

    /**
     * <pre>
     * Answers several returns, all of them or none: one that is not found fails the call.
     * </pre>
     */
    default void batchGetReturns(commerce.returns.v1.BatchGetReturnsRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.BatchGetReturnsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getBatchGetReturnsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Answers the returns of a tenant that match a filter, in pages; customers see their own. A list by `create_time` has
     * whatever exists all along exactly once, however much is written meanwhile.
     * </pre>
     */
    default void listReturns(commerce.returns.v1.ListReturnsRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ListReturnsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListReturnsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Changes what a return says, never its state. The owner and staff may change a pending return; of an approved one
     * staff may change anything but `orders`; of a rejected or closed one `attributes`. An update that changes nothing
     * keeps version and etag and makes no event.
     * </pre>
     */
    default void updateReturn(commerce.returns.v1.UpdateReturnRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getUpdateReturnMethod(), responseObserver);
    }

    /**
     * <pre>
     * Approves a pending return, in whole or in part; units that are not approved are released. Staff only.
     * </pre>
     */
    default void approveReturn(commerce.returns.v1.ApproveReturnRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getApproveReturnMethod(), responseObserver);
    }

    /**
     * <pre>
     * Rejects a pending return and releases its units. Staff only.
     * </pre>
     */
    default void rejectReturn(commerce.returns.v1.RejectReturnRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRejectReturnMethod(), responseObserver);
    }

    /**
     * <pre>
     * Records a parcel that arrived for an approved return; several parcels add up. The same `receipt_id` with the same
     * items changes nothing, with other items it is FIELD_INVALID. Staff only.
     * Refused: QUANTITY_EXCEEDS_APPROVED, LINE_NOT_FOUND.
     * </pre>
     */
    default void recordReceipt(commerce.returns.v1.RecordReceiptRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getRecordReceiptMethod(), responseObserver);
    }

    /**
     * <pre>
     * Closes a pending or approved return and releases what was not received; under `goods_not_expected` approved units
     * stay claimed. The owner may withdraw a pending return; staff may cancel, or complete an approved one.
     * </pre>
     */
    default void closeReturn(commerce.returns.v1.CloseReturnRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCloseReturnMethod(), responseObserver);
    }

    /**
     * <pre>
     * Opens a rejected or closed return again: APPROVED if it once was, else PENDING. Received units are kept, the others
     * claimed again, or it fails with QUANTITY_EXCEEDS_RETURNABLE. Staff only.
     * </pre>
     */
    default void reopenReturn(commerce.returns.v1.ReopenReturnRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getReopenReturnMethod(), responseObserver);
    }

    /**
     * <pre>
     * Deletes a return of which nothing was received and releases its units. Its name, id and number are never used
     * again; its timeline remains. Staff only.
     * </pre>
     */
    default void deleteReturn(commerce.returns.v1.DeleteReturnRequest request,
        io.grpc.stub.StreamObserver<com.google.protobuf.Empty> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getDeleteReturnMethod(), responseObserver);
    }

    /**
     * <pre>
     * Answers what can still go back, line by line, in pages; and why some of it cannot.
     * </pre>
     */
    default void listReturnableItems(commerce.returns.v1.ListReturnableItemsRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ListReturnableItemsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListReturnableItemsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Answers the events of a return or of a whole tenant, oldest first, in pages; customers see those of their own
     * returns, staff also those of deleted ones.
     * </pre>
     */
    default void listReturnEvents(commerce.returns.v1.ListReturnEventsRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ListReturnEventsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getListReturnEventsMethod(), responseObserver);
    }

    /**
     * <pre>
     * Streams the events of a tenant from a place in its log on, and then as they happen: each at least once, in the
     * order of their `sequence`, none before it is committed, never a hole. Store a message's `cursor` when its events
     * are dealt with, and resume with it.
     * </pre>
     */
    default void streamReturnEvents(commerce.returns.v1.StreamReturnEventsRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.StreamReturnEventsResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getStreamReturnEventsMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service ReturnsService.
   * <pre>
   * Returns: filed by customers or for them, decided, received and closed by the shop.
   * Every call but health and reflection carries a bearer token; its tenant is the only one that the call can name.
   * Scopes: customers `returns.returns_read_own` and `returns.returns_manage_own`, staff and services
   * `returns.returns_read` and `returns.returns_manage`; what belongs to somebody else is NOT_FOUND. Every error has a
   * `google.rpc.ErrorInfo` with an ErrorReason.
   * Changes take a `request_id` that makes them safe to repeat, an `etag` that keeps them from undoing the work of
   * others, and `validate_only` to try them.
   * </pre>
   */
  public static abstract class ReturnsServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return ReturnsServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service ReturnsService.
   * <pre>
   * Returns: filed by customers or for them, decided, received and closed by the shop.
   * Every call but health and reflection carries a bearer token; its tenant is the only one that the call can name.
   * Scopes: customers `returns.returns_read_own` and `returns.returns_manage_own`, staff and services
   * `returns.returns_read` and `returns.returns_manage`; what belongs to somebody else is NOT_FOUND. Every error has a
   * `google.rpc.ErrorInfo` with an ErrorReason.
   * Changes take a `request_id` that makes them safe to repeat, an `etag` that keeps them from undoing the work of
   * others, and `validate_only` to try them.
   * </pre>
   */
  public static final class ReturnsServiceStub
      extends io.grpc.stub.AbstractAsyncStub<ReturnsServiceStub> {
    private ReturnsServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ReturnsServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ReturnsServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Files a return over one or more orders and claims its units. It is PENDING, or APPROVED where the policy's
     * `auto_approve` matches it. Customers file returns of their own orders within the policy; staff for anyone.
     * Refused: QUANTITY_EXCEEDS_RETURNABLE, NOT_RETURNABLE, CURRENCY_MISMATCH, ORDER_NOT_FOUND, LINE_NOT_FOUND,
     * ORDER_NOT_OF_REQUESTOR, RETURN_EXISTS.
     * </pre>
     */
    public void createReturn(commerce.returns.v1.CreateReturnRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCreateReturnMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Answers one return.
     * </pre>
     */
    public void getReturn(commerce.returns.v1.GetReturnRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getGetReturnMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Answers several returns, all of them or none: one that is not found fails the call.
     * </pre>
     */
    public void batchGetReturns(commerce.returns.v1.BatchGetReturnsRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.BatchGetReturnsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getBatchGetReturnsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Answers the returns of a tenant that match a filter, in pages; customers see their own. A list by `create_time` has
     * whatever exists all along exactly once, however much is written meanwhile.
     * </pre>
     */
    public void listReturns(commerce.returns.v1.ListReturnsRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ListReturnsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListReturnsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Changes what a return says, never its state. The owner and staff may change a pending return; of an approved one
     * staff may change anything but `orders`; of a rejected or closed one `attributes`. An update that changes nothing
     * keeps version and etag and makes no event.
     * </pre>
     */
    public void updateReturn(commerce.returns.v1.UpdateReturnRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getUpdateReturnMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Approves a pending return, in whole or in part; units that are not approved are released. Staff only.
     * </pre>
     */
    public void approveReturn(commerce.returns.v1.ApproveReturnRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getApproveReturnMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Rejects a pending return and releases its units. Staff only.
     * </pre>
     */
    public void rejectReturn(commerce.returns.v1.RejectReturnRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRejectReturnMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Records a parcel that arrived for an approved return; several parcels add up. The same `receipt_id` with the same
     * items changes nothing, with other items it is FIELD_INVALID. Staff only.
     * Refused: QUANTITY_EXCEEDS_APPROVED, LINE_NOT_FOUND.
     * </pre>
     */
    public void recordReceipt(commerce.returns.v1.RecordReceiptRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getRecordReceiptMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Closes a pending or approved return and releases what was not received; under `goods_not_expected` approved units
     * stay claimed. The owner may withdraw a pending return; staff may cancel, or complete an approved one.
     * </pre>
     */
    public void closeReturn(commerce.returns.v1.CloseReturnRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCloseReturnMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Opens a rejected or closed return again: APPROVED if it once was, else PENDING. Received units are kept, the others
     * claimed again, or it fails with QUANTITY_EXCEEDS_RETURNABLE. Staff only.
     * </pre>
     */
    public void reopenReturn(commerce.returns.v1.ReopenReturnRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.Return> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getReopenReturnMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Deletes a return of which nothing was received and releases its units. Its name, id and number are never used
     * again; its timeline remains. Staff only.
     * </pre>
     */
    public void deleteReturn(commerce.returns.v1.DeleteReturnRequest request,
        io.grpc.stub.StreamObserver<com.google.protobuf.Empty> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getDeleteReturnMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Answers what can still go back, line by line, in pages; and why some of it cannot.
     * </pre>
     */
    public void listReturnableItems(commerce.returns.v1.ListReturnableItemsRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ListReturnableItemsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListReturnableItemsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Answers the events of a return or of a whole tenant, oldest first, in pages; customers see those of their own
     * returns, staff also those of deleted ones.
     * </pre>
     */
    public void listReturnEvents(commerce.returns.v1.ListReturnEventsRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.ListReturnEventsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getListReturnEventsMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Streams the events of a tenant from a place in its log on, and then as they happen: each at least once, in the
     * order of their `sequence`, none before it is committed, never a hole. Store a message's `cursor` when its events
     * are dealt with, and resume with it.
     * </pre>
     */
    public void streamReturnEvents(commerce.returns.v1.StreamReturnEventsRequest request,
        io.grpc.stub.StreamObserver<commerce.returns.v1.StreamReturnEventsResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncServerStreamingCall(
          getChannel().newCall(getStreamReturnEventsMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service ReturnsService.
   * <pre>
   * Returns: filed by customers or for them, decided, received and closed by the shop.
   * Every call but health and reflection carries a bearer token; its tenant is the only one that the call can name.
   * Scopes: customers `returns.returns_read_own` and `returns.returns_manage_own`, staff and services
   * `returns.returns_read` and `returns.returns_manage`; what belongs to somebody else is NOT_FOUND. Every error has a
   * `google.rpc.ErrorInfo` with an ErrorReason.
   * Changes take a `request_id` that makes them safe to repeat, an `etag` that keeps them from undoing the work of
   * others, and `validate_only` to try them.
   * </pre>
   */
  public static final class ReturnsServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<ReturnsServiceBlockingV2Stub> {
    private ReturnsServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ReturnsServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ReturnsServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Files a return over one or more orders and claims its units. It is PENDING, or APPROVED where the policy's
     * `auto_approve` matches it. Customers file returns of their own orders within the policy; staff for anyone.
     * Refused: QUANTITY_EXCEEDS_RETURNABLE, NOT_RETURNABLE, CURRENCY_MISMATCH, ORDER_NOT_FOUND, LINE_NOT_FOUND,
     * ORDER_NOT_OF_REQUESTOR, RETURN_EXISTS.
     * </pre>
     */
    public commerce.returns.v1.Return createReturn(commerce.returns.v1.CreateReturnRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCreateReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers one return.
     * </pre>
     */
    public commerce.returns.v1.Return getReturn(commerce.returns.v1.GetReturnRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getGetReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers several returns, all of them or none: one that is not found fails the call.
     * </pre>
     */
    public commerce.returns.v1.BatchGetReturnsResponse batchGetReturns(commerce.returns.v1.BatchGetReturnsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getBatchGetReturnsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers the returns of a tenant that match a filter, in pages; customers see their own. A list by `create_time` has
     * whatever exists all along exactly once, however much is written meanwhile.
     * </pre>
     */
    public commerce.returns.v1.ListReturnsResponse listReturns(commerce.returns.v1.ListReturnsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListReturnsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes what a return says, never its state. The owner and staff may change a pending return; of an approved one
     * staff may change anything but `orders`; of a rejected or closed one `attributes`. An update that changes nothing
     * keeps version and etag and makes no event.
     * </pre>
     */
    public commerce.returns.v1.Return updateReturn(commerce.returns.v1.UpdateReturnRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getUpdateReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Approves a pending return, in whole or in part; units that are not approved are released. Staff only.
     * </pre>
     */
    public commerce.returns.v1.Return approveReturn(commerce.returns.v1.ApproveReturnRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getApproveReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Rejects a pending return and releases its units. Staff only.
     * </pre>
     */
    public commerce.returns.v1.Return rejectReturn(commerce.returns.v1.RejectReturnRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRejectReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Records a parcel that arrived for an approved return; several parcels add up. The same `receipt_id` with the same
     * items changes nothing, with other items it is FIELD_INVALID. Staff only.
     * Refused: QUANTITY_EXCEEDS_APPROVED, LINE_NOT_FOUND.
     * </pre>
     */
    public commerce.returns.v1.Return recordReceipt(commerce.returns.v1.RecordReceiptRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getRecordReceiptMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Closes a pending or approved return and releases what was not received; under `goods_not_expected` approved units
     * stay claimed. The owner may withdraw a pending return; staff may cancel, or complete an approved one.
     * </pre>
     */
    public commerce.returns.v1.Return closeReturn(commerce.returns.v1.CloseReturnRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCloseReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Opens a rejected or closed return again: APPROVED if it once was, else PENDING. Received units are kept, the others
     * claimed again, or it fails with QUANTITY_EXCEEDS_RETURNABLE. Staff only.
     * </pre>
     */
    public commerce.returns.v1.Return reopenReturn(commerce.returns.v1.ReopenReturnRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getReopenReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a return of which nothing was received and releases its units. Its name, id and number are never used
     * again; its timeline remains. Staff only.
     * </pre>
     */
    public com.google.protobuf.Empty deleteReturn(commerce.returns.v1.DeleteReturnRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getDeleteReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers what can still go back, line by line, in pages; and why some of it cannot.
     * </pre>
     */
    public commerce.returns.v1.ListReturnableItemsResponse listReturnableItems(commerce.returns.v1.ListReturnableItemsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListReturnableItemsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers the events of a return or of a whole tenant, oldest first, in pages; customers see those of their own
     * returns, staff also those of deleted ones.
     * </pre>
     */
    public commerce.returns.v1.ListReturnEventsResponse listReturnEvents(commerce.returns.v1.ListReturnEventsRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getListReturnEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the events of a tenant from a place in its log on, and then as they happen: each at least once, in the
     * order of their `sequence`, none before it is committed, never a hole. Store a message's `cursor` when its events
     * are dealt with, and resume with it.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<?, commerce.returns.v1.StreamReturnEventsResponse>
        streamReturnEvents(commerce.returns.v1.StreamReturnEventsRequest request) {
      return io.grpc.stub.ClientCalls.blockingV2ServerStreamingCall(
          getChannel(), getStreamReturnEventsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service ReturnsService.
   * <pre>
   * Returns: filed by customers or for them, decided, received and closed by the shop.
   * Every call but health and reflection carries a bearer token; its tenant is the only one that the call can name.
   * Scopes: customers `returns.returns_read_own` and `returns.returns_manage_own`, staff and services
   * `returns.returns_read` and `returns.returns_manage`; what belongs to somebody else is NOT_FOUND. Every error has a
   * `google.rpc.ErrorInfo` with an ErrorReason.
   * Changes take a `request_id` that makes them safe to repeat, an `etag` that keeps them from undoing the work of
   * others, and `validate_only` to try them.
   * </pre>
   */
  public static final class ReturnsServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<ReturnsServiceBlockingStub> {
    private ReturnsServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ReturnsServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ReturnsServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Files a return over one or more orders and claims its units. It is PENDING, or APPROVED where the policy's
     * `auto_approve` matches it. Customers file returns of their own orders within the policy; staff for anyone.
     * Refused: QUANTITY_EXCEEDS_RETURNABLE, NOT_RETURNABLE, CURRENCY_MISMATCH, ORDER_NOT_FOUND, LINE_NOT_FOUND,
     * ORDER_NOT_OF_REQUESTOR, RETURN_EXISTS.
     * </pre>
     */
    public commerce.returns.v1.Return createReturn(commerce.returns.v1.CreateReturnRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCreateReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers one return.
     * </pre>
     */
    public commerce.returns.v1.Return getReturn(commerce.returns.v1.GetReturnRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getGetReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers several returns, all of them or none: one that is not found fails the call.
     * </pre>
     */
    public commerce.returns.v1.BatchGetReturnsResponse batchGetReturns(commerce.returns.v1.BatchGetReturnsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getBatchGetReturnsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers the returns of a tenant that match a filter, in pages; customers see their own. A list by `create_time` has
     * whatever exists all along exactly once, however much is written meanwhile.
     * </pre>
     */
    public commerce.returns.v1.ListReturnsResponse listReturns(commerce.returns.v1.ListReturnsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListReturnsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Changes what a return says, never its state. The owner and staff may change a pending return; of an approved one
     * staff may change anything but `orders`; of a rejected or closed one `attributes`. An update that changes nothing
     * keeps version and etag and makes no event.
     * </pre>
     */
    public commerce.returns.v1.Return updateReturn(commerce.returns.v1.UpdateReturnRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getUpdateReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Approves a pending return, in whole or in part; units that are not approved are released. Staff only.
     * </pre>
     */
    public commerce.returns.v1.Return approveReturn(commerce.returns.v1.ApproveReturnRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getApproveReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Rejects a pending return and releases its units. Staff only.
     * </pre>
     */
    public commerce.returns.v1.Return rejectReturn(commerce.returns.v1.RejectReturnRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRejectReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Records a parcel that arrived for an approved return; several parcels add up. The same `receipt_id` with the same
     * items changes nothing, with other items it is FIELD_INVALID. Staff only.
     * Refused: QUANTITY_EXCEEDS_APPROVED, LINE_NOT_FOUND.
     * </pre>
     */
    public commerce.returns.v1.Return recordReceipt(commerce.returns.v1.RecordReceiptRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getRecordReceiptMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Closes a pending or approved return and releases what was not received; under `goods_not_expected` approved units
     * stay claimed. The owner may withdraw a pending return; staff may cancel, or complete an approved one.
     * </pre>
     */
    public commerce.returns.v1.Return closeReturn(commerce.returns.v1.CloseReturnRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCloseReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Opens a rejected or closed return again: APPROVED if it once was, else PENDING. Received units are kept, the others
     * claimed again, or it fails with QUANTITY_EXCEEDS_RETURNABLE. Staff only.
     * </pre>
     */
    public commerce.returns.v1.Return reopenReturn(commerce.returns.v1.ReopenReturnRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getReopenReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Deletes a return of which nothing was received and releases its units. Its name, id and number are never used
     * again; its timeline remains. Staff only.
     * </pre>
     */
    public com.google.protobuf.Empty deleteReturn(commerce.returns.v1.DeleteReturnRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getDeleteReturnMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers what can still go back, line by line, in pages; and why some of it cannot.
     * </pre>
     */
    public commerce.returns.v1.ListReturnableItemsResponse listReturnableItems(commerce.returns.v1.ListReturnableItemsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListReturnableItemsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Answers the events of a return or of a whole tenant, oldest first, in pages; customers see those of their own
     * returns, staff also those of deleted ones.
     * </pre>
     */
    public commerce.returns.v1.ListReturnEventsResponse listReturnEvents(commerce.returns.v1.ListReturnEventsRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getListReturnEventsMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Streams the events of a tenant from a place in its log on, and then as they happen: each at least once, in the
     * order of their `sequence`, none before it is committed, never a hole. Store a message's `cursor` when its events
     * are dealt with, and resume with it.
     * </pre>
     */
    public java.util.Iterator<commerce.returns.v1.StreamReturnEventsResponse> streamReturnEvents(
        commerce.returns.v1.StreamReturnEventsRequest request) {
      return io.grpc.stub.ClientCalls.blockingServerStreamingCall(
          getChannel(), getStreamReturnEventsMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service ReturnsService.
   * <pre>
   * Returns: filed by customers or for them, decided, received and closed by the shop.
   * Every call but health and reflection carries a bearer token; its tenant is the only one that the call can name.
   * Scopes: customers `returns.returns_read_own` and `returns.returns_manage_own`, staff and services
   * `returns.returns_read` and `returns.returns_manage`; what belongs to somebody else is NOT_FOUND. Every error has a
   * `google.rpc.ErrorInfo` with an ErrorReason.
   * Changes take a `request_id` that makes them safe to repeat, an `etag` that keeps them from undoing the work of
   * others, and `validate_only` to try them.
   * </pre>
   */
  public static final class ReturnsServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<ReturnsServiceFutureStub> {
    private ReturnsServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected ReturnsServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new ReturnsServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Files a return over one or more orders and claims its units. It is PENDING, or APPROVED where the policy's
     * `auto_approve` matches it. Customers file returns of their own orders within the policy; staff for anyone.
     * Refused: QUANTITY_EXCEEDS_RETURNABLE, NOT_RETURNABLE, CURRENCY_MISMATCH, ORDER_NOT_FOUND, LINE_NOT_FOUND,
     * ORDER_NOT_OF_REQUESTOR, RETURN_EXISTS.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.Return> createReturn(
        commerce.returns.v1.CreateReturnRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCreateReturnMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Answers one return.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.Return> getReturn(
        commerce.returns.v1.GetReturnRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getGetReturnMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Answers several returns, all of them or none: one that is not found fails the call.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.BatchGetReturnsResponse> batchGetReturns(
        commerce.returns.v1.BatchGetReturnsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getBatchGetReturnsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Answers the returns of a tenant that match a filter, in pages; customers see their own. A list by `create_time` has
     * whatever exists all along exactly once, however much is written meanwhile.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.ListReturnsResponse> listReturns(
        commerce.returns.v1.ListReturnsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListReturnsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Changes what a return says, never its state. The owner and staff may change a pending return; of an approved one
     * staff may change anything but `orders`; of a rejected or closed one `attributes`. An update that changes nothing
     * keeps version and etag and makes no event.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.Return> updateReturn(
        commerce.returns.v1.UpdateReturnRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getUpdateReturnMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Approves a pending return, in whole or in part; units that are not approved are released. Staff only.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.Return> approveReturn(
        commerce.returns.v1.ApproveReturnRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getApproveReturnMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Rejects a pending return and releases its units. Staff only.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.Return> rejectReturn(
        commerce.returns.v1.RejectReturnRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRejectReturnMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Records a parcel that arrived for an approved return; several parcels add up. The same `receipt_id` with the same
     * items changes nothing, with other items it is FIELD_INVALID. Staff only.
     * Refused: QUANTITY_EXCEEDS_APPROVED, LINE_NOT_FOUND.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.Return> recordReceipt(
        commerce.returns.v1.RecordReceiptRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getRecordReceiptMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Closes a pending or approved return and releases what was not received; under `goods_not_expected` approved units
     * stay claimed. The owner may withdraw a pending return; staff may cancel, or complete an approved one.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.Return> closeReturn(
        commerce.returns.v1.CloseReturnRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCloseReturnMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Opens a rejected or closed return again: APPROVED if it once was, else PENDING. Received units are kept, the others
     * claimed again, or it fails with QUANTITY_EXCEEDS_RETURNABLE. Staff only.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.Return> reopenReturn(
        commerce.returns.v1.ReopenReturnRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getReopenReturnMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Deletes a return of which nothing was received and releases its units. Its name, id and number are never used
     * again; its timeline remains. Staff only.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<com.google.protobuf.Empty> deleteReturn(
        commerce.returns.v1.DeleteReturnRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getDeleteReturnMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Answers what can still go back, line by line, in pages; and why some of it cannot.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.ListReturnableItemsResponse> listReturnableItems(
        commerce.returns.v1.ListReturnableItemsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListReturnableItemsMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Answers the events of a return or of a whole tenant, oldest first, in pages; customers see those of their own
     * returns, staff also those of deleted ones.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<commerce.returns.v1.ListReturnEventsResponse> listReturnEvents(
        commerce.returns.v1.ListReturnEventsRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getListReturnEventsMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_CREATE_RETURN = 0;
  private static final int METHODID_GET_RETURN = 1;
  private static final int METHODID_BATCH_GET_RETURNS = 2;
  private static final int METHODID_LIST_RETURNS = 3;
  private static final int METHODID_UPDATE_RETURN = 4;
  private static final int METHODID_APPROVE_RETURN = 5;
  private static final int METHODID_REJECT_RETURN = 6;
  private static final int METHODID_RECORD_RECEIPT = 7;
  private static final int METHODID_CLOSE_RETURN = 8;
  private static final int METHODID_REOPEN_RETURN = 9;
  private static final int METHODID_DELETE_RETURN = 10;
  private static final int METHODID_LIST_RETURNABLE_ITEMS = 11;
  private static final int METHODID_LIST_RETURN_EVENTS = 12;
  private static final int METHODID_STREAM_RETURN_EVENTS = 13;

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
        case METHODID_CREATE_RETURN:
          serviceImpl.createReturn((commerce.returns.v1.CreateReturnRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.Return>) responseObserver);
          break;
        case METHODID_GET_RETURN:
          serviceImpl.getReturn((commerce.returns.v1.GetReturnRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.Return>) responseObserver);
          break;
        case METHODID_BATCH_GET_RETURNS:
          serviceImpl.batchGetReturns((commerce.returns.v1.BatchGetReturnsRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.BatchGetReturnsResponse>) responseObserver);
          break;
        case METHODID_LIST_RETURNS:
          serviceImpl.listReturns((commerce.returns.v1.ListReturnsRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.ListReturnsResponse>) responseObserver);
          break;
        case METHODID_UPDATE_RETURN:
          serviceImpl.updateReturn((commerce.returns.v1.UpdateReturnRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.Return>) responseObserver);
          break;
        case METHODID_APPROVE_RETURN:
          serviceImpl.approveReturn((commerce.returns.v1.ApproveReturnRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.Return>) responseObserver);
          break;
        case METHODID_REJECT_RETURN:
          serviceImpl.rejectReturn((commerce.returns.v1.RejectReturnRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.Return>) responseObserver);
          break;
        case METHODID_RECORD_RECEIPT:
          serviceImpl.recordReceipt((commerce.returns.v1.RecordReceiptRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.Return>) responseObserver);
          break;
        case METHODID_CLOSE_RETURN:
          serviceImpl.closeReturn((commerce.returns.v1.CloseReturnRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.Return>) responseObserver);
          break;
        case METHODID_REOPEN_RETURN:
          serviceImpl.reopenReturn((commerce.returns.v1.ReopenReturnRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.Return>) responseObserver);
          break;
        case METHODID_DELETE_RETURN:
          serviceImpl.deleteReturn((commerce.returns.v1.DeleteReturnRequest) request,
              (io.grpc.stub.StreamObserver<com.google.protobuf.Empty>) responseObserver);
          break;
        case METHODID_LIST_RETURNABLE_ITEMS:
          serviceImpl.listReturnableItems((commerce.returns.v1.ListReturnableItemsRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.ListReturnableItemsResponse>) responseObserver);
          break;
        case METHODID_LIST_RETURN_EVENTS:
          serviceImpl.listReturnEvents((commerce.returns.v1.ListReturnEventsRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.ListReturnEventsResponse>) responseObserver);
          break;
        case METHODID_STREAM_RETURN_EVENTS:
          serviceImpl.streamReturnEvents((commerce.returns.v1.StreamReturnEventsRequest) request,
              (io.grpc.stub.StreamObserver<commerce.returns.v1.StreamReturnEventsResponse>) responseObserver);
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
          getCreateReturnMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.CreateReturnRequest,
              commerce.returns.v1.Return>(
                service, METHODID_CREATE_RETURN)))
        .addMethod(
          getGetReturnMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.GetReturnRequest,
              commerce.returns.v1.Return>(
                service, METHODID_GET_RETURN)))
        .addMethod(
          getBatchGetReturnsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.BatchGetReturnsRequest,
              commerce.returns.v1.BatchGetReturnsResponse>(
                service, METHODID_BATCH_GET_RETURNS)))
        .addMethod(
          getListReturnsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.ListReturnsRequest,
              commerce.returns.v1.ListReturnsResponse>(
                service, METHODID_LIST_RETURNS)))
        .addMethod(
          getUpdateReturnMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.UpdateReturnRequest,
              commerce.returns.v1.Return>(
                service, METHODID_UPDATE_RETURN)))
        .addMethod(
          getApproveReturnMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.ApproveReturnRequest,
              commerce.returns.v1.Return>(
                service, METHODID_APPROVE_RETURN)))
        .addMethod(
          getRejectReturnMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.RejectReturnRequest,
              commerce.returns.v1.Return>(
                service, METHODID_REJECT_RETURN)))
        .addMethod(
          getRecordReceiptMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.RecordReceiptRequest,
              commerce.returns.v1.Return>(
                service, METHODID_RECORD_RECEIPT)))
        .addMethod(
          getCloseReturnMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.CloseReturnRequest,
              commerce.returns.v1.Return>(
                service, METHODID_CLOSE_RETURN)))
        .addMethod(
          getReopenReturnMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.ReopenReturnRequest,
              commerce.returns.v1.Return>(
                service, METHODID_REOPEN_RETURN)))
        .addMethod(
          getDeleteReturnMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.DeleteReturnRequest,
              com.google.protobuf.Empty>(
                service, METHODID_DELETE_RETURN)))
        .addMethod(
          getListReturnableItemsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.ListReturnableItemsRequest,
              commerce.returns.v1.ListReturnableItemsResponse>(
                service, METHODID_LIST_RETURNABLE_ITEMS)))
        .addMethod(
          getListReturnEventsMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              commerce.returns.v1.ListReturnEventsRequest,
              commerce.returns.v1.ListReturnEventsResponse>(
                service, METHODID_LIST_RETURN_EVENTS)))
        .addMethod(
          getStreamReturnEventsMethod(),
          io.grpc.stub.ServerCalls.asyncServerStreamingCall(
            new MethodHandlers<
              commerce.returns.v1.StreamReturnEventsRequest,
              commerce.returns.v1.StreamReturnEventsResponse>(
                service, METHODID_STREAM_RETURN_EVENTS)))
        .build();
  }

  private static abstract class ReturnsServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    ReturnsServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return commerce.returns.v1.ReturnsServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("ReturnsService");
    }
  }

  private static final class ReturnsServiceFileDescriptorSupplier
      extends ReturnsServiceBaseDescriptorSupplier {
    ReturnsServiceFileDescriptorSupplier() {}
  }

  private static final class ReturnsServiceMethodDescriptorSupplier
      extends ReturnsServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    ReturnsServiceMethodDescriptorSupplier(java.lang.String methodName) {
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
      synchronized (ReturnsServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new ReturnsServiceFileDescriptorSupplier())
              .addMethod(getCreateReturnMethod())
              .addMethod(getGetReturnMethod())
              .addMethod(getBatchGetReturnsMethod())
              .addMethod(getListReturnsMethod())
              .addMethod(getUpdateReturnMethod())
              .addMethod(getApproveReturnMethod())
              .addMethod(getRejectReturnMethod())
              .addMethod(getRecordReceiptMethod())
              .addMethod(getCloseReturnMethod())
              .addMethod(getReopenReturnMethod())
              .addMethod(getDeleteReturnMethod())
              .addMethod(getListReturnableItemsMethod())
              .addMethod(getListReturnEventsMethod())
              .addMethod(getStreamReturnEventsMethod())
              .build();
        }
      }
    }
    return result;
  }
}
