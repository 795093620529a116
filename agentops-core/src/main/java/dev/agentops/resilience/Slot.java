package dev.agentops.resilience;

import dev.agentops.Clock;
import java.time.Duration;

/** One item on its way through a batch. Used by its worker; safe to look at from elsewhere. */
final class Slot<T> {

  private final long index;
  private final T input;
  private final Clock clock;
  private final long startNanos;
  private final Tally tally = new Tally();
  private volatile int attempts;

  Slot(long index, T input, Clock clock) {
    this.index = index;
    this.input = input;
    this.clock = clock;
    this.startNanos = clock.nanoTime();
  }

  long index() {
    return index;
  }

  T input() {
    return input;
  }

  Tally tally() {
    return tally;
  }

  int attempts() {
    return attempts;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // by its worker alone
  void begin() {
    attempts++;
  }

  Duration elapsed() {
    return attempts == 0 ? Duration.ZERO : Duration.ofNanos(clock.nanoTime() - startNanos);
  }
}
