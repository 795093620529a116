package dev.agentops.ratelimit;

import dev.agentops.Clock;
import dev.agentops.event.OpsEventListener;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** Configures a {@link RateLimiter}; at least one limit is required. Not thread-safe. */
public final class RateLimiterBuilder extends LimitsBuilder<RateLimiterBuilder> {

  /** {@value}. */
  public static final int DEFAULT_MAXIMUM_KEYS = 1_000_000;

  /** {@value}. */
  public static final int DEFAULT_MAXIMUM_QUEUED = 1_000;

  String name = "rate-limit";
  int maximumKeys = DEFAULT_MAXIMUM_KEYS;
  Clock clock = Clock.system();
  @Nullable Function<String, @Nullable RateLimits> limitsOf;
  @Nullable RateLimits total;
  @Nullable RateLimitStore store;
  StoreFailure onStoreFailure = StoreFailure.LOCAL;
  OpsEventListener listener = event -> {};
  ToDoubleFunction<String> weight = key -> 1;
  int maximumQueued = DEFAULT_MAXIMUM_QUEUED;

  RateLimiterBuilder() {}

  /**
   * How many keys are told apart; {@value #DEFAULT_MAXIMUM_KEYS} unless said. A key takes
   * about 62 bytes beyond its own string where it has one limit, 96 where it has two, and 8 more
   * for each further one or a total.
   */
  public RateLimiterBuilder maximumKeys(int maximum) {
    if (maximum < 1) {
      throw new IllegalArgumentException("maximumKeys must be at least 1: " + maximum);
    }
    this.maximumKeys = maximum;
    return this;
  }

  /** The name that rejections and events carry; {@code rate-limit} unless said. */
  public RateLimiterBuilder name(String name) {
    this.name = Objects.requireNonNull(name, "name");
    return this;
  }

  public RateLimiterBuilder clock(Clock clock) {
    this.clock = Objects.requireNonNull(clock, "clock");
    return this;
  }

  /**
   * Limits that depend on the key, such as those of a tenant's plan; all keys have the same
   * unless said. It is asked when a key comes new and when limits are changed, and must be quick.
   *
   * @param limitsOf null for the limits of this builder; if it throws, they count, too
   */
  public RateLimiterBuilder limitsOf(Function<String, @Nullable RateLimits> limitsOf) {
    this.limitsOf = Objects.requireNonNull(limitsOf, "limitsOf");
    return this;
  }

  /**
   * Limits of all keys together, taken in the same step as those of the key; none unless said.
   */
  public RateLimiterBuilder total(RateLimits total) {
    this.total = Objects.requireNonNull(total, "total");
    return this;
  }

  /**
   * Where the limits are kept that several processes share; in this process alone unless said.
   * The caller closes it.
   */
  public RateLimiterBuilder store(RateLimitStore store) {
    this.store = Objects.requireNonNull(store, "store");
    return this;
  }

  /** What becomes of calls while the store is away; {@link StoreFailure#LOCAL} unless said. */
  public RateLimiterBuilder onStoreFailure(StoreFailure behaviour) {
    this.onStoreFailure = Objects.requireNonNull(behaviour, "behaviour");
    return this;
  }

  /** Is told when the store is lost and when it is back; nobody unless said. */
  public RateLimiterBuilder listener(OpsEventListener listener) {
    this.listener = Objects.requireNonNull(listener, "listener");
    return this;
  }

  /**
   * How much a key gets of what it shares with others, where calls wait for that: twice the
   * weight, twice as much; 1 for all unless said.
   *
   * @param weight finite and above zero, else it is taken for 1, as where it throws
   */
  public RateLimiterBuilder weight(ToDoubleFunction<String> weight) {
    this.weight = Objects.requireNonNull(weight, "weight");
    return this;
  }

  /**
   * How many calls may wait at once for what several keys share, or for a permit; {@value
   * #DEFAULT_MAXIMUM_QUEUED} unless said. Beyond that, the last to come of the lowest priority is
   * refused.
   */
  public RateLimiterBuilder maximumQueued(int maximum) {
    if (maximum < 1) {
      throw new IllegalArgumentException("maximumQueued must be at least 1: " + maximum);
    }
    this.maximumQueued = maximum;
    return this;
  }

  /**
   * Builds the limiter.
   *
   * @throws IllegalStateException if no limit was given
   * @throws IllegalArgumentException if the burst is beyond measure
   */
  public RateLimiter build() {
    if (isEmpty() && total == null && limitsOf == null) {
      throw new IllegalStateException(
          "a rate limiter needs a limit, such as requestsPerMinute(60)");
    }
    return new RateLimiter(this);
  }

  @Override
  RateLimiterBuilder self() {
    return this;
  }
}
