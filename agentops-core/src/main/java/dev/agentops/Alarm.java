package dev.agentops;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A timer that can be set anew, until it is switched off for good. Thread-safe. */
final class Alarm {

  private final Clock clock;
  private final Runnable task;
  private Clock.@Nullable Timer timer; // guarded by this
  private boolean off; // guarded by this

  Alarm(Clock clock, Runnable task) {
    this.clock = clock;
    this.task = task;
  }

  /** Runs the task after this delay, instead of when it was to be run before. */
  synchronized void set(Duration delay) {
    if (!off) {
      cancel();
      timer = clock.schedule(delay, task);
    }
  }

  synchronized void off() {
    off = true;
    cancel();
  }

  private void cancel() {
    Clock.Timer waiting = timer;
    if (waiting != null) {
      waiting.cancel();
    }
  }
}
