package commerce.returns.client;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import commerce.returns.v1.CreateReturnRequest;
import commerce.returns.v1.ListReturnsRequest;
import commerce.returns.v1.ListReturnsResponse;
import commerce.returns.v1.Return;
import commerce.returns.v1.ReturnsServiceGrpc;
import commerce.returns.v1.StreamReturnEventsRequest;
import commerce.returns.v1.StreamReturnEventsResponse;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A gRPC server that does what no healthy service does when asked to: it fails in the wanted order, repeats events, says
 * nothing. What the service itself does is tried on a real one, by the scenarios.
 */
final class Scripted extends ReturnsServiceGrpc.ReturnsServiceImplBase implements AutoCloseable {
  final List<CreateReturnRequest> created = new CopyOnWriteArrayList<>();
  final List<StreamReturnEventsRequest> asked = new CopyOnWriteArrayList<>();
  final List<String> tokens = new CopyOnWriteArrayList<>();
  Supplier<Return> create = Return::getDefaultInstance;
  Function<ListReturnsRequest, ListReturnsResponse> list = request -> ListReturnsResponse.getDefaultInstance();
  BiConsumer<StreamReturnEventsRequest, StreamObserver<StreamReturnEventsResponse>> stream = (request, to) -> {};

  private final Server server;

  Scripted() throws IOException {
    ServerInterceptor hear =
        new ServerInterceptor() {
          @Override
          public <Q, A> ServerCall.Listener<Q> interceptCall(
              ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            String token = headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER));
            if (token != null) {
              tokens.add(token);
            }
            return next.startCall(call, headers);
          }
        };
    server =
        Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
            .addService(this)
            .intercept(hear)
            .build()
            .start();
  }

  ReturnsClient.Builder client() {
    return ReturnsClient.at("127.0.0.1:" + server.getPort()).plainText();
  }

  @Override
  public void createReturn(CreateReturnRequest request, StreamObserver<Return> answer) {
    created.add(request);
    try {
      answer.onNext(create.get());
      answer.onCompleted();
    } catch (StatusRuntimeException refused) {
      answer.onError(refused);
    }
  }

  @Override
  public void listReturns(ListReturnsRequest request, StreamObserver<ListReturnsResponse> answer) {
    answer.onNext(list.apply(request));
    answer.onCompleted();
  }

  @Override
  public void streamReturnEvents(
      StreamReturnEventsRequest request, StreamObserver<StreamReturnEventsResponse> answer) {
    asked.add(request);
    stream.accept(request, answer);
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  static StatusRuntimeException refusal(
      Code code, String reason, Map<String, String> metadata, Message... more) {
    ErrorInfo info =
        ErrorInfo.newBuilder()
            .setReason(reason)
            .setDomain(ReturnsException.DOMAIN)
            .putAllMetadata(metadata)
            .build();
    com.google.rpc.Status.Builder said =
        com.google.rpc.Status.newBuilder()
            .setCode(code.getNumber())
            .setMessage("because")
            .addDetails(Any.pack(info));
    for (Message one : more) {
      said.addDetails(Any.pack(one));
    }
    return StatusProto.toStatusRuntimeException(said.build());
  }

  /** Fails so many times, then answers. */
  static Supplier<Return> failing(int times, Status with) {
    return failing(times, with.asRuntimeException());
  }

  static Supplier<Return> failing(int times, StatusRuntimeException with) {
    int[] left = {times};
    return () -> {
      if (left[0]-- > 0) {
        throw with;
      }
      return Return.newBuilder().setNumber("R-000001").build();
    };
  }
}
