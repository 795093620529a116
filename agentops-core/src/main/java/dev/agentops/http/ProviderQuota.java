package dev.agentops.http;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a provider says of one of its limits, such as the requests of a minute; each part may be
 * untold. Immutable, hence thread-safe.
 */
public final class ProviderQuota {

  private static final ProviderQuota UNTOLD = new ProviderQuota(null, null, null);

  private final @Nullable Long limit;
  private final @Nullable Long remaining;
  private final @Nullable Duration reset;

  private ProviderQuota(@Nullable Long limit, @Nullable Long remaining, @Nullable Duration reset) {
    this.limit = limit;
    this.remaining = remaining;
    this.reset = reset;
  }

  /** A quota of which nothing is told. */
  public static ProviderQuota untold() {
    return UNTOLD;
  }

  /**
   * A quota; null for what is not told.
   *
   * @throws IllegalArgumentException if one of them is negative
   */
  public static ProviderQuota of(
      @Nullable Long limit, @Nullable Long remaining, @Nullable Duration reset) {
    if ((limit != null && limit < 0)
        || (remaining != null && remaining < 0)
        || (reset != null && reset.isNegative())) {
      throw new IllegalArgumentException(
          "a quota must not be negative: limit "
              + limit
              + ", remaining "
              + remaining
              + ", reset "
              + reset);
    }
    return new ProviderQuota(limit, remaining, reset);
  }

  /** How much there is in all. */
  public OptionalLong limit() {
    return optional(limit);
  }

  /** How much is left. */
  public OptionalLong remaining() {
    return optional(remaining);
  }

  /** How long until all of it is there again, from the time of the answer. */
  public Optional<Duration> reset() {
    return Optional.ofNullable(reset);
  }

  /** Whether the provider says that nothing is left. */
  public boolean isExhausted() {
    return remaining != null && remaining == 0;
  }

  boolean isUntold() {
    return limit == null && remaining == null && reset == null;
  }

  private static OptionalLong optional(@Nullable Long value) {
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }

  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof ProviderQuota other
        && Objects.equals(limit, other.limit)
        && Objects.equals(remaining, other.remaining)
        && Objects.equals(reset, other.reset);
  }

  @Override
  public int hashCode() {
    return Objects.hash(limit, remaining, reset);
  }

  @Override
  public String toString() {
    return "{limit " + limit + ", remaining " + remaining + ", reset " + reset + '}';
  }
}
