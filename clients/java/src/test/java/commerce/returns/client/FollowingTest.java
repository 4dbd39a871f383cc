package commerce.returns.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.Duration;
import com.google.rpc.Code;
import commerce.returns.v1.ErrorReason;
import commerce.returns.v1.ReturnEvent;
import commerce.returns.v1.StreamReturnEventsRequest;
import commerce.returns.v1.StreamReturnEventsResponse;
import io.grpc.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FollowingTest {
  private static final StreamReturnEventsRequest EARLIEST =
      StreamReturnEventsRequest.newBuilder()
          .setStart(StreamReturnEventsRequest.Start.START_EARLIEST)
          .build();

  private static StreamReturnEventsResponse batch(long... sequences) {
    var batch = StreamReturnEventsResponse.Batch.newBuilder();
    for (long sequence : sequences) {
      batch.addEvents(ReturnEvent.newBuilder().setSequence(sequence).setCursor("after-" + sequence));
    }
    return StreamReturnEventsResponse.newBuilder()
        .setBatch(batch)
        .setCursor("after-" + sequences[sequences.length - 1])
        .build();
  }

  @Test
  void followGoesOnAfterWhatWasHandledAndDropsRepeats() throws IOException {
    try (Scripted server = new Scripted();
        ReturnsClient client = server.client().build()) {
      server.stream =
          (request, to) -> {
            switch (server.asked.size()) {
              case 1 -> {
                to.onNext(batch(1, 2));
                to.onNext(batch(3));
                to.onError(Status.UNAVAILABLE.asRuntimeException());
              }
              case 2 -> to.onError(Status.INTERNAL.asRuntimeException());
              case 3 -> { // As from a server that begins a little earlier, and without a goodbye.
                to.onNext(batch(2, 3, 4));
                to.onCompleted();
              }
              case 4 -> {
                to.onNext(
                    StreamReturnEventsResponse.newBuilder()
                        .setCheckpoint(StreamReturnEventsResponse.Checkpoint.getDefaultInstance())
                        .setCursor("after-9")
                        .build());
                to.onNext(
                    StreamReturnEventsResponse.newBuilder()
                        .setGoodbye(
                            StreamReturnEventsResponse.Goodbye.newBuilder()
                                .setReason(StreamReturnEventsResponse.Goodbye.Reason.REASON_MAX_AGE)
                                .setRetryDelay(Duration.newBuilder().setNanos(1_000_000)))
                        .setCursor("after-10")
                        .build());
                to.onCompleted();
              }
              default -> {
                to.onNext(
                    StreamReturnEventsResponse.newBuilder()
                        .setCaughtUp(StreamReturnEventsResponse.CaughtUp.getDefaultInstance())
                        .setCursor("after-10")
                        .build());
                to.onNext(batch(11));
                to.onError(
                    Scripted.refusal(Code.OUT_OF_RANGE, "CURSOR_EXPIRED", Map.of("earliest_cursor", "after-20")));
              }
            }
          };
      List<Long> handled = new ArrayList<>();
      List<String> cursors = new ArrayList<>();
      List<String> pauses = new ArrayList<>();
      int[] caughtUp = {0};
      Following following =
          client
              .returns()
              .follow(EARLIEST)
              .onCursor(cursors::add)
              .onPause(pauses::add)
              .onCaughtUp(() -> caughtUp[0]++);
      ReturnsException refused =
          assertThrows(
              ReturnsException.class,
              () -> following.forEach(event -> handled.add(event.getSequence())));
      assertEquals(ErrorReason.ERROR_REASON_CURSOR_EXPIRED, refused.reason());
      assertEquals("after-20", refused.metadata().get("earliest_cursor"));
      assertEquals(List.of(1L, 2L, 3L, 4L, 11L), handled);
      assertEquals(
          List.of("", "after-3", "after-3", "after-4", "after-10"),
          server.asked.stream().map(StreamReturnEventsRequest::getAfterCursor).toList());
      assertEquals(
          List.of("after-2", "after-3", "after-4", "after-9", "after-10", "after-10", "after-11"), cursors);
      assertEquals("max age", pauses.get(3));
      assertEquals(1, caughtUp[0]);
    }
  }

  @Test
  void closingEndsTheIterationFromAnotherThread() throws Exception {
    try (Scripted server = new Scripted();
        ReturnsClient client = server.client().build()) {
      server.stream = (request, to) -> to.onNext(batch(1));
      Following following = client.returns().follow(EARLIEST);
      var events = following.iterator();
      assertEquals(1, events.next().getSequence());
      Thread closing = new Thread(following::close);
      closing.start();
      assertFalse(events.hasNext());
      closing.join();
    }
  }

  @Test
  void aSilentStreamIsLeft() throws IOException {
    try (Scripted server = new Scripted();
        ReturnsClient client = server.client().build()) {
      server.stream =
          (request, to) -> {
            if (request.getAfterCursor().isEmpty()) {
              to.onNext(batch(1)); // And not another word.
            } else {
              to.onError(Scripted.refusal(Code.OUT_OF_RANGE, "CURSOR_EXPIRED", Map.of()));
            }
          };
      var request = EARLIEST.toBuilder().setHeartbeatInterval(Duration.newBuilder().setNanos(100_000_000)).build();
      Following following = client.returns().follow(request).patience(java.time.Duration.ofMillis(400));
      ReturnsException refused =
          assertThrows(ReturnsException.class, () -> following.forEach(event -> {}));
      assertEquals(ErrorReason.ERROR_REASON_CURSOR_EXPIRED, refused.reason());
    }
  }
}
