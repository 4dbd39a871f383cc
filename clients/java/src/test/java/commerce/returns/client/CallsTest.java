package commerce.returns.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.Code;
import com.google.rpc.RetryInfo;
import commerce.returns.v1.CreateReturnRequest;
import commerce.returns.v1.ErrorReason;
import commerce.returns.v1.ListReturnsRequest;
import commerce.returns.v1.ListReturnsResponse;
import commerce.returns.v1.OrdersServiceGrpc;
import commerce.returns.v1.PolicyServiceGrpc;
import commerce.returns.v1.Return;
import commerce.returns.v1.ReturnsServiceGrpc;
import commerce.returns.v1.WebhooksServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CallsTest {
  private static final CreateReturnRequest REQUEST =
      CreateReturnRequest.newBuilder().setParent("tenants/acme").build();

  @ParameterizedTest
  @EnumSource(value = Status.Code.class, names = {"UNAVAILABLE", "CANCELLED"})
  void anUnavailableCallIsRepeatedWithOneRequestId(Status.Code code) throws IOException {
    try (Scripted server = new Scripted();
        ReturnsClient client = server.client().deadline(Duration.ofMinutes(1)).build()) {
      server.create = Scripted.failing(4, code.toStatus());
      client.returns().createReturn(REQUEST);
      assertEquals(5, server.created.size());
      assertEquals(1, server.created.stream().map(CreateReturnRequest::getRequestId).distinct().count());
      UUID.fromString(server.created.get(0).getRequestId());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Status.Code.class,
      names = {"INTERNAL", "UNKNOWN", "ABORTED", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "FAILED_PRECONDITION"})
  void anythingElseIsNotRepeated(Status.Code code) throws IOException {
    try (Scripted server = new Scripted();
        ReturnsClient client = server.client().build()) {
      server.create = Scripted.failing(1, code.toStatus());
      ReturnsException refused =
          assertThrows(ReturnsException.class, () -> client.returns().createReturn(REQUEST));
      assertEquals(code, refused.code());
      assertEquals(1, server.created.size());
      assertEquals(server.created.get(0).getRequestId(), refused.requestId());
    }
  }

  @Test
  void repeatingEndsWithTheReasonWhereThePauseWouldOutlastTheDeadline() throws IOException {
    try (Scripted server = new Scripted();
        ReturnsClient client = server.client().deadline(Duration.ofMinutes(1)).build()) {
      var anHour = RetryInfo.newBuilder().setRetryDelay(com.google.protobuf.Duration.newBuilder().setSeconds(3600)).build();
      Iterator<StatusRuntimeException> refusals =
          List.of(
                  Scripted.refusal(Code.UNAVAILABLE, "STORAGE_UNAVAILABLE", Map.of()),
                  Scripted.refusal(Code.UNAVAILABLE, "DRAINING", Map.of(), anHour))
              .iterator();
      server.create =
          () -> {
            throw refusals.next();
          };
      ReturnsException refused =
          assertThrows(ReturnsException.class, () -> client.returns().createReturn(REQUEST));
      assertEquals(ErrorReason.ERROR_REASON_DRAINING, refused.reason());
      assertEquals(Duration.ofHours(1), refused.retryDelay());
      assertEquals(2, server.created.size());
    }
  }

  @Test
  void aCallIntoNothingEndsWithItsDeadline() throws IOException {
    // Takes connections and never says a word.
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ReturnsClient client =
            ReturnsClient.at("127.0.0.1:" + silent.getLocalPort())
                .plainText()
                .deadline(Duration.ofMillis(500))
                .build()) {
      ReturnsException refused =
          assertThrows(ReturnsException.class, () -> client.returns().createReturn(REQUEST));
      assertEquals(Status.Code.DEADLINE_EXCEEDED, refused.code());
    }
  }

  @Test
  void anErrorHasItsReasonAndFacts() throws IOException {
    try (Scripted server = new Scripted();
        ReturnsClient client = server.client().build()) {
      server.create =
          Scripted.failing(1, Scripted.refusal(Code.ABORTED, "ETAG_MISMATCH", Map.of("etag", "7", "a", "b")));
      ReturnsException refused =
          assertThrows(ReturnsException.class, () -> client.returns().createReturn(REQUEST));
      assertEquals(ErrorReason.ERROR_REASON_ETAG_MISMATCH, refused.reason());
      assertEquals("7", refused.metadata().get("etag"));
      assertEquals("ABORTED ETAG_MISMATCH a=b etag=7: because", refused.getMessage());
    }
  }

  @Test
  void aTokenThatRanOutOnTheWayIsAskedForAnew() throws IOException {
    Iterator<String> answers = List.of("old", "new", "new").iterator();
    try (Scripted server = new Scripted();
        ReturnsClient client = server.client().token(answers::next).build()) {
      server.create = Scripted.failing(1, Scripted.refusal(Code.UNAUTHENTICATED, "TOKEN_EXPIRED", Map.of()));
      client.returns().createReturn(REQUEST);
      assertEquals(List.of("Bearer old", "Bearer new"), server.tokens);
    }
  }

  @Test
  void aFileWithATokenIsReadAnew(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("token");
    TokenSource source = TokenSource.file(file);
    assertThrows(IOException.class, source::token);
    for (String token : List.of("one", "two")) {
      Files.writeString(file, token + "\n");
      assertEquals(token, source.token());
    }
    Files.writeString(file, " \n");
    assertThrows(IOException.class, source::token);
  }

  @Test
  void pagesAreWalkedToTheLast() throws IOException {
    try (Scripted server = new Scripted();
        ReturnsClient client = server.client().build()) {
      server.list =
          request ->
              switch (request.getPageToken()) {
                case "" -> page("b", "1", "2");
                case "b" -> page("c"); // A page may be empty and not be the last.
                default -> page("", "3");
              };
      var all = client.returns().allReturns(ListReturnsRequest.getDefaultInstance());
      for (int again = 0; again < 2; again++) {
        assertEquals(List.of("1", "2", "3"), all.stream().map(Return::getNumber).toList());
      }
      int pages = 0;
      for (ListReturnsResponse page : all.pages()) {
        pages += page == null ? 0 : 1;
      }
      assertEquals(3, pages);
    }
  }

  private static ListReturnsResponse page(String next, String... numbers) {
    ListReturnsResponse.Builder page = ListReturnsResponse.newBuilder().setNextPageToken(next);
    Arrays.stream(numbers).forEach(number -> page.addReturns(Return.newBuilder().setNumber(number)));
    return page.build();
  }

  @Test
  void everyMethodOfTheContractCanBeCalled() {
    Map<ServiceDescriptor, Class<?>> parts =
        Map.of(
            ReturnsServiceGrpc.getServiceDescriptor(), Returns.class,
            OrdersServiceGrpc.getServiceDescriptor(), Orders.class,
            PolicyServiceGrpc.getServiceDescriptor(), Policy.class,
            WebhooksServiceGrpc.getServiceDescriptor(), Webhooks.class);
    parts.forEach(
        (service, part) -> {
          for (MethodDescriptor<?, ?> method : service.getMethods()) {
            String bare = method.getBareMethodName();
            String name =
                bare.equals("StreamReturnEvents")
                    ? "follow"
                    : Character.toLowerCase(bare.charAt(0)) + bare.substring(1);
            assertTrue(
                Arrays.stream(part.getMethods()).anyMatch(one -> one.getName().equals(name)),
                () -> part.getSimpleName() + " lacks " + name);
          }
        });
  }
}
