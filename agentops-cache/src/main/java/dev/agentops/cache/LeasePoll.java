package dev.agentops.cache;

import dev.agentops.Clock;
import java.time.Duration;

/** When to ask again whether another process has loaded a key. Not thread-safe. */
final class LeasePoll {

  private final Clock clock;
  private final Duration longest;
  private final long deadlineNanos;
  private Duration pause;

  LeasePoll(Clock clock, Duration first, Duration longest, Duration maximumWait) {
    this.clock = clock;
    this.pause = first;
    this.longest = longest;
    this.deadlineNanos = clock.nanoTime() + Clock.nanos(maximumWait);
  }

  /** How long to wait now; zero if it was long enough. */
  Duration next() {
    Duration left = Duration.ofNanos(Math.max(0, deadlineNanos - clock.nanoTime()));
    Duration next = pause.compareTo(left) < 0 ? pause : left;
    Duration twice = pause.multipliedBy(2);
    pause = twice.compareTo(longest) < 0 ? twice : longest;
    return next;
  }
}
