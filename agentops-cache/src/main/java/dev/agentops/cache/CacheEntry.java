package dev.agentops.cache;

import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A value with what a cache is to know about it: its time to live and its tags. Immutable if the
 * value is.
 *
 * @param <V> the type of the value
 */
public final class CacheEntry<V> {

  /** {@value} tags. */
  public static final int MAXIMUM_TAGS = 100;

  private final V value;
  private final Optional<Duration> timeToLive;
  private final Set<String> tags;

  private CacheEntry(V value, Optional<Duration> timeToLive, Set<String> tags) {
    this.value = value;
    this.timeToLive = timeToLive;
    this.tags = tags;
  }

  /** A value without tags, for the cache's own time to live. */
  public static <V> CacheEntry<V> of(V value) {
    return new CacheEntry<>(Objects.requireNonNull(value, "value"), Optional.empty(), Set.of());
  }

  /**
   * The same for a time of its own.
   *
   * @throws IllegalArgumentException if the time is not positive
   */
  public CacheEntry<V> timeToLive(Duration timeToLive) {
    if (timeToLive.isZero() || timeToLive.isNegative()) {
      throw new IllegalArgumentException("timeToLive must be positive: " + timeToLive);
    }
    return new CacheEntry<>(value, Optional.of(timeToLive), tags);
  }

  /**
   * The same with these tags, in place of others, for {@link
   * MultiLevelCache#invalidateByTag(String)}.
   *
   * @param tags at most {@value #MAXIMUM_TAGS}, each well-formed text of at most {@value
   *     Require#LONGEST_TAG} characters; one that comes twice counts once
   * @throws IllegalArgumentException if one is not, or they are more
   */
  public CacheEntry<V> tags(String... tags) {
    if (tags.length > MAXIMUM_TAGS) {
      throw new IllegalArgumentException(
          "an entry may have " + MAXIMUM_TAGS + " tags at most, not " + tags.length);
    }
    return new CacheEntry<>(
        value,
        timeToLive,
        Arrays.stream(tags).map(Require::tag).collect(Collectors.toUnmodifiableSet()));
  }

  public V value() {
    return value;
  }

  /** Empty where the cache's own is meant. */
  public Optional<Duration> timeToLive() {
    return timeToLive;
  }

  public Set<String> tags() {
    return tags;
  }
}
