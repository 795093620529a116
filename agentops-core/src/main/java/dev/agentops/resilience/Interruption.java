package dev.agentops.resilience;

import org.jspecify.annotations.Nullable;

/**
 * Lets other threads interrupt one piece of work, and nothing that its thread does before or after
 * it. Thread-safe.
 */
final class Interruption {

  private @Nullable Thread runner;
  private boolean requested;

  /** Begins the work on this thread; false where it is not wanted any more. */
  synchronized boolean begin() {
    if (!requested) {
      runner = Thread.currentThread();
    }
    return !requested;
  }

  /** Ends the work; the interrupt that was meant for it does not stay behind. */
  synchronized void end() {
    runner = null;
    if (requested) {
      boolean unused = Thread.interrupted();
    }
  }

  /** Interrupts the work, or keeps it from beginning; without effect once it has ended. */
  synchronized void interrupt() {
    requested = true;
    if (runner != null) {
      runner.interrupt();
    }
  }

  synchronized boolean isRequested() {
    return requested;
  }
}
