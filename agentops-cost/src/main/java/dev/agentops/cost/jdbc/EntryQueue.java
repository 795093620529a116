package dev.agentops.cost.jdbc;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** What waits to be written, bounded. Many add, one takes; whoever waits cannot be interrupted. */
final class EntryQueue {

  private final int capacity;
  private final int groupSize;
  private final long lingerNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition roomOrClosed = lock.newCondition();
  private final Condition groupOrClosed = lock.newCondition();
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private long firstNanos;
  private boolean taking;
  private boolean closed;

  /**
   * @param groupSize the most that is taken at once
   * @param lingerNanos for how long the first waits for others
   */
  EntryQueue(int capacity, int groupSize, long lingerNanos) {
    this.capacity = capacity;
    this.groupSize = groupSize;
    this.lingerNanos = lingerNanos;
  }

  /** False if there is no room for so long, or if it is closed. */
  boolean offer(Entry entry, long waitNanos) {
    lock.lock();
    try {
      waitFor(roomOrClosed, () -> closed || entries.size() < capacity, waitNanos);
      if (closed || entries.size() >= capacity) {
        return false;
      }
      entries.add(entry);
      if (entries.size() == 1) {
        firstNanos = System.nanoTime();
      }
      if (taking && (entries.size() == 1 || entries.size() == groupSize)) {
        groupOrClosed.signal();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the first ones; none if it is closed and empty. */
  List<Entry> take() {
    lock.lock();
    try {
      taking = true;
      while (entries.isEmpty() && !closed) {
        groupOrClosed.awaitUninterruptibly();
      }
      if (lingerNanos > 0) {
        waitFor(
            groupOrClosed,
            () -> closed || entries.size() >= groupSize,
            firstNanos + lingerNanos - System.nanoTime());
      }
      taking = false;
      List<Entry> group = new ArrayList<>(Math.min(entries.size(), groupSize));
      while (!entries.isEmpty() && group.size() < groupSize) {
        group.add(entries.remove());
      }
      firstNanos = System.nanoTime();
      roomOrClosed.signalAll();
      return group;
    } finally {
      lock.unlock();
    }
  }

  /** Lets some time pass, less if it is closed meanwhile. */
  void pause(long nanos) {
    lock.lock();
    try {
      waitFor(groupOrClosed, () -> closed, nanos);
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return entries.size();
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more; what is there can still be taken. */
  void close() {
    lock.lock();
    try {
      closed = true;
      roomOrClosed.signalAll();
      groupOrClosed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  private static void waitFor(Condition condition, BooleanSupplier met, long nanos) {
    long end = System.nanoTime() + nanos;
    boolean interrupted = false;
    for (long left = nanos; left > 0 && !met.getAsBoolean(); left = end - System.nanoTime()) {
      try {
        condition.await(left, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
