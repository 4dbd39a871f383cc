package commerce.returns.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import commerce.returns.client.WebhookVerifier.RefusedException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class WebhookVerifierTest {
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String OTHER = "whsec_AAAQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  private static Map<String, String> signed(String secret, Instant at, String body) throws Exception {
    byte[] key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    byte[] signature = mac.doFinal(("e1." + at.getEpochSecond() + "." + body).getBytes(StandardCharsets.UTF_8));
    Map<String, String> headers = new HashMap<>();
    headers.put("webhook-id", "e1");
    headers.put("webhook-timestamp", Long.toString(at.getEpochSecond()));
    headers.put("webhook-signature", "v1," + Base64.getEncoder().encodeToString(signature));
    return headers;
  }

  private static byte[] bytes(String body) {
    return body.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void theExampleOfTheSpecificationVerifies() throws Exception {
    Map<String, String> headers =
        Map.of(
            "webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp", "1614265330",
            "webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    Clock then = Clock.fixed(Instant.ofEpochSecond(1614265330), ZoneOffset.UTC);
    WebhookVerifier.at(then, SECRET).verify(headers::get, bytes("{\"test\": 2432232314}"));
  }

  @Test
  void onlyWhatWasSignedVerifies() throws Exception {
    String body = "{\"type\":\"return.created\"}";
    Instant now = Instant.now();
    WebhookVerifier verifier = WebhookVerifier.of(SECRET, OTHER);
    verifier.verify(signed(SECRET, now, body)::get, bytes(body));
    verifier.verify(signed(OTHER, now, body)::get, bytes(body));
    Map<String, String> several = signed(SECRET, now, body);
    several.merge("webhook-signature", "v1,AAAA v1a,BBBB ", (good, bad) -> bad + good);
    verifier.verify(several::get, bytes(body));

    Map<String, Map<String, String>> wrong = new HashMap<>();
    wrong.put("too old", signed(SECRET, now.minusSeconds(360), body));
    wrong.put("from the future", signed(SECRET, now.plusSeconds(360), body));
    wrong.put("of a stranger", signed("whsec_BBBB", now, body));
    wrong.put("another body", signed(SECRET, now, body + " "));
    for (var change :
        Map.of(
                "webhook-id", "another",
                "webhook-timestamp", "",
                "webhook-signature", "v1,")
            .entrySet()) {
      Map<String, String> headers = signed(SECRET, now, body);
      headers.put(change.getKey(), change.getValue());
      wrong.put("wrong " + change.getKey(), headers);
      Map<String, String> less = signed(SECRET, now, body);
      less.remove(change.getKey());
      wrong.put("no " + change.getKey(), less);
    }
    wrong.forEach(
        (name, headers) ->
            assertThrows(RefusedException.class, () -> verifier.verify(headers::get, bytes(body)), name));
  }

  @Test
  void aMessageIsRead() throws Exception {
    String body =
        "{\"type\":\"return.approved\",\"data\":{\"id\":\"e1\",\"sequence\":\"17\",\"unheardOf\":1,"
            + "\"return\":{\"name\":\"tenants/acme/returns/r-1\",\"state\":\"STATE_APPROVED\"}}}";
    WebhookVerifier verifier = WebhookVerifier.of(SECRET);
    var message = verifier.open(signed(SECRET, Instant.now(), body)::get, bytes(body));
    assertEquals("e1", message.id());
    assertEquals(17, message.event().orElseThrow().getSequence());
    assertEquals("tenants/acme/returns/r-1", message.event().orElseThrow().getSnapshot().getName());
    String trial = "{\"type\":\"webhook.test\",\"data\":{}}";
    assertTrue(verifier.open(signed(SECRET, Instant.now(), trial)::get, bytes(trial)).event().isEmpty());
    for (String garbled : new String[] {"", "[]", "{}", "{\"type\":\"return.created\",\"data\":{\"sequence\":\"x\"}}"}) {
      Map<String, String> headers = signed(SECRET, Instant.now(), garbled);
      assertThrows(RefusedException.class, () -> verifier.open(headers::get, bytes(garbled)), garbled);
    }
  }

  @Test
  void aSecretThatIsNoneIsRefused() {
    for (String secret : new String[] {"", "whsec_", "whsec_***"}) {
      assertThrows(IllegalArgumentException.class, () -> WebhookVerifier.of(secret), secret);
    }
    assertThrows(IllegalArgumentException.class, WebhookVerifier::of);
  }
}
