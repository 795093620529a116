package dev.agentops;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where an answer came from that no model had to give, and what that saves; all is untold unless
 * said. Immutable.
 */
public final class CachedAnswer {

  private final @Nullable String level;
  private final @Nullable Duration age;
  private final boolean joined;
  private final @Nullable UsageReport savedReport;
  private final @Nullable Cost savedCost;
  private final @Nullable Duration savedTime;

  private CachedAnswer(Builder from) {
    level = from.level;
    age = from.age;
    joined = from.joined;
    savedReport = from.savedReport;
    savedCost = from.savedCost;
    savedTime = from.savedTime;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The level of the cache: {@code local}, or the name of a store. */
  public Optional<String> level() {
    return Optional.ofNullable(level);
  }

  /** How long ago the answer was made. */
  public Optional<Duration> age() {
    return Optional.ofNullable(age);
  }

  /** Whether it is the answer of an equal call that was under way. */
  public boolean joined() {
    return joined;
  }

  /** What was consumed when the answer was made. */
  public Optional<UsageReport> savedReport() {
    return Optional.ofNullable(savedReport);
  }

  /** What the answer cost when it was made. */
  public Optional<Cost> savedCost() {
    return Optional.ofNullable(savedCost);
  }

  /** How long it took to make the answer. */
  public Optional<Duration> savedTime() {
    return Optional.ofNullable(savedTime);
  }

  /** Collects what is known. Not thread-safe. */
  public static final class Builder {

    private @Nullable String level;
    private @Nullable Duration age;
    private boolean joined;
    private @Nullable UsageReport savedReport;
    private @Nullable Cost savedCost;
    private @Nullable Duration savedTime;

    private Builder() {}

    public Builder level(@Nullable String level) {
      this.level = level;
      return this;
    }

    public Builder age(@Nullable Duration age) {
      this.age = age;
      return this;
    }

    public Builder joined(boolean joined) {
      this.joined = joined;
      return this;
    }

    public Builder savedReport(@Nullable UsageReport report) {
      this.savedReport = report;
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

    public CachedAnswer build() {
      return new CachedAnswer(this);
    }
  }
}
