package commerce.returns.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import commerce.returns.v1.ErrorReason;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Says why a call failed. */
public final class ReturnsException extends RuntimeException {
  /** Domain of the reasons in google.rpc.ErrorInfo. */
  public static final String DOMAIN = "returns.commerce";

  private static final long serialVersionUID = 1L;

  /** A field of a request that is wrong. */
  public record Violation(String field, String description) {}

  private final Status.Code code;
  private final String reasonName;
  private final transient Map<String, String> metadata;
  private final transient List<Violation> violations;
  private final Duration retryDelay;
  private final String requestId;

  private ReturnsException(
      Status.Code code,
      String message,
      String reasonName,
      Map<String, String> metadata,
      List<Violation> violations,
      Duration retryDelay,
      String requestId,
      Throwable cause) {
    super(message, cause);
    this.code = code;
    this.reasonName = reasonName;
    this.metadata = Map.copyOf(metadata);
    this.violations = List.copyOf(violations);
    this.retryDelay = retryDelay;
    this.requestId = requestId;
  }

  /** gRPC's code. */
  public Status.Code code() {
    return code;
  }

  /** The service's reason; UNSPECIFIED where the error is not the service's own, or of a later release. */
  public ErrorReason reason() {
    try {
      return ErrorReason.valueOf("ERROR_REASON_" + reasonName);
    } catch (IllegalArgumentException unknown) {
      return ErrorReason.ERROR_REASON_UNSPECIFIED;
    }
  }

  /** The reason as it was sent, such as ETAG_MISMATCH; empty where none was. */
  public String reasonName() {
    return reasonName;
  }

  /** The facts, by the keys that the contract's ErrorReason names. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** The fields that are wrong. */
  public List<Violation> violations() {
    return violations;
  }

  /** How long the service asks to wait before another try; zero where it does not say. */
  public Duration retryDelay() {
    return retryDelay;
  }

  /**
   * What the call was sent with; empty where the request has no such field. Where it is not known whether the call was done
   * (DEADLINE_EXCEEDED, UNAVAILABLE), send it again with this id: it has one effect.
   */
  public String requestId() {
    return requestId;
  }

  /** What a call that failed says. */
  static ReturnsException of(StatusRuntimeException error, String requestId) {
    return of(StatusProto.fromThrowable(error), error.getStatus(), requestId, error);
  }

  /** What a status says that stands inside an answer, such as a failure of ImportOrders. */
  public static ReturnsException of(com.google.rpc.Status said) {
    return of(said, Status.fromCodeValue(said.getCode()).withDescription(said.getMessage()), "", null);
  }

  static ReturnsException local(Status.Code code, String message, Throwable cause) {
    return new ReturnsException(code, code + ": " + message, "", Map.of(), List.of(), Duration.ZERO, "", cause);
  }

  private static ReturnsException of(
      com.google.rpc.Status said, Status status, String requestId, Throwable cause) {
    String reason = "";
    Map<String, String> metadata = Map.of();
    List<Violation> violations = new ArrayList<>();
    Duration delay = Duration.ZERO;
    for (Any detail : said == null ? List.<Any>of() : said.getDetailsList()) {
      try {
        if (detail.is(ErrorInfo.class)) {
          ErrorInfo info = detail.unpack(ErrorInfo.class);
          if (info.getDomain().equals(DOMAIN)) {
            reason = info.getReason();
            metadata = info.getMetadataMap();
          }
        } else if (detail.is(BadRequest.class)) {
          detail.unpack(BadRequest.class).getFieldViolationsList()
              .forEach(one -> violations.add(new Violation(one.getField(), one.getDescription())));
        } else if (detail.is(RetryInfo.class)) {
          var asked = detail.unpack(RetryInfo.class).getRetryDelay();
          delay = Duration.ofSeconds(asked.getSeconds(), asked.getNanos());
        }
      } catch (InvalidProtocolBufferException garbled) {
        // A proxy's answer, not the service's: what gRPC itself says remains.
      }
    }
    StringBuilder message = new StringBuilder(status.getCode().name());
    if (!reason.isEmpty()) {
      message.append(' ').append(reason);
    }
    new TreeMap<>(metadata).forEach((key, value) -> message.append(' ').append(key).append('=').append(value));
    message.append(": ").append(status.getDescription());
    return new ReturnsException(
        status.getCode(), message.toString(), reason, metadata, violations, delay, requestId, cause);
  }
}
