package dev.agentops.ratelimit;

import dev.agentops.Clock;

/**
 * Nanoseconds since the start of a limiter, which never go back: when its clock does, time stands
 * still for that step and goes on from there, so that nobody is locked out and nothing is free
 * twice. Thread-safe.
 */
final class SteadyTime {

  private final Clock clock;
  private final boolean system;
  private final long origin;
  private long last;
  private long elapsed;

  SteadyTime(Clock clock) {
    this.clock = clock;
    this.system = clock == Clock.system(); // the JVM's own never goes back, and takes no lock
    this.origin = clock.nanoTime();
    this.last = origin;
  }

  long nanos() {
    return system ? System.nanoTime() - origin : steady();
  }

  private synchronized long steady() {
    long now = clock.nanoTime();
    elapsed += Math.max(0, now - last);
    last = now;
    return elapsed;
  }
}
