package dev.agentops.alerts;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Notifications that wait for one handler, first in first out, with a bound.
 *
 * <p>A full queue makes room by dropping its oldest notification of the lowest level, unless the
 * newcomer is lower still: then that one. Not thread-safe.
 */
final class AlertQueue {

  private final int capacity;
  private final List<ArrayDeque<Entry>> byLevel = new ArrayList<>();
  private int size;
  private long lastSequence;

  AlertQueue(int capacity) {
    this.capacity = capacity;
    for (int i = 0; i < AlertLevel.values().length; i++) {
      byLevel.add(new ArrayDeque<>());
    }
  }

  /** Whether it found room; if not, this or another notification was dropped. */
  boolean add(Notification notification) {
    int level = notification.level().ordinal();
    boolean room = size < capacity;
    if (!room && !dropOldestUpTo(level)) {
      return false;
    }
    byLevel.get(level).add(new Entry(++lastSequence, notification));
    size++;
    return room;
  }

  /** Takes the oldest. */
  @Nullable Entry poll() {
    ArrayDeque<Entry> oldest = null;
    for (ArrayDeque<Entry> queue : byLevel) {
      Entry head = queue.peek();
      if (head != null && (oldest == null || head.sequence < oldest.element().sequence)) {
        oldest = queue;
      }
    }
    if (oldest == null) {
      return null;
    }
    size--;
    return oldest.poll();
  }

  /** Whether it still holds something that was added no later than this. */
  boolean holdsAnyUpTo(long sequence) {
    return byLevel.stream()
        .anyMatch(queue -> !queue.isEmpty() && queue.element().sequence <= sequence);
  }

  long lastSequence() {
    return lastSequence;
  }

  int size() {
    return size;
  }

  private boolean dropOldestUpTo(int level) {
    for (int i = 0; i <= level; i++) {
      if (byLevel.get(i).poll() != null) {
        size--;
        return true;
      }
    }
    return false;
  }

  /** A notification with its place in the order of arrival. */
  record Entry(long sequence, Notification notification) {}
}
