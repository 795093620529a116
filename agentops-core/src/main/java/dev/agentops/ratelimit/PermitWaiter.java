package dev.agentops.ratelimit;

import java.util.concurrent.CountDownLatch;

/** One who waits for a permit: after those of a higher priority, else in order of arrival. */
final class PermitWaiter implements Comparable<PermitWaiter> {

  private final int priority;
  private final CountDownLatch turn = new CountDownLatch(1);
  private long arrival;

  PermitWaiter(int priority) {
    this.priority = priority;
  }

  void arrive(long arrival) {
    this.arrival = arrival;
  }

  void serve() {
    turn.countDown();
  }

  /** Wakes it without a permit; what it finds then is decided by the queue. */
  void giveUp() {
    turn.countDown();
  }

  void await() throws InterruptedException {
    turn.await();
  }

  @Override
  public int compareTo(PermitWaiter other) {
    return priority == other.priority
        ? Long.compare(arrival, other.arrival)
        : Integer.compare(other.priority, priority);
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
