package dev.agentops.ratelimit;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A set of limits that are taken together: what one key may use, or all keys of a {@link
 * RateLimiter} together. Immutable.
 *
 * <p>At most one limit for each thing that is counted and each period: the last one said.
 */
public final class RateLimits {

  private static final int UNLIMITED = 0;

  private final List<Limit> limits;
  private final Limit[] array;

  /** The only one there is, where there is only one; null if there are others. */
  final @Nullable Limit only;

  private final int concurrency;

  RateLimits(List<Limit> limits, int concurrency) {
    this.limits = limits;
    this.array = limits.toArray(new Limit[0]);
    this.concurrency = concurrency;
    this.only = array.length == 1 && concurrency == UNLIMITED ? array[0] : null;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The limits on requests and tokens, in the order in which they were said. */
  public List<Limit> limits() {
    return limits;
  }

  /** How many calls may be under way at once; empty for any number. */
  public OptionalInt concurrency() {
    return limitsConcurrency() ? OptionalInt.of(concurrency) : OptionalInt.empty();
  }

  /** Whether some limit counts tokens, so that an estimate of them is worth making. */
  public boolean limitsTokens() {
    return limits.stream().anyMatch(limit -> limit.kind() != Limit.Kind.REQUESTS);
  }

  boolean isEmpty() {
    return array.length == 0 && !limitsConcurrency();
  }

  boolean limitsConcurrency() {
    return concurrency != UNLIMITED;
  }

  /** Whether a limit has this name, such as {@code 8 at once}. */
  boolean has(String name) {
    return (limitsConcurrency() && name.equals(concurrency + " at once"))
        || limits.stream().anyMatch(limit -> limit.toString().equals(name));
  }

  int maximumConcurrency() {
    return concurrency;
  }

  int size() {
    return array.length;
  }

  Limit get(int index) {
    return array[index];
  }

  /** An estimate of no more than what can come at once: less of the output, then of the input. */
  Demand capped(Demand demand) {
    long input = Math.min(demand.inputTokens(), burst(Limit.Kind.INPUT_TOKENS));
    long output = Math.min(demand.outputTokens(), burst(Limit.Kind.OUTPUT_TOKENS));
    long both = burst(Limit.Kind.TOKENS);
    input = Math.min(input, both);
    output = Math.min(output, both - input);
    boolean fits = input == demand.inputTokens() && output == demand.outputTokens();
    return fits ? demand : Demand.of(input, output).priority(demand.priority());
  }

  private long burst(Limit.Kind kind) {
    long least = Long.MAX_VALUE;
    for (Limit limit : array) {
      if (limit.kind() == kind) {
        least = Math.min(least, limit.burst());
      }
    }
    return least;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RateLimits that
        && concurrency == that.concurrency
        && limits.equals(that.limits);
  }

  @Override
  public int hashCode() {
    return 31 * limits.hashCode() + concurrency;
  }

  /** Such as {@code [60 requests per minute, 5 at once]}. */
  @Override
  public String toString() {
    Stream<String> atOnce = limitsConcurrency() ? Stream.of(concurrency + " at once") : Stream.of();
    return Stream.concat(limits.stream().map(Limit::toString), atOnce).toList().toString();
  }

  /** Configures {@link RateLimits}; at least one is required. Not thread-safe. */
  public static final class Builder extends LimitsBuilder<Builder> {

    private Builder() {}

    /**
     * Builds the set.
     *
     * @throws IllegalStateException if no limit was given
     * @throws IllegalArgumentException if the burst is beyond measure
     */
    public RateLimits build() {
      if (isEmpty()) {
        throw new IllegalStateException("limits need a limit, such as requestsPerMinute(60)");
      }
      return toLimits();
    }

    @Override
    Builder self() {
      return this;
    }
  }
}
