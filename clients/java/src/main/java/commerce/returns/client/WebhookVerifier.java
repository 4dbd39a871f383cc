package commerce.returns.client;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import commerce.returns.v1.ReturnEvent;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Checks messages that the service posts to a webhook endpoint (Standard Webhooks 1.0.0). */
public final class WebhookVerifier {
  /** How far a message's timestamp may be away from now. */
  public static final Duration TOLERANCE = Duration.ofMinutes(5);

  /** The message is not the service's, or is too old, or was changed on the way; or, signed, it cannot be read. */
  public static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }

  /**
   * What a webhook tells.
   *
   * @param id the same in every attempt, and the event's: drop repeats by it
   * @param type the event's, or webhook.test
   * @param event nothing where the message tells of none, as a test does
   */
  public record Message(String id, String type, Optional<ReturnEvent> event) {}

  private final List<byte[]> keys = new ArrayList<>();
  private final Clock clock;

  private WebhookVerifier(Clock clock, String... secrets) {
    this.clock = clock;
    if (secrets.length == 0) {
      throw new IllegalArgumentException("a verifier needs a secret");
    }
    for (String secret : secrets) {
      byte[] key;
      try {
        key = Base64.getDecoder().decode(secret.strip().replaceFirst("^whsec_", ""));
      } catch (IllegalArgumentException notBase64) {
        throw new IllegalArgumentException("a webhook secret is whsec_ and base64");
      }
      if (key.length == 0) {
        throw new IllegalArgumentException("a webhook secret is whsec_ and base64");
      }
      keys.add(key);
    }
  }

  /** With an endpoint's secret, whsec_ and base64; with several while one is being replaced: any of them will do. */
  public static WebhookVerifier of(String... secrets) {
    return new WebhookVerifier(Clock.systemUTC(), secrets);
  }

  static WebhookVerifier at(Clock clock, String... secrets) {
    return new WebhookVerifier(clock, secrets);
  }

  /**
   * Throws unless the headers sign this body, which must be the bytes as they came. `header` answers the value of a header by
   * its name, null where there is none: {@code request::getHeader}.
   */
  public void verify(UnaryOperator<String> header, byte[] body) throws RefusedException {
    String id = text(header, "webhook-id");
    String timestamp = text(header, "webhook-timestamp");
    long seconds;
    try {
      seconds = Long.parseLong(timestamp);
    } catch (NumberFormatException none) {
      throw new RefusedException("the webhook has no timestamp");
    }
    if (Math.abs(clock.instant().getEpochSecond() - seconds) > TOLERANCE.toSeconds()) {
      throw new RefusedException("the webhook is too old, or from the future");
    }
    byte[] content = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
    for (String signature : text(header, "webhook-signature").split(" ")) {
      if (!signature.startsWith("v1,")) {
        continue;
      }
      byte[] given;
      try {
        given = Base64.getDecoder().decode(signature.substring("v1,".length()));
      } catch (IllegalArgumentException notBase64) {
        continue;
      }
      for (byte[] key : keys) {
        if (MessageDigest.isEqual(given, signed(key, content, body))) {
          return;
        }
      }
    }
    throw new RefusedException("the webhook's signature does not fit");
  }

  /**
   * Verifies a message and reads it, in either payload format. The snapshot of its event lacks what the endpoint excludes.
   */
  public Message open(UnaryOperator<String> header, byte[] body) throws RefusedException {
    verify(header, body);
    try {
      JsonObject envelope =
          JsonParser.parseString(new String(body, StandardCharsets.UTF_8)).getAsJsonObject();
      String type = envelope.get("type").getAsString();
      String id = text(header, "webhook-id");
      if (!type.startsWith("return.")) {
        return new Message(id, type, Optional.empty());
      }
      JsonObject data = envelope.getAsJsonObject("data");
      // `return` is a keyword of Java, and so `snapshot` in the contract.
      if (data.has("return")) {
        data.add("snapshot", data.remove("return"));
      }
      ReturnEvent.Builder event = ReturnEvent.newBuilder();
      JsonFormat.parser().ignoringUnknownFields().merge(data.toString(), event);
      return new Message(id, type, Optional.of(event.build()));
    } catch (JsonParseException | IllegalStateException | NullPointerException | UnsupportedOperationException
        | ClassCastException | InvalidProtocolBufferException garbled) {
      throw new RefusedException("the webhook cannot be read: " + garbled.getMessage());
    }
  }

  private static String text(UnaryOperator<String> header, String name) {
    String value = header.apply(name);
    return value == null ? "" : value;
  }

  private static byte[] signed(byte[] key, byte[] content, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update(content);
      return mac.doFinal(body);
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing); // Every Java has it.
    }
  }
}
