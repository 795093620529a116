package dev.agentops.resilience;

import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** How long the last {@value #KEPT} answers took. Thread-safe. */
final class Latencies {

  private static final int KEPT = 128;

  /** Fewer tell nothing about the slowest. */
  private static final int FEWEST = 20;

  private final long[] nanos = new long[KEPT]; // guarded by this
  private int seen; // guarded by this

  synchronized void add(Duration took) {
    nanos[seen % KEPT] = took.toNanos();
    seen = seen == 2 * KEPT - 1 ? KEPT : seen + 1;
  }

  /** What so large a share of them did not take longer than; null while there are too few. */
  @Nullable Duration percentile(double share) {
    long[] sorted;
    synchronized (this) {
      if (seen < FEWEST) {
        return null;
      }
      sorted = Arrays.copyOf(nanos, Math.min(seen, KEPT));
    }
    Arrays.sort(sorted);
    int rank = (int) Math.ceil(share * sorted.length) - 1;
    return Duration.ofNanos(sorted[Math.max(0, rank)]);
  }
}
