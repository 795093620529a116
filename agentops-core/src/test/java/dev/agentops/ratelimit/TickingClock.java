package dev.agentops.ratelimit;

import dev.agentops.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that goes on with each look at it, as one does on a busy machine. */
final class TickingClock implements Clock {

  static final Duration TICK = Duration.ofNanos(1_000);

  private final AtomicLong looks = new AtomicLong();

  @Override
  public Instant now() {
    return Instant.EPOCH;
  }

  @Override
  public long nanoTime() {
    return looks.incrementAndGet() * TICK.toNanos();
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    throw new UnsupportedOperationException("nobody waits here");
  }
}
