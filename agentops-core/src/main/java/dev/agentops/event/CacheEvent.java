package dev.agentops.event;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A cache was asked for the answer of a call. Immutable. */
public final class CacheEvent implements OpsEvent {

  /** What a cache had to offer. */
  public enum Type {
    /** The answer. */
    HIT,
    /** The answer of an equal call that was under way, as much of it as the caller wanted. */
    JOINED,
    /** Nothing; of an equal call under way nothing but its error. */
    MISS,
    /** It was not asked, since the caller wants a new answer; that one goes into the cache. */
    REFRESH,
    /** Nothing to be asked for: calls of this kind are not cached. */
    BYPASS
  }

  private final Instant timestamp;
  private final Attributes attributes;
  private final String cache;
  private final Type type;
  private final @Nullable String level;
  private final @Nullable Duration age;
  private final @Nullable Cost savedCost;
  private final @Nullable Duration savedTime;

  private CacheEvent(Builder from) {
    timestamp = Objects.requireNonNull(from.timestamp, "timestamp");
    cache = Objects.requireNonNull(from.cache, "cache");
    type = Objects.requireNonNull(from.type, "type");
    attributes = from.attributes;
    level = from.level;
    age = from.age;
    savedCost = from.savedCost;
    savedTime = from.savedTime;
  }

  public static Builder builder() {
    return new Builder();
  }

  @Override
  public Instant timestamp() {
    return timestamp;
  }

  /** Those of the scopes around the call. */
  @Override
  public Attributes attributes() {
    return attributes;
  }

  /** The cache's name. */
  public String cache() {
    return cache;
  }

  public Type type() {
    return type;
  }

  /** Where a hit was found: {@code local}, or the name of a store; empty for all others. */
  public Optional<String> level() {
    return Optional.ofNullable(level);
  }

  /** How long ago the answer of a hit was made; empty for all others. */
  public Optional<Duration> age() {
    return Optional.ofNullable(age);
  }

  /** What the answer cost when it was made; empty where that is not known or nothing was saved. */
  public Optional<Cost> savedCost() {
    return Optional.ofNullable(savedCost);
  }

  /** How long it took to make the answer; empty where that is not known or nothing was saved. */
  public Optional<Duration> savedTime() {
    return Optional.ofNullable(savedTime);
  }

  @Override
  public String toString() {
    return "CacheEvent{"
        + type
        + " "
        + cache
        + (level == null ? "" : "/" + level)
        + (age == null ? "" : ", age=" + age)
        + (savedCost == null ? "" : ", saved=" + savedCost)
        + (savedTime == null ? "" : ", savedTime=" + savedTime)
        + ", "
        + attributes
        + '}';
  }

  /** Collects what happened; timestamp, cache and type are required. Not thread-safe. */
  public static final class Builder {

    private @Nullable Instant timestamp;
    private Attributes attributes = Attributes.empty();
    private @Nullable String cache;
    private @Nullable Type type;
    private @Nullable String level;
    private @Nullable Duration age;
    private @Nullable Cost savedCost;
    private @Nullable Duration savedTime;

    private Builder() {}

    public Builder timestamp(Instant timestamp) {
      this.timestamp = timestamp;
      return this;
    }

    public Builder attributes(Attributes attributes) {
      this.attributes = attributes;
      return this;
    }

    public Builder cache(String cache) {
      this.cache = cache;
      return this;
    }

    public Builder type(Type type) {
      this.type = type;
      return this;
    }

    public Builder level(@Nullable String level) {
      this.level = level;
      return this;
    }

    public Builder age(@Nullable Duration age) {
      this.age = age;
      return this;
    }

    public Builder savedCost(@Nullable Cost cost) {
      this.savedCost = cost;
      return this;
    }

    public Builder savedTime(@Nullable Duration time) {
      this.savedTime = time;
      return this;
    }

    public CacheEvent build() {
      return new CacheEvent(this);
    }
  }
}
