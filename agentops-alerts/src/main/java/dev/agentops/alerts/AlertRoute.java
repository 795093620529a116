package dev.agentops.alerts;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A node of the routing tree, with Alertmanager's meaning: which alerts it takes, whom they are
 * for, which of them are told together and how often. Immutable and thread-safe.
 *
 * <pre>{@code
 * AlertRoute.builder()
 *     .receiver("team")
 *     .groupBy("alertname")
 *     .route(AlertRoute.builder().match("severity=\"critical\"").receiver("pager").build())
 *     .build();
 * }</pre>
 *
 * <p>An alert enters at the root. The first child that matches takes it, and later ones too if that
 * child {@linkplain Builder#continueMatching goes on}; where none matches, the node itself takes
 * it. A child inherits receiver, grouping and times that it does not set, but neither matchers nor
 * time intervals.
 */
public final class AlertRoute {

  private final @Nullable String receiver;
  private final List<Matcher> matchers;
  private final @Nullable Set<String> groupBy;
  private final boolean groupByAll;
  private final @Nullable Duration groupWait;
  private final @Nullable Duration groupInterval;
  private final @Nullable Duration repeatInterval;
  private final boolean continueMatching;
  private final List<String> muteTimeIntervals;
  private final List<String> activeTimeIntervals;
  private final List<AlertRoute> routes;

  private AlertRoute(Builder from) {
    receiver = from.receiver;
    matchers = from.matchers.stream().sorted().toList();
    groupBy = from.groupBy;
    groupByAll = from.groupByAll;
    groupWait = from.groupWait;
    groupInterval = from.groupInterval;
    repeatInterval = from.repeatInterval;
    continueMatching = from.continueMatching;
    muteTimeIntervals = List.copyOf(from.muteTimeIntervals);
    activeTimeIntervals = List.copyOf(from.activeTimeIntervals);
    routes = List.copyOf(from.routes);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The name of the receiver; empty if inherited. */
  public Optional<String> receiver() {
    return Optional.ofNullable(receiver);
  }

  /** What an alert must match, all of it; sorted. */
  public List<Matcher> matchers() {
    return matchers;
  }

  /** The labels by which alerts are grouped; empty if inherited or grouped by all. */
  public Optional<Set<String>> groupBy() {
    return Optional.ofNullable(groupBy);
  }

  /** Whether only alerts with equal labels are grouped, each by itself. */
  public boolean groupByAll() {
    return groupByAll;
  }

  public Optional<Duration> groupWait() {
    return Optional.ofNullable(groupWait);
  }

  public Optional<Duration> groupInterval() {
    return Optional.ofNullable(groupInterval);
  }

  public Optional<Duration> repeatInterval() {
    return Optional.ofNullable(repeatInterval);
  }

  /** Whether the siblings behind it are tried too. */
  public boolean continueMatching() {
    return continueMatching;
  }

  /** The names of the time intervals in which nobody is told. */
  public List<String> muteTimeIntervals() {
    return muteTimeIntervals;
  }

  /** The names of the only time intervals in which somebody is told; empty means always. */
  public List<String> activeTimeIntervals() {
    return activeTimeIntervals;
  }

  /** Its children, in the order in which they are tried. */
  public List<AlertRoute> routes() {
    return routes;
  }

  @Override
  public String toString() {
    return "AlertRoute{" + Matcher.text(matchers) + " -> " + receiver + ", " + routes + '}';
  }

  /** Collects a route; nothing is required but the receiver of the root. Not thread-safe. */
  public static final class Builder {

    private @Nullable String receiver;
    private final List<Matcher> matchers = new ArrayList<>();
    private @Nullable Set<String> groupBy;
    private boolean groupByAll;
    private @Nullable Duration groupWait;
    private @Nullable Duration groupInterval;
    private @Nullable Duration repeatInterval;
    private boolean continueMatching;
    private List<String> muteTimeIntervals = List.of();
    private List<String> activeTimeIntervals = List.of();
    private final List<AlertRoute> routes = new ArrayList<>();

    private Builder() {}

    /** The name of a {@link Receiver} of the manager. Default: that of the parent. */
    public Builder receiver(String name) {
      this.receiver = Objects.requireNonNull(name, "name");
      return this;
    }

    /** Adds a condition. */
    public Builder match(Matcher matcher) {
      matchers.add(Objects.requireNonNull(matcher, "matcher"));
      return this;
    }

    /**
     * Adds conditions as {@link Matcher#parseAll} reads them: {@code severity=~"error|critical"}.
     *
     * @throws IllegalArgumentException if they are none
     */
    public Builder match(String matchers) {
      this.matchers.addAll(Matcher.parseAll(matchers));
      return this;
    }

    /**
     * Groups alerts that have equal values of these labels; of none means all in one group, and
     * {@code "..."} alone means {@link #groupByAll}. Default: as the parent; the root has one
     * group.
     *
     * @throws IllegalArgumentException if a label is named twice, or has a name that Prometheus
     *     refuses
     */
    public Builder groupBy(String... labels) {
      if (Arrays.equals(labels, new String[] {"..."})) {
        return groupByAll();
      }
      Set<String> set = new LinkedHashSet<>();
      for (String label : labels) {
        Alert.requireName("a label to group by", label);
        if (!set.add(label)) {
          throw new IllegalArgumentException("a label to group by is named twice: '" + label + "'");
        }
      }
      groupBy = Set.copyOf(set);
      groupByAll = false;
      return this;
    }

    /** Makes alerts with equal labels a group of their own. */
    public Builder groupByAll() {
      groupBy = null;
      groupByAll = true;
      return this;
    }

    /** How long a new group waits for more alerts before it is told. Root's default: 30 seconds. */
    public Builder groupWait(Duration wait) {
      this.groupWait = notNegative(wait, "a group waits no negative time: ");
      return this;
    }

    /** How long until changes of a group that was told are told. Root's default: 5 minutes. */
    public Builder groupInterval(Duration interval) {
      this.groupInterval = positive(interval, "a group interval is positive: ");
      return this;
    }

    /**
     * How long until a group that goes on firing without a change is told again, rounded up to
     * group intervals. Root's default: 4 hours.
     */
    public Builder repeatInterval(Duration interval) {
      this.repeatInterval = positive(interval, "a repeat interval is positive: ");
      return this;
    }

    /** Lets the siblings behind it have the alerts that it takes, too. Default: it does not. */
    public Builder continueMatching() {
      this.continueMatching = true;
      return this;
    }

    /** In which time intervals of the manager nobody is told. Default: none. */
    public Builder muteTimeIntervals(String... names) {
      this.muteTimeIntervals = List.of(names);
      return this;
    }

    /** In which time intervals of the manager alone somebody is told. Default: always. */
    public Builder activeTimeIntervals(String... names) {
      this.activeTimeIntervals = List.of(names);
      return this;
    }

    /** Adds a child behind the others. */
    public Builder route(AlertRoute child) {
      routes.add(Objects.requireNonNull(child, "child"));
      return this;
    }

    public AlertRoute build() {
      return new AlertRoute(this);
    }

    private static Duration notNegative(Duration duration, String rule) {
      if (duration.isNegative()) {
        throw new IllegalArgumentException(rule + duration);
      }
      return duration;
    }

    private static Duration positive(Duration duration, String rule) {
      if (notNegative(duration, rule).isZero()) {
        throw new IllegalArgumentException(rule + duration);
      }
      return duration;
    }
  }
}
