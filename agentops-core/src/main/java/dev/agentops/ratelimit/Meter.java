package dev.agentops.ratelimit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The buckets of one key. Thread-safe.
 *
 * <p>All times are nanoseconds of {@link SteadyTime}. For each limit it keeps the time at which the
 * bucket will have leaked empty, in {@linkplain Limit#ticks ticks}: the theoretical arrival time of
 * the generic cell rate algorithm (ITU-T I.371).
 */
abstract sealed class Meter permits OneLimitMeter, ManyLimitsMeter {

  /** It was forgotten or replaced; whoever still holds it must look again. */
  static final long GONE = -1;

  /** Too many run at once, and nobody knows when one of them ends. */
  static final long FULL = -2;

  final RateLimits limits;

  Meter(RateLimits limits) {
    this.limits = limits;
  }

  /**
   * Buckets as they were with other limits: what counts the same in the same period is as full as
   * it was.
   *
   * @param shared whether it is taken together with another one
   */
  static Meter of(RateLimits limits, boolean shared, long now, @Nullable Levels levels) {
    boolean simple = levels == null || (levels.openAt() <= now && levels.inUse() == 0);
    return simple && limits.only != null && !shared
        ? new OneLimitMeter(limits, tat(limits.get(0), now, levels))
        : ofMany(limits, now, levels);
  }

  /** One that takes penalties and is taken together with others, whatever its limits. */
  static ManyLimitsMeter ofMany(RateLimits limits, long now, @Nullable Levels levels) {
    long[] tats = new long[limits.size()];
    for (int i = 0; i < tats.length; i++) {
      tats[i] = tat(limits.get(i), now, levels);
    }
    return new ManyLimitsMeter(limits, tats, levels == null ? Levels.NONE : levels);
  }

  /**
   * Takes a request and its tokens if the wait for them is short enough.
   *
   * @param charge learns what was taken, or why not; null if nobody wants to know
   * @return the wait, {@link #FULL} or {@link #GONE}
   */
  abstract long take(
      long now, long input, long output, long maxWaitNanos, @Nullable LocalCharge charge);

  /** How long until it would fit; takes nothing. */
  abstract long probe(long now, long input, long output, @Nullable LocalCharge charge);

  /**
   * Replaces what was estimated by what was used.
   *
   * @param part what was taken of this meter or, if that is gone, of its predecessor
   * @return false if it is gone
   */
  abstract boolean settle(long now, LocalCharge.Part part, Settlement settlement);

  /** Lets nothing pass before; false if it is gone, or cannot. */
  abstract boolean penalize(long openAt);

  /** Makes the bucket of one limit no fuller than so many units; false if it is gone. */
  abstract boolean drain(long now, int index, long unitsLeft);

  /** Ends it for good if a new one would be the same. */
  abstract boolean endIfIdle(long now);

  abstract boolean ended();

  /** Ends it for good; null if it has ended before. */
  abstract @Nullable Levels end();

  /**
   * When a bucket will have leaked empty that was one of other limits and is as full now as then.
   */
  static long moved(RateLimits from, long[] tats, Limit to, long now) {
    long start = to.ticks(now);
    for (int i = 0; i < from.size(); i++) {
      Limit earlier = from.get(i);
      if (earlier.sameWindow(to)) {
        long level = Math.max(0, tats[i] - earlier.ticks(now));
        double share = (double) level / earlier.capacity();
        return earlier.equals(to)
            ? start + level
            : start + Math.min((long) (share * to.capacity()), Limit.FOR_EVER);
      }
    }
    return start;
  }

  private static long tat(Limit limit, long now, @Nullable Levels levels) {
    return levels == null ? limit.ticks(now) : moved(levels.limits(), levels.tats(), limit, now);
  }

  /** What a meter held when it ended. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Levels(RateLimits limits, long[] tats, long inUse, long openAt) {

    static final Levels NONE =
        new Levels(new RateLimits(List.of(), 0), new long[0], 0, Long.MIN_VALUE);

    Levels openAt(long nanos) {
      return new Levels(limits, tats, inUse, nanos);
    }
  }
}
