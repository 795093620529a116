package dev.agentops.ratelimit;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Which limits a key has. Thread-safe. */
final class LimitsBook {

  private final @Nullable Function<String, @Nullable RateLimits> limitsOf;
  private final Map<String, RateLimits> overrides = new ConcurrentHashMap<>();
  private final FaultLog faults;
  private volatile RateLimits limits;
  private volatile @Nullable RateLimits total;
  private volatile boolean anyLimitsTokens;

  LimitsBook(
      RateLimits limits,
      @Nullable RateLimits total,
      @Nullable Function<String, @Nullable RateLimits> limitsOf,
      Clock clock) {
    this.limits = limits;
    this.total = total;
    this.limitsOf = limitsOf;
    this.anyLimitsTokens =
        limitsOf != null || limits.limitsTokens() || (total != null && total.limitsTokens());
    this.faults = new FaultLog(RateLimiter.class, clock);
  }

  /** Never throws: a function that does leaves its key with the limits of all others. */
  RateLimits of(String key) {
    RateLimits own = overrides.get(key);
    if (own != null || limitsOf == null) {
      return own == null ? limits : own;
    }
    try {
      own = limitsOf.apply(key);
    } catch (Throwable t) {
      faults.report("the function that tells the limits of a key", t);
    }
    return own == null ? limits : own;
  }

  /** The limits of keys that are too many to be told apart, of which this one came first. */
  RateLimits ofMany(String first) {
    return limits.isEmpty() ? of(first) : limits;
  }

  /** Whether it was given limits of its own. */
  boolean hasOwn(String key) {
    return overrides.containsKey(key);
  }

  RateLimits limits() {
    return limits;
  }

  @Nullable RateLimits total() {
    return total;
  }

  void limits(RateLimits limits) {
    this.limits = Objects.requireNonNull(limits, "limits");
    noteTokens(limits);
  }

  void limits(String key, RateLimits limits, int maximumKeys) {
    Objects.requireNonNull(limits, "limits");
    if (overrides.size() >= maximumKeys && !overrides.containsKey(key)) {
      throw new IllegalStateException(
          "there are " + maximumKeys + " keys with limits of their own, the maximum: " + key);
    }
    overrides.put(Objects.requireNonNull(key, "key"), limits);
    noteTokens(limits);
  }

  void forget(String key) {
    overrides.remove(Objects.requireNonNull(key, "key"));
  }

  void total(RateLimits total) {
    Objects.requireNonNull(total, "total");
    if (this.total == null) {
      throw new IllegalStateException("the limiter was built without a total, to have: " + total);
    }
    this.total = total;
    noteTokens(total);
  }

  /** Whether some limit counts tokens, has done so, or may do so. */
  boolean limitsTokens() {
    return anyLimitsTokens;
  }

  private void noteTokens(RateLimits limits) {
    if (limits.limitsTokens()) {
      anyLimitsTokens = true;
    }
  }
}
