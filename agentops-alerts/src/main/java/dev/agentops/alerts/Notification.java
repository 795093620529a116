package dev.agentops.alerts;

import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One message to one receiver: the alerts of a group, those that fire and those that were resolved
 * since the last message. Immutable and thread-safe, like the data of an Alertmanager webhook.
 */
public final class Notification {

  private final String groupKey;
  private final String receiver;
  private final SortedMap<String, String> groupLabels;
  private final List<Alert> alerts;
  private final long truncatedAlerts;
  private final Instant timestamp;
  private final @Nullable URI externalUrl;

  private Notification(Builder from) {
    groupKey = Objects.requireNonNull(from.groupKey, "groupKey");
    receiver = Objects.requireNonNull(from.receiver, "receiver");
    timestamp = Objects.requireNonNull(from.timestamp, "timestamp");
    groupLabels = Collections.unmodifiableSortedMap(new TreeMap<>(from.groupLabels));
    alerts = List.copyOf(from.alerts);
    if (alerts.isEmpty()) {
      throw new IllegalArgumentException("a notification has at least one alert");
    }
    truncatedAlerts = from.truncatedAlerts;
    externalUrl = from.externalUrl;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The message of an alert that is a group of its own. */
  public static Notification of(Alert alert) {
    return builder()
        .groupKey(alert.fingerprint())
        .receiver("default")
        .groupLabels(alert.labels())
        .alert(alert)
        .timestamp(alert.timestamp())
        .build();
  }

  /** The same for all messages about this group: pairs a resolved notice with what it resolves. */
  public String groupKey() {
    return groupKey;
  }

  /** The name of the receiver that the route chose. */
  public String receiver() {
    return receiver;
  }

  /** The labels by which the group is one. */
  public SortedMap<String, String> groupLabels() {
    return groupLabels;
  }

  /** The labels that all its alerts have in common. */
  public SortedMap<String, String> commonLabels() {
    return common(Alert::labels);
  }

  /** The annotations that all its alerts have in common. */
  public SortedMap<String, String> commonAnnotations() {
    return common(Alert::annotations);
  }

  /** The alerts, at least one: those that fire first. */
  public List<Alert> alerts() {
    return alerts;
  }

  public List<Alert> firing() {
    return in(AlertState.FIRING);
  }

  public List<Alert> resolved() {
    return in(AlertState.RESOLVED);
  }

  /** {@link AlertState#FIRING} while any of its alerts does, then {@link AlertState#RESOLVED}. */
  public AlertState state() {
    return firing().isEmpty() ? AlertState.RESOLVED : AlertState.FIRING;
  }

  /** The highest level of what fires, or of what was resolved if nothing fires any more. */
  public AlertLevel level() {
    List<Alert> firing = firing();
    return (firing.isEmpty() ? alerts : firing)
        .stream().map(Alert::level).max(AlertLevel::compareTo).orElseThrow();
  }

  /** How many alerts of the group were left out because there are too many. */
  public long truncatedAlerts() {
    return truncatedAlerts;
  }

  /** When it was put together. */
  public Instant timestamp() {
    return timestamp;
  }

  /** Where people find more. */
  public Optional<URI> externalUrl() {
    return Optional.ofNullable(externalUrl);
  }

  /** This notification with other alerts; for {@link AlertHandler#split}. */
  public Builder toBuilder() {
    return builder()
        .groupKey(groupKey)
        .receiver(receiver)
        .groupLabels(groupLabels)
        .alerts(alerts)
        .truncatedAlerts(truncatedAlerts)
        .timestamp(timestamp)
        .externalUrl(externalUrl);
  }

  private List<Alert> in(AlertState state) {
    return alerts.stream().filter(alert -> alert.state() == state).toList();
  }

  private SortedMap<String, String> common(Function<Alert, SortedMap<String, String>> of) {
    TreeMap<String, String> common = new TreeMap<>(of.apply(alerts.get(0)));
    for (Alert alert : alerts) {
      common.entrySet().retainAll(of.apply(alert).entrySet());
    }
    return Collections.unmodifiableSortedMap(common);
  }

  @Override
  public String toString() {
    return "Notification{" + state() + " " + groupKey + " to " + receiver + ", " + alerts + '}';
  }

  /** Collects a notification; group key, receiver, timestamp and an alert are required. */
  public static final class Builder {

    private @Nullable String groupKey;
    private @Nullable String receiver;
    private SortedMap<String, String> groupLabels = new TreeMap<>();
    private List<Alert> alerts = new ArrayList<>();
    private long truncatedAlerts;
    private @Nullable Instant timestamp;
    private @Nullable URI externalUrl;

    private Builder() {}

    public Builder groupKey(String groupKey) {
      this.groupKey = groupKey;
      return this;
    }

    public Builder receiver(String receiver) {
      this.receiver = receiver;
      return this;
    }

    public Builder groupLabels(SortedMap<String, String> labels) {
      this.groupLabels = new TreeMap<>(labels);
      return this;
    }

    /** Adds one. */
    public Builder alert(Alert alert) {
      alerts.add(Objects.requireNonNull(alert, "alert"));
      return this;
    }

    /** Replaces all. */
    public Builder alerts(List<Alert> alerts) {
      this.alerts = new ArrayList<>(alerts);
      return this;
    }

    public Builder truncatedAlerts(long count) {
      if (count < 0) {
        throw new IllegalArgumentException("a number of alerts is not negative: " + count);
      }
      this.truncatedAlerts = count;
      return this;
    }

    public Builder timestamp(Instant timestamp) {
      this.timestamp = timestamp;
      return this;
    }

    public Builder externalUrl(@Nullable URI url) {
      this.externalUrl = url;
      return this;
    }

    public Notification build() {
      return new Notification(this);
    }
  }
}
