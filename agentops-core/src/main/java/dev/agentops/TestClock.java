package dev.agentops;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A clock for tests that moves only when told to, and then runs what was scheduled, on the calling
 * thread and in order.
 *
 * <p>Starts at 2026-01-01T00:00:00Z unless said. Thread-safe.
 */
public final class TestClock implements Clock {

  private final PriorityQueue<Task> tasks = new PriorityQueue<>();
  private Instant now;
  private long nanos;
  private long scheduled;

  private TestClock(Instant start) {
    this.now = start;
  }

  public static TestClock create() {
    return at(Instant.parse("2026-01-01T00:00:00Z"));
  }

  public static TestClock at(Instant start) {
    return new TestClock(start);
  }

  @Override
  public synchronized Instant now() {
    return now;
  }

  @Override
  public synchronized long nanoTime() {
    return nanos;
  }

  @Override
  public synchronized Timer schedule(Duration delay, Runnable task) {
    Task entry = new Task(nanos + Math.max(0, Clock.nanos(delay)), scheduled++, task);
    tasks.add(entry);
    return () -> {
      synchronized (this) {
        tasks.remove(entry);
      }
    };
  }

  /**
   * Moves wall and monotonic time forward, stopping at each scheduled task on the way to run it.
   * What a task throws comes out here.
   */
  public void advance(Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException("monotonic time cannot go back: " + by);
    }
    long target;
    synchronized (this) {
      target = nanos + by.toNanos();
    }
    for (Task due = moveTo(target); due != null; due = moveTo(target)) {
      due.action.run();
    }
  }

  /** Moves the wall clock alone, forward or back, as an operator or NTP would. */
  public synchronized void setWallTime(Instant wallTime) {
    now = wallTime;
  }

  /** How many tasks are waiting for their time. */
  public synchronized int pendingTimers() {
    return tasks.size();
  }

  /** Moves to the first task that is due by then and returns it, or to the target itself. */
  private synchronized @Nullable Task moveTo(long target) {
    Task next = tasks.peek();
    Task due = next != null && next.dueNanos <= target ? tasks.poll() : null;
    long to = Math.max(due == null ? target : due.dueNanos, nanos); // a task may have advanced, too
    now = now.plusNanos(to - nanos);
    nanos = to;
    return due;
  }

  private record Task(long dueNanos, long order, Runnable action) implements Comparable<Task> {

    @Override
    public int compareTo(Task other) {
      return dueNanos == other.dueNanos
          ? Long.compare(order, other.order)
          : Long.compare(dueNanos, other.dueNanos);
    }
  }
}
