package dev.agentops.examples.server;

import java.util.Optional;

/**
 * The messages that are worked on: bounded, so that threads are left for health and metrics.
 * Thread-safe.
 */
final class InFlight {

  private final int maximum;
  private int running; // guarded by this
  private boolean closing; // guarded by this

  InFlight(int maximum) {
    this.maximum = maximum;
  }

  /** A place, until it is closed; empty if there is none, or the server shuts down. */
  synchronized Optional<Place> enter() {
    if (closing || running == maximum) {
      return Optional.empty();
    }
    running++;
    return Optional.of(new Place());
  }

  synchronized int running() {
    return running;
  }

  synchronized boolean closing() {
    return closing;
  }

  /** Lets nobody in any more. */
  synchronized void close() {
    closing = true;
  }

  private synchronized void leave() {
    running--;
  }

  /** A place among those that are worked on. To be closed once. */
  final class Place implements AutoCloseable {

    private Place() {}

    @Override
    public void close() {
      leave();
    }
  }
}
