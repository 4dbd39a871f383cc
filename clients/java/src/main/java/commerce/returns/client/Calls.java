package commerce.returns.client;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import commerce.returns.v1.ErrorReason;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** What every call gets: a deadline, a token, a request id, repetition, and errors with reasons. */
final class Calls {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);

  /** The token source failed, as the exception inside says. */
  static final class NoTokenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final ReturnsException why;

    NoTokenException(ReturnsException why) {
      super(why);
      this.why = why;
    }
  }

  final ManagedChannel channel;
  private final TokenSource tokens;
  private final Duration deadline;

  Calls(ManagedChannel channel, TokenSource tokens, Duration deadline) {
    this.channel = channel;
    this.tokens = tokens;
    this.deadline = deadline;
  }

  Calls withDeadline(Duration other) {
    return new Calls(channel, tokens, other);
  }

  <Q extends Message, A> A call(MethodDescriptor<Q, A> method, Q given) {
    Deadline ends = Deadline.after(deadline.toNanos(), TimeUnit.NANOSECONDS);
    Deadline outer = Context.current().getDeadline();
    CallOptions options = CallOptions.DEFAULT.withDeadline(outer == null ? ends : ends.minimum(outer));
    Q request = identified(given);
    String requestId = requestId(request);
    Pauses pauses = new Pauses(LONGEST_PAUSE);
    while (true) {
      String token = token();
      try {
        return ClientCalls.blockingUnaryCall(authorised(token), method, options, request);
      } catch (StatusRuntimeException error) {
        ReturnsException refused = ReturnsException.of(error, requestId);
        if (!repeatable(refused) && !renewed(refused, token)) {
          throw refused;
        }
        long pause = pauses.next(refused.retryDelay());
        if (options.getDeadline().timeRemaining(TimeUnit.MILLISECONDS) <= pause) {
          throw refused;
        }
        rest(pause, refused);
        // gRPC's own pauses before it connects again grow to two minutes, longer than a server needs to start again.
        channel.resetConnectBackoff();
      }
    }
  }

  /** The channel, with a token on what goes through it. */
  io.grpc.Channel authorised(String token) {
    if (tokens == null) {
      return channel;
    }
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + token);
    return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  String token() {
    if (tokens == null) {
      return "";
    }
    try {
      return tokens.token();
    } catch (Exception error) {
      throw ReturnsException.local(Status.Code.UNAUTHENTICATED, "there is no token: " + error.getMessage(), error);
    }
  }

  /** Whether a token that ran out on the way has been replaced since it was sent. */
  boolean renewed(ReturnsException refused, String sent) {
    if (refused.reason() != ErrorReason.ERROR_REASON_TOKEN_EXPIRED) {
      return false;
    }
    try {
      return !token().equals(sent);
    } catch (ReturnsException none) {
      return false; // What was refused says more.
    }
  }

  static void rest(long millis, ReturnsException otherwise) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw otherwise;
    }
  }

  /**
   * UNAVAILABLE is what a server says that stops or has lost its database, and what gRPC says where nobody answers.
   * CANCELLED, where the caller did not cancel, is what gRPC's server makes of calls that arrive while it closes.
   */
  private static boolean repeatable(ReturnsException refused) {
    return switch (refused.code()) {
      case UNAVAILABLE -> true;
      case CANCELLED -> !Thread.currentThread().isInterrupted() && !Context.current().isCancelled();
      // What Netty makes of some connections that broke; what a server says has no cause.
      case UNKNOWN -> refused.getCause() != null && refused.getCause().getCause() instanceof IOException;
      default -> false;
    };
  }

  /** The request with an id of the client's own if it can have one and has none: all attempts have the same, and one effect. */
  @SuppressWarnings("unchecked")
  private static <Q extends Message> Q identified(Q request) {
    FieldDescriptor field = request.getDescriptorForType().findFieldByName("request_id");
    if (field == null || !request.getField(field).equals("")) {
      return request;
    }
    return (Q) request.toBuilder().setField(field, UUID.randomUUID().toString()).build();
  }

  private static String requestId(Message request) {
    FieldDescriptor field = request.getDescriptorForType().findFieldByName("request_id");
    return field == null ? "" : (String) request.getField(field);
  }
}
