package dev.agentops.resilience;

import dev.agentops.Context;
import dev.agentops.ProviderExchange;
import org.jspecify.annotations.Nullable;

/**
 * Lets other threads give one piece of work up: its thread is interrupted, as long as it does that
 * work and nothing else, and its model calls are broken off. Thread-safe.
 */
final class Interruption {

  private final ProviderExchange exchange = ProviderExchange.create();
  private @Nullable Thread runner;
  private boolean requested;
  private boolean interruptedBefore;

  /** The context with the means to break off what is called in it. */
  Context in(Context context) {
    return exchange.in(context);
  }

  /** Begins the work on this thread; false where it is not wanted any more. */
  synchronized boolean begin() {
    if (!requested) {
      runner = Thread.currentThread();
      interruptedBefore = runner.isInterrupted();
    }
    return !requested;
  }

  /**
   * Ends the work; an interrupt that was meant for it, or is its own, does not stay behind.
   *
   * @return whether it leaves an interrupt that nobody has asked for here
   */
  synchronized boolean end() {
    runner = null;
    return !interruptedBefore && Thread.interrupted() && !requested;
  }

  /** Gives the work up, or keeps it from beginning; without effect once it has ended. */
  void interrupt() {
    synchronized (this) {
      requested = true;
    }
    exchange.breakOff();
    synchronized (this) {
      if (runner != null) {
        runner.interrupt();
      }
    }
  }

  synchronized boolean isRequested() {
    return requested;
  }
}
