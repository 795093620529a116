package dev.agentops.cache;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A value in the local level, or the knowledge that there is none. Not a record: entries are
 * compared by identity, so that a removal takes out this one only. Thread-safe.
 *
 * <p>All times are of the cache's monotonic clock.
 */
final class LocalEntry<V> {

  /** Handed out as it is, so that a hit allocates nothing; empty where there is no value. */
  final Optional<V> answer;

  final @Nullable V value;

  /** Until then a lookup has nothing to think about. */
  final long softNanos;

  final long writtenNanos;
  final long freshNanos;
  final long goneNanos;
  final Set<String> tags;
  final long bytes;

  private volatile boolean failed;
  private volatile long retryNanos;

  /**
   * @param value null where it is known that there is none
   * @param age of the value
   * @param refreshAhead the share of the value's whole time after which it is to be refreshed
   */
  LocalEntry(
      @Nullable V value,
      long nowNanos,
      Duration age,
      Lifetime left,
      double refreshAhead,
      Set<String> tags,
      long bytes) {
    this.value = value;
    this.answer = Optional.ofNullable(value);
    this.writtenNanos = nowNanos - Math.min(age.toNanos(), Lifetime.LONGEST_NANOS);
    this.freshNanos = nowNanos + left.freshNanos();
    this.goneNanos = freshNanos + left.staleNanos();
    this.softNanos = value == null ? nowNanos : softNanos(refreshAhead);
    this.tags = tags;
    this.bytes = bytes;
  }

  private long softNanos(double refreshAhead) {
    return refreshAhead == 1
        ? freshNanos
        : writtenNanos + (long) ((freshNanos - writtenNanos) * refreshAhead);
  }

  boolean isFresh(long nowNanos) {
    return nowNanos - freshNanos < 0;
  }

  boolean isGone(long nowNanos) {
    return nowNanos - goneNanos >= 0;
  }

  /** Whether it is time to ask the loader for a newer value, and not too soon after a failure. */
  boolean wantsRefresh(long nowNanos) {
    return nowNanos - softNanos >= 0 && mayRetry(nowNanos);
  }

  /** False for a while after a load of a newer value failed. */
  boolean mayRetry(long nowNanos) {
    return !failed || nowNanos - retryNanos >= 0;
  }

  void retryAfter(long nanoTime) {
    retryNanos = nanoTime;
    failed = true;
  }

  Duration age(long nowNanos) {
    return Duration.ofNanos(Math.max(0, nowNanos - writtenNanos));
  }

  Duration remaining(long nowNanos) {
    return Duration.ofNanos(freshNanos - nowNanos);
  }
}
