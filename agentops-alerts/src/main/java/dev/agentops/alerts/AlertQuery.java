package dev.agentops.alerts;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which alerts to see: those that meet all conditions given. Immutable and thread-safe. */
public final class AlertQuery {

  private final AlertLevel minimumLevel;
  private final @Nullable AlertState state;
  private final @Nullable Instant since;
  private final List<Matcher> matchers;

  private AlertQuery(Builder from) {
    minimumLevel = from.minimumLevel;
    state = from.state;
    since = from.since;
    matchers = List.copyOf(from.matchers);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Whether it is one of those to see. */
  public boolean matches(Alert alert) {
    return alert.level().compareTo(minimumLevel) >= 0
        && (state == null || alert.state() == state)
        && (since == null || !changedAt(alert).isBefore(since))
        && Matcher.allMatch(matchers, alert.labels());
  }

  private static Instant changedAt(Alert alert) {
    return alert.state() == AlertState.RESOLVED
        ? alert.endsAt().orElse(alert.timestamp())
        : alert.timestamp();
  }

  /** Collects a query; without conditions it means all. Not thread-safe. */
  public static final class Builder {

    private AlertLevel minimumLevel = AlertLevel.INFO;
    private @Nullable AlertState state;
    private @Nullable Instant since;
    private final List<Matcher> matchers = new ArrayList<>();

    private Builder() {}

    /** This level or worse. */
    public Builder minimumLevel(AlertLevel level) {
      this.minimumLevel = Objects.requireNonNull(level, "level");
      return this;
    }

    /** Only firings, or only resolutions. */
    public Builder state(AlertState state) {
      this.state = Objects.requireNonNull(state, "state");
      return this;
    }

    /** Fired or resolved then or later. */
    public Builder since(Instant time) {
      this.since = Objects.requireNonNull(time, "time");
      return this;
    }

    /** Adds a condition on a label. */
    public Builder match(Matcher matcher) {
      matchers.add(Objects.requireNonNull(matcher, "matcher"));
      return this;
    }

    /**
     * Adds conditions as {@link Matcher#parseAll} reads them: {@code alertname=~"High.*"}.
     *
     * @throws IllegalArgumentException if they are none
     */
    public Builder match(String matchers) {
      this.matchers.addAll(Matcher.parseAll(matchers));
      return this;
    }

    public AlertQuery build() {
      return new AlertQuery(this);
    }
  }
}
