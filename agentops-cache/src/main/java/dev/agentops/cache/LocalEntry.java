package dev.agentops.cache;

import dev.agentops.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A value in the local level, or the knowledge that there is none. Not a record: entries are
 * compared by identity, so that a removal takes out this one only. Thread-safe.
 *
 * <p>What a plain hit needs is here, and all else in an object of its own: a hit costs what it
 * costs to bring these bytes to the processor. All times are of the cache's monotonic clock.
 */
final class LocalEntry<V> {

  /** Within which ages are taken for the same: stores know them by the wall clock, in its units. */
  private static final long SAME_AGE_NANOS = 1_000_000_000L;

  /** Until then a lookup has nothing to think about. */
  final long softNanos;

  final @Nullable V value;

  /** Handed out as it is, so that a hit allocates nothing; empty where there is no value. */
  final Optional<V> answer;

  private final Rest rest;

  /**
   * An entry as from now on.
   *
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
    this.rest = new Rest(nowNanos, age, left, tags, bytes);
    this.softNanos = value == null ? nowNanos : rest.softNanos(refreshAhead);
  }

  Set<String> tags() {
    return rest.tags;
  }

  long bytes() {
    return rest.bytes;
  }

  boolean isFresh(long nowNanos) {
    return overNanos(nowNanos) < 0;
  }

  /** For how long its time has been over; negative before. */
  long overNanos(long nowNanos) {
    return nowNanos - rest.freshNanos;
  }

  boolean isGone(long nowNanos) {
    return nowNanos - rest.goneNanos >= 0;
  }

  /** Whether it is time to ask the loader for a newer value, and not too soon after a failure. */
  boolean wantsRefresh(long nowNanos) {
    return value != null && nowNanos - softNanos >= 0 && mayRetry(nowNanos);
  }

  /** False for a while after a load of a newer value failed. */
  boolean mayRetry(long nowNanos) {
    return !rest.failed || nowNanos - rest.retryNanos >= 0;
  }

  void retryAfter(long nanoTime) {
    rest.retryNanos = nanoTime;
    rest.failed = true;
  }

  /** Leaves the loader alone for as long as another entry does, unless that has an older value. */
  void heldOffAs(LocalEntry<V> other) {
    if (other.rest.failed && rest.writtenNanos - other.rest.writtenNanos < SAME_AGE_NANOS) {
      retryAfter(other.rest.retryNanos);
    }
  }

  Duration age(long nowNanos) {
    return Duration.ofNanos(Math.max(0, nowNanos - rest.writtenNanos));
  }

  Duration remaining(long nowNanos) {
    return Duration.ofNanos(-overNanos(nowNanos));
  }

  private static final class Rest {

    final long writtenNanos;
    final long freshNanos;
    final long goneNanos;
    final Set<String> tags;
    final long bytes;
    volatile long retryNanos;
    volatile boolean failed;

    Rest(long nowNanos, Duration age, Lifetime left, Set<String> tags, long bytes) {
      this.writtenNanos = nowNanos - Math.min(Clock.nanos(age), Lifetime.LONGEST_NANOS);
      this.freshNanos = nowNanos + left.freshNanos();
      this.goneNanos = freshNanos + left.staleNanos();
      this.tags = tags;
      this.bytes = bytes;
    }

    long softNanos(double refreshAhead) {
      return refreshAhead == 1
          ? freshNanos
          : writtenNanos + (long) ((freshNanos - writtenNanos) * refreshAhead);
    }
  }
}
