package dev.agentops.alerts;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;

/**
 * The alerts that a route tells together, and when it does so next: when the group has waited, then
 * only at multiples of the group interval, as Alertmanager. Not thread-safe.
 */
final class Group implements Comparable<Group> {

  static final long NEVER = Long.MAX_VALUE;

  private static final Comparator<Alert> ORDER =
      Comparator.comparing(Alert::labels, new LabelOrder());

  private final RouteNode route;
  private final SortedMap<String, String> labels;
  private final String key;
  private final long sequence;
  private final long intervalNanos;
  private final Map<String, ActiveAlert> alerts = new LinkedHashMap<>();
  private long dueNanos;
  private long flushedNanos;
  private boolean flushed;
  private boolean changed;

  /**
   * A group that waits for more alerts.
   *
   * @param nowNanos of a clock that began at 0
   */
  Group(RouteNode route, SortedMap<String, String> labels, long sequence, long nowNanos) {
    this.route = route;
    this.labels = labels;
    this.key = route.key() + ":" + LabelText.of(labels);
    this.sequence = sequence;
    this.intervalNanos = nanos(route.groupInterval());
    this.dueNanos = add(nowNanos, nanos(route.groupWait()));
  }

  /** Adds news of a problem. */
  void add(ActiveAlert alert, Instant now, long nowNanos) {
    alerts.put(alert.fingerprint(), alert);
    changed = true;
    if (flushed) {
      dueNanos = Math.min(dueNanos, tick(nowNanos));
    } else if (alert.startsAt().plus(route.groupWait()).isBefore(now)) {
      dueNanos = Math.min(dueNanos, nowNanos); // it has waited elsewhere
    }
  }

  void remove(ActiveAlert alert) {
    alerts.remove(alert.fingerprint(), alert);
  }

  /**
   * Its alerts as they are now, those that fire first; forgets those that nobody tells of any more.
   */
  List<Alert> alerts(Instant now) {
    alerts.values().removeIf(alert -> alert.isGone() && alert.state() == AlertState.FIRING);
    List<Alert> snapshot = new ArrayList<>(alerts.size());
    for (ActiveAlert alert : alerts.values()) {
      Alert seen = alert.alert();
      snapshot.add(
          alert.isOver(now)
              ? seen.as(
                  AlertState.RESOLVED,
                  seen.startsAt(),
                  seen.endsAt().orElse(now),
                  seen.occurrences())
              : seen);
    }
    snapshot.sort(Comparator.comparing(Alert::state).thenComparing(ORDER));
    return snapshot;
  }

  /** Says that somebody was told of these. */
  void told(List<Alert> told) {
    for (Alert alert : told) {
      ActiveAlert active = alerts.get(alert.fingerprint());
      if (active != null) {
        active.tell();
      }
    }
  }

  /** Marks its turn as over: resolved alerts of this snapshot leave. */
  void flushed(List<Alert> snapshot, long nowNanos) {
    for (Alert alert : snapshot) {
      if (alert.state() == AlertState.RESOLVED) {
        alerts.remove(alert.fingerprint());
      }
    }
    flushed = true;
    changed = false;
    flushedNanos = nowNanos;
    dueNanos = NEVER;
  }

  /** Makes its next turn the first one at or after this time. */
  void dueFrom(long nanos) {
    dueNanos = Math.min(dueNanos, tick(nanos));
  }

  /** Since its last turn something came. */
  boolean isChanged() {
    return changed;
  }

  boolean isEmpty() {
    return alerts.isEmpty();
  }

  /** How long until its turn; negative if it is late, {@link #NEVER} if nothing is to come. */
  long nanosUntilDue(long nowNanos) {
    return dueNanos == NEVER ? NEVER : dueNanos - nowNanos;
  }

  Iterable<ActiveAlert> members() {
    return alerts.values();
  }

  RouteNode route() {
    return route;
  }

  SortedMap<String, String> labels() {
    return labels;
  }

  /** As Alertmanager writes it: {@code {}/{team="a"}:{alertname="X"}}. */
  String key() {
    return key;
  }

  @Override
  public int compareTo(Group other) {
    int byTime = Long.compare(dueNanos, other.dueNanos);
    return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
  }

  /** The first multiple of the interval after the last turn that is not before this. */
  private long tick(long nanos) {
    long intervals = Math.max(1, Math.floorDiv(nanos - flushedNanos - 1, intervalNanos) + 1);
    return intervals > (NEVER - 1 - flushedNanos) / intervalNanos
        ? NEVER - 1
        : flushedNanos + intervals * intervalNanos;
  }

  private static long add(long a, long b) {
    return Math.min(a, NEVER - 1 - b) + b;
  }

  static long nanos(Duration duration) {
    return TimeUnit.NANOSECONDS.convert(duration);
  }
}
