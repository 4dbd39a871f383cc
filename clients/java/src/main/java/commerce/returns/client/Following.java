package commerce.returns.client;

import commerce.returns.v1.ReturnEvent;
import commerce.returns.v1.StreamReturnEventsRequest;
import commerce.returns.v1.StreamReturnEventsResponse;
import commerce.returns.v1.ReturnsServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The events of a tenant without end, each once and in the order of its sequence: where a stream ends, the next goes on after
 * the last event that was handled, and an event is handled when the next one is asked for.
 *
 * <pre>{@code
 * try (var following = client.returns().follow(request)) {
 *   for (ReturnEvent event : following) {
 *     handle(event);
 *     store(event.getCursor());
 *   }
 * }
 * }</pre>
 *
 * <p>To go on later, follow with after_cursor and the cursor that was stored. Iterating throws {@link ReturnsException} for
 * what another try would not change: CURSOR_EXPIRED (list the returns, then follow after the list's event cursor; the
 * metadata has earliest_cursor), a wrong filter, a token that is not trusted. {@link #close} from another thread, or a
 * cancelled Context, ends it. It is walked once, by one thread.
 */
public final class Following implements Iterable<ReturnEvent>, AutoCloseable {
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(15);

  private static final ScheduledExecutorService WATCH =
      Executors.newSingleThreadScheduledExecutor(
          run -> {
            Thread thread = new Thread(run, "returns-follow-watch");
            thread.setDaemon(true);
            return thread;
          });

  private final Calls calls;
  private final Pauses pauses = new Pauses(LONGEST_PAUSE);
  // Ends with the Context that it was made in, and with close().
  private final Context.CancellableContext life = Context.current().withCancellation();
  private StreamReturnEventsRequest asked;
  private Duration patience = Duration.ofMinutes(1);
  private Consumer<String> onCursor = cursor -> {};
  private Consumer<String> onPause = why -> {};
  private Runnable onCaughtUp = () -> {};
  private boolean begun;

  Following(Calls calls, StreamReturnEventsRequest request) {
    this.calls = calls;
    this.asked = request;
  }

  /**
   * Hears each place that is safe to store, less often than each event has one, and also where the log moved on without an
   * event for this reader: with a filter that matches little, only this keeps up with what is kept.
   */
  public Following onCursor(Consumer<String> hear) {
    onCursor = hear;
    return this;
  }

  /** Hears why a stream was interrupted, before the next one begins. */
  public Following onPause(Consumer<String> hear) {
    onPause = hear;
    return this;
  }

  /** Hears that everything that had happened when a stream began has been handled. */
  public Following onCaughtUp(Runnable hear) {
    onCaughtUp = hear;
    return this;
  }

  /** How much longer than the interval of its heartbeats a stream may be silent. */
  Following patience(Duration longer) {
    patience = longer;
    return this;
  }

  @Override
  public Iterator<ReturnEvent> iterator() {
    if (begun) {
      throw new IllegalStateException("this is walked already: follow again, after the last cursor");
    }
    begun = true;
    return new Events();
  }

  /** Ends it: the iteration ends as if there were no more events. */
  @Override
  public void close() {
    life.cancel(null);
  }

  private final class Events implements Iterator<ReturnEvent> {
    private final Deque<ReturnEvent> waiting = new ArrayDeque<>();
    // The message that `waiting` is of, until it is dealt with.
    private StreamReturnEventsResponse message;
    // What the consumer has in hand.
    private ReturnEvent given;
    private long handled;
    private Iterator<StreamReturnEventsResponse> stream;
    private Context.CancellableContext streaming;
    private String token = "";
    // Whether a stream has brought anything yet.
    private boolean stood;
    private ReturnsException failed;

    @Override
    public ReturnEvent next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      given = waiting.remove();
      return given;
    }

    @Override
    public boolean hasNext() {
      if (failed != null) {
        throw failed;
      }
      if (given != null) {
        // The consumer came back: only now is it dealt with.
        handled = given.getSequence();
        resumeAfter(given.getCursor());
        given = null;
      }
      while (true) {
        while (!waiting.isEmpty() && waiting.peek().getSequence() <= handled) {
          waiting.remove();
        }
        if (life.isCancelled()) {
          end();
          return false;
        }
        if (!waiting.isEmpty()) {
          return true;
        }
        try {
          dealtWith();
          receive();
        } catch (StatusRuntimeException error) {
          pause(ReturnsException.of(error, ""));
        } catch (Calls.NoTokenException none) {
          if (!stood) {
            failed = none.why;
            throw failed;
          }
          // There were tokens before: whoever makes them is away for a while.
          onPause.accept(none.why.getMessage());
          rest(pauses.next(Duration.ZERO));
        } catch (ReturnsException error) {
          end();
          failed = error;
          throw error;
        }
      }
    }

    /** All events of the last message are handled. */
    private void dealtWith() {
      if (message == null) {
        return;
      }
      StreamReturnEventsResponse done = message;
      message = null;
      resumeAfter(done.getCursor());
      onCursor.accept(done.getCursor());
      if (done.hasCaughtUp()) {
        onCaughtUp.run();
      } else if (done.hasGoodbye()) {
        end();
        String why = done.getGoodbye().getReason().name().replaceFirst("^REASON_", "");
        onPause.accept(why.toLowerCase(Locale.ROOT).replace('_', ' '));
        var delay = done.getGoodbye().getRetryDelay();
        rest(Duration.ofSeconds(delay.getSeconds(), delay.getNanos()).toMillis());
      }
    }

    private void receive() {
      if (life.isCancelled()) {
        return;
      }
      if (stream == null) {
        begin();
      }
      // Pings notice a connection that is gone; this notices a server that is gone behind something that answers pings.
      Context.CancellableContext watched = streaming;
      ScheduledFuture<?> silence =
          WATCH.schedule(
              () -> watched.cancel(null), heartbeat().plus(patience).toMillis(), TimeUnit.MILLISECONDS);
      try {
        if (!stream.hasNext()) {
          throw Status.UNAVAILABLE.withDescription("the stream ended without a goodbye").asRuntimeException();
        }
        message = stream.next();
      } finally {
        if (!silence.cancel(false)) {
          // Perhaps a large message on a slow line: wait longer for it the next time.
          patience = patience.multipliedBy(2);
        }
      }
      pauses.reset();
      stood = true;
      waiting.addAll(message.getBatch().getEventsList());
    }

    private void begin() {
      try {
        token = calls.token();
      } catch (ReturnsException none) {
        throw new Calls.NoTokenException(none);
      }
      streaming = life.withCancellation();
      Context before = streaming.attach();
      try {
        stream =
            ClientCalls.blockingServerStreamingCall(
                calls.authorised(token), ReturnsServiceGrpc.getStreamReturnEventsMethod(), CallOptions.DEFAULT, asked);
      } finally {
        streaming.detach(before);
      }
    }

    private void pause(ReturnsException refused) {
      end();
      if (life.isCancelled()) {
        return;
      }
      if (Thread.currentThread().isInterrupted() || !passing(refused)) {
        failed = refused;
        throw refused;
      }
      onPause.accept(refused.getMessage());
      rest(pauses.next(refused.retryDelay()));
      calls.channel.resetConnectBackoff();
    }

    /** May be over on another try: nobody answers, too many streams, or what a broken connection may look like. */
    private boolean passing(ReturnsException refused) {
      return switch (refused.code()) {
        case UNAVAILABLE, RESOURCE_EXHAUSTED, CANCELLED, UNKNOWN, INTERNAL, DEADLINE_EXCEEDED -> true;
        default -> calls.renewed(refused, token);
      };
    }

    private void rest(long millis) {
      CountDownLatch over = new CountDownLatch(1);
      Context.CancellationListener wake = context -> over.countDown();
      life.addListener(wake, Runnable::run);
      try {
        over.await(millis, TimeUnit.MILLISECONDS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        failed = ReturnsException.local(Status.Code.CANCELLED, "the thread was interrupted", interrupted);
        throw failed;
      } finally {
        life.removeListener(wake);
      }
    }

    private void resumeAfter(String cursor) {
      asked = asked.toBuilder().setAfterCursor(cursor).build();
    }

    private Duration heartbeat() {
      if (!asked.hasHeartbeatInterval()) {
        return DEFAULT_HEARTBEAT;
      }
      return Duration.ofSeconds(asked.getHeartbeatInterval().getSeconds(), asked.getHeartbeatInterval().getNanos());
    }

    private void end() {
      if (streaming != null) {
        streaming.cancel(null);
      }
      stream = null;
      streaming = null;
    }
  }
}
