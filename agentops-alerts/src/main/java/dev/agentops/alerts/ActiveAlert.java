package dev.agentops.alerts;

import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One problem from its first firing until it is resolved or forgotten: the latest news of it, and
 * how often it was told. Thread-safe; changed by {@link ActiveAlerts} alone.
 */
final class ActiveAlert {

  private final String fingerprint;
  private final long sequence;
  private final long refreshNanos;
  private final LongAdder occurrences = new LongAdder();
  private volatile Alert latest;
  private volatile long latestNanos;
  private volatile boolean gone;
  private volatile boolean told;

  ActiveAlert(Alert first, long sequence, long nowNanos, long refreshNanos) {
    this.fingerprint = first.fingerprint();
    this.sequence = sequence;
    this.refreshNanos = refreshNanos;
    this.latest = first;
    this.latestNanos = nowNanos;
    occurrences.add(first.occurrences());
  }

  /**
   * Counts one more occurrence, if that is all there is to do: the problem still fires, and was
   * told in full so lately that the news can wait.
   */
  boolean repeat(long nowNanos) {
    if (gone || nowNanos - latestNanos >= refreshNanos || latest.state() != AlertState.FIRING) {
      return false;
    }
    occurrences.increment();
    return true;
  }

  /** Takes news of the same firing. */
  void refresh(Alert news, long nowNanos) {
    occurrences.add(news.occurrences());
    latest = news.continuing(latest);
    latestNanos = nowNanos;
  }

  /** Changes nothing but where it stands. */
  void become(AlertState state, Instant startsAt, @Nullable Instant endsAt) {
    Alert before = latest;
    latest = before.as(state, startsAt, endsAt, before.occurrences());
  }

  /** No repeat counts any more; what fires next is another firing. */
  void leave() {
    gone = true;
  }

  /** Somebody was told of it. */
  void tell() {
    told = true;
  }

  boolean isTold() {
    return told;
  }

  boolean isGone() {
    return gone;
  }

  /** It as it is now, with all its occurrences. */
  Alert alert() {
    Alert now = latest;
    return now.as(now.state(), now.startsAt(), now.endsAt().orElse(null), occurrences.sum());
  }

  AlertState state() {
    return latest.state();
  }

  AlertLevel level() {
    return latest.level();
  }

  Instant startsAt() {
    return latest.startsAt();
  }

  @Nullable Instant endsAt() {
    return latest.endsAt().orElse(null);
  }

  /** Whether it has ended by then, as far as is known. */
  boolean isOver(Instant now) {
    Instant end = endsAt();
    return state() == AlertState.RESOLVED || (end != null && !end.isAfter(now));
  }

  /** How long nothing was heard of it. */
  long silentNanos(long nowNanos) {
    return nowNanos - latestNanos;
  }

  String fingerprint() {
    return fingerprint;
  }

  long fingerprintBits() {
    return latest.fingerprintBits();
  }

  /** Its place in the order of arrival. */
  long sequence() {
    return sequence;
  }
}
