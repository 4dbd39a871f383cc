package commerce.returns.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses that grow, a little less or more each, so that those who lost a server together do not come back together. */
final class Pauses {
  private static final long SHORTEST_MILLIS = 100;

  private final long longestMillis;
  private long nextMillis = SHORTEST_MILLIS;

  Pauses(Duration longest) {
    this.longestMillis = longest.toMillis();
  }

  /** How long to wait now, in milliseconds: as long as the server asks if that is longer. */
  long next(Duration atLeast) {
    long pause = (long) (nextMillis * ThreadLocalRandom.current().nextDouble(0.5, 1.5));
    nextMillis = Math.min(nextMillis * 2, longestMillis);
    return Math.max(pause, atLeast.toMillis());
  }

  void reset() {
    nextMillis = SHORTEST_MILLIS;
  }
}
