package dev.agentops.alerts;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Lets each subject through once in a repeat interval. Remembers the {@value #MAX_REMEMBERED}
 * subjects that were told last; one that was forgotten may be told sooner. Thread-safe.
 */
final class RecentlyTold {

  static final int MAX_REMEMBERED = 1_000;

  private final Duration repeatInterval;
  private final Map<String, Instant> quietUntil =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  RecentlyTold(Duration repeatInterval) {
    this.repeatInterval = repeatInterval;
  }

  /** Whether it is time to tell of this subject; if so, it is told. */
  synchronized boolean tell(String subject, Instant at) {
    Instant quiet = quietUntil.get(subject);
    if (quiet != null && at.isBefore(quiet)) {
      return false;
    }
    quietUntil.put(subject, at.plus(repeatInterval));
    return true;
  }
}
