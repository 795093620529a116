package dev.agentops.ratelimit;

import dev.agentops.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a permit beyond that it is out, where the limiter needs more: since when, who
 * took it, and what its holder says of the call. Thread-safe.
 */
final class LeaseDetails {

  private final Clock clock;
  private final long startNanos;
  private final @Nullable Throwable place;
  private final Clock.@Nullable Timer overdue;
  private volatile Verdict verdict = Verdict.SAMPLE;
  private volatile @Nullable Duration sample;

  LeaseDetails(PoolSettings settings, String key) {
    clock = settings.clock();
    startNanos = clock.nanoTime();
    place = settings.trackLeaks() ? new Throwable("a permit was acquired here") : null;
    Duration longest = settings.maxHold();
    overdue =
        longest == null
            ? null
            : clock.schedule(longest, () -> settings.counters().overdue(settings, key, place));
  }

  @Nullable Throwable place() {
    return place;
  }

  void sample(Duration sample) {
    this.sample = sample;
    this.verdict = Verdict.SAMPLE;
  }

  void verdict(Verdict verdict) {
    this.verdict = verdict;
  }

  /**
   * The permit has come back.
   *
   * @param controller who learns from it; null for nobody
   */
  void end(@Nullable LimitController controller, int inUse) {
    if (overdue != null) {
      overdue.cancel();
    }
    if (controller == null) {
      return;
    }
    switch (verdict) {
      case SAMPLE -> {
        Duration told = sample;
        long nanos = told == null ? clock.nanoTime() - startNanos : Clock.nanos(told);
        controller.sample(startNanos, nanos, inUse);
      }
      case OVERLOADED -> controller.overloaded(startNanos);
      case IGNORED -> {}
    }
  }

  enum Verdict {
    SAMPLE,
    OVERLOADED,
    IGNORED
  }
}
