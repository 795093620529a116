package dev.agentops.alerts;

import dev.agentops.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The problems there are now, by fingerprint, with a bound; what is told of one is merged as
 * Alertmanager does. Keeps what changed until the engine takes it. Thread-safe.
 *
 * <p>At the bound the oldest problem of the lowest level makes room, unless the newcomer is lower
 * still: then that one is dropped.
 */
final class ActiveAlerts {

  private static final Logger LOG = LoggerFactory.getLogger(AlertManager.class);
  private static final Duration REFRESH = Duration.ofSeconds(1);

  private final int capacity;
  private final long resolveNanos;
  private final long refreshNanos;
  private final Clock clock;
  private final AlertHistory history;
  private final LongAdder fired = new LongAdder();
  private final Map<String, ActiveAlert> byFingerprint = new ConcurrentHashMap<>();

  private volatile boolean unseen;

  // guarded by this
  private final List<Set<ActiveAlert>> byLevel = new ArrayList<>();
  private final TreeMap<Deadline, ActiveAlert> deadlines = new TreeMap<>();
  private final Set<ActiveAlert> changed = new LinkedHashSet<>();
  private final List<ActiveAlert> evicted = new ArrayList<>();
  private long sequence;
  private long dropped;
  private boolean closed;

  ActiveAlerts(int capacity, Duration resolveTimeout, Clock clock, AlertHistory history) {
    this.capacity = capacity;
    this.resolveNanos = TimeUnit.NANOSECONDS.convert(resolveTimeout);
    this.refreshNanos = Math.min(REFRESH.toNanos(), resolveNanos);
    this.clock = clock;
    this.history = history;
    for (int i = 0; i < AlertLevel.values().length; i++) {
      byLevel.add(new LinkedHashSet<>());
    }
  }

  /**
   * Takes news of a problem.
   *
   * @return the problem, to count repeats on; null if it is none (any more) or was dropped
   */
  synchronized @Nullable ActiveAlert tell(Alert news) {
    Instant now = clock.now();
    long nanos = clock.nanoTime();
    ActiveAlert known = known(news.fingerprint(), now, nanos);
    Instant end = news.endsAt().orElse(null);
    if (news.state() == AlertState.RESOLVED || (end != null && !end.isAfter(now))) {
      if (known != null) {
        resolve(known, end == null || end.isAfter(now) ? now : end);
      }
      return null;
    }
    if (news.state() == AlertState.FIRING) {
      fired.increment();
    }
    if (known != null && known.state() == news.state()) {
      merge(known, news, nanos);
      return known;
    }
    if (news.state() == AlertState.PENDING && known != null) {
      return known; // it fires already
    }
    if (known != null) {
      remove(known); // what was pending fires
    }
    return add(new ActiveAlert(news, ++sequence, nanos, refreshNanos));
  }

  /** Counts one more occurrence, if that is all there is to do; allocates nothing. */
  boolean repeat(ActiveAlert alert) {
    if (!alert.repeat(clock.nanoTime())) {
      return false;
    }
    fired.increment();
    return true;
  }

  /** Ends a problem, if there is one with this fingerprint. */
  synchronized boolean resolve(String fingerprint) {
    Instant now = clock.now();
    ActiveAlert known = known(fingerprint, now, clock.nanoTime());
    if (known == null) {
      return false;
    }
    resolve(known, now);
    return true;
  }

  /** What changed since this was asked last, in that order; ends what has ended by now. */
  synchronized List<ActiveAlert> takeChanges() {
    Instant now = clock.now();
    while (!deadlines.isEmpty() && !deadlines.firstKey().endsAt.isAfter(now)) {
      ActiveAlert over = deadlines.firstEntry().getValue();
      resolve(over, deadlines.firstKey().endsAt);
    }
    List<ActiveAlert> taken = List.copyOf(changed);
    changed.clear();
    unseen = false;
    return taken;
  }

  /** Whether there is something to take. */
  boolean hasChanges() {
    return unseen;
  }

  /** What had to make room since this was asked last. */
  synchronized List<ActiveAlert> takeEvicted() {
    List<ActiveAlert> taken = List.copyOf(evicted);
    evicted.clear();
    return taken;
  }

  /** Forgets what has no end and was not told for too long. */
  synchronized void forgetSilent() {
    long nanos = clock.nanoTime();
    for (ActiveAlert alert : byFingerprint.values()) {
      if (isForgotten(alert, nanos)) {
        remove(alert);
      }
    }
  }

  /** When the first of them ends; null if no end is known. */
  synchronized @Nullable Instant nextEnd() {
    return deadlines.isEmpty() ? null : deadlines.firstKey().endsAt;
  }

  /** Those that are pending or fire now, in the order in which they came. */
  List<ActiveAlert> list() {
    Instant now = clock.now();
    long nanos = clock.nanoTime();
    return byFingerprint.values().stream()
        .filter(alert -> !alert.isOver(now) && !isForgotten(alert, nanos))
        .sorted(Comparator.comparingLong(ActiveAlert::sequence))
        .toList();
  }

  /** From now on, what fires is remembered and nobody is told. */
  synchronized void close() {
    closed = true;
  }

  boolean isEmpty() {
    return byFingerprint.isEmpty();
  }

  /** How often a problem was told as firing, repeats included. */
  long fired() {
    return fired.sum();
  }

  synchronized long dropped() {
    return dropped;
  }

  /** Counts an alert that nobody was told of. */
  synchronized void drop(ActiveAlert alert) {
    if (!alert.isTold() && dropped++ == 0 && !closed) {
      LOG.warn(
          "more than {} alerts at once: some are dropped; this is said once, AlertManager.stats() counts",
          capacity);
    }
  }

  private @Nullable ActiveAlert known(String fingerprint, Instant now, long nanos) {
    ActiveAlert known = byFingerprint.get(fingerprint);
    if (known == null) {
      return null;
    }
    Instant end = known.endsAt();
    if (end != null && !end.isAfter(now)) {
      resolve(known, end);
      return null;
    }
    if (isForgotten(known, nanos)) {
      remove(known);
      return null;
    }
    return known;
  }

  private boolean isForgotten(ActiveAlert alert, long nanos) {
    return alert.endsAt() == null && alert.silentNanos(nanos) >= resolveNanos;
  }

  /** The earliest start and the latest end. */
  private void merge(ActiveAlert known, Alert news, long nanos) {
    Instant start = known.startsAt().isBefore(news.startsAt()) ? known.startsAt() : news.startsAt();
    Instant before = known.endsAt();
    Instant end = news.endsAt().orElse(null);
    if (before != null && (end == null || before.isAfter(end))) {
      end = before;
    }
    setDeadline(known, end);
    known.refresh(news.as(news.state(), start, end, news.occurrences()), nanos);
  }

  private void setDeadline(ActiveAlert alert, @Nullable Instant end) {
    Instant before = alert.endsAt();
    if (before != null) {
      deadlines.remove(new Deadline(before, alert.sequence()));
    }
    if (end != null) {
      deadlines.put(new Deadline(end, alert.sequence()), alert);
    }
  }

  private @Nullable ActiveAlert add(ActiveAlert alert) {
    if (closed) {
      history.add(alert.alert());
      dropped++;
      return null;
    }
    if (byFingerprint.size() >= capacity && !evictUpTo(alert.level())) {
      drop(alert);
      return null;
    }
    byFingerprint.put(alert.fingerprint(), alert);
    byLevel.get(alert.level().ordinal()).add(alert);
    setDeadline(alert, alert.endsAt());
    if (alert.state() == AlertState.FIRING) {
      history.add(alert.alert());
      change(alert);
    }
    return alert;
  }

  private boolean evictUpTo(AlertLevel level) {
    for (Set<ActiveAlert> candidates : byLevel.subList(0, level.ordinal() + 1)) {
      if (!candidates.isEmpty()) {
        ActiveAlert oldest = candidates.iterator().next();
        remove(oldest);
        if (changed.remove(oldest)) {
          drop(oldest);
        } else if (oldest.state() == AlertState.FIRING) {
          evicted.add(oldest);
        }
        return true;
      }
    }
    return false;
  }

  private void resolve(ActiveAlert alert, Instant at) {
    remove(alert);
    if (alert.state() == AlertState.FIRING) {
      alert.become(AlertState.RESOLVED, alert.startsAt(), at);
      history.add(alert.alert());
      change(alert);
    }
  }

  private void change(ActiveAlert alert) {
    changed.add(alert);
    unseen = true;
    if (changed.size() > 2 * capacity) { // resolved ones, faster than the engine takes them
      ActiveAlert oldest = changed.iterator().next();
      changed.remove(oldest);
      drop(oldest);
    }
  }

  private void remove(ActiveAlert alert) {
    alert.leave();
    byFingerprint.remove(alert.fingerprint(), alert);
    byLevel.forEach(level -> level.remove(alert));
    setDeadline(alert, null);
  }

  private record Deadline(Instant endsAt, long sequence) implements Comparable<Deadline> {

    @Override
    public int compareTo(Deadline other) {
      int byEnd = endsAt.compareTo(other.endsAt);
      return byEnd != 0 ? byEnd : Long.compare(sequence, other.sequence);
    }
  }
}
