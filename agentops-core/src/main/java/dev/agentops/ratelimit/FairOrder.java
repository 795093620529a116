package dev.agentops.ratelimit;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Who is served next of those who wait for a capacity that several keys share. Not thread-safe:
 * {@link FairQueue} holds its lock.
 *
 * <p>A higher priority goes first; among equals, keys share by their weights ({@link FairRank}). So
 * that the low do not starve, one who has waited for {@link #AGED_NANOS} gets its turn among the
 * high ones: a tenth of the capacity, for all such together. A key that its own limit holds up
 * stands aside until then and holds up nobody else.
 *
 * @param <T> what they wait for
 */
final class FairOrder<T> {

  /** After 10 s, a lower priority has its share. */
  static final long AGED_NANOS = 10_000_000_000L;

  /** How much goes to higher priorities for each unit that goes to the aged of lower ones. */
  private static final double TO_THE_HIGH = 9;

  private final ToDoubleFunction<String> weight;
  private final TreeMap<Integer, FairRank<T>> ranks = new TreeMap<>(Collections.reverseOrder());
  private final Map<String, Block> blocked = new HashMap<>();
  private final PriorityQueue<Block> blocks = new PriorityQueue<>();
  private double passedOver;

  FairOrder(ToDoubleFunction<String> weight) {
    this.weight = weight;
  }

  void add(Waiter<T> waiter) {
    FairRank<T> rank = ranks.computeIfAbsent(waiter.priority(), priority -> new FairRank<>());
    if (rank.add(waiter, weight)) {
      unblock(waiter.key); // it may ask for less than the one that was held up
    }
  }

  /** The one whose turn it is; null where nobody waits but for limits of their own. */
  @Nullable Waiter<T> next(long now) {
    freeDue(now);
    FairRank<T> top = top();
    if (top == null) {
      return null;
    }
    Waiter<T> first = top.first();
    FairRank<T> aged = aged(now, top);
    Waiter<T> patient = aged == null ? null : aged.first();
    return patient != null && passedOver >= TO_THE_HIGH * patient.cost ? patient : first;
  }

  /** It got what it asked for, and its key stands back accordingly. */
  void served(Waiter<T> waiter, long now) {
    FairRank<T> top = top();
    FairRank<T> aged = top == null ? null : aged(now, top);
    FairRank<T> own = rankOf(waiter);
    if (aged == null || aged == own) {
      passedOver = 0;
    } else {
      passedOver += waiter.cost;
    }
    own.served(waiter);
    forgetIfLast(waiter, own);
  }

  /** It leaves with nothing. */
  void remove(Waiter<T> waiter) {
    FairRank<T> own = rankOf(waiter);
    own.remove(waiter);
    forgetIfLast(waiter, own);
  }

  /** Sets a key aside, whose own limit holds it up until then. */
  void block(String key, long untilNanos) {
    Block block = new Block(key, untilNanos);
    blocked.put(key, block);
    blocks.add(block);
    ranks.values().forEach(rank -> rank.setReady(key, false));
  }

  void unblock(String key) {
    Block block = blocked.remove(key);
    if (block != null) {
      blocks.remove(block);
      ranks.values().forEach(rank -> rank.setReady(key, true));
    }
  }

  void unblockAll() {
    List.copyOf(blocked.keySet()).forEach(this::unblock);
  }

  /** When the next key that was set aside comes back; null for none. */
  @Nullable Long nextUnblockNanos() {
    Block first = blocks.peek();
    return first == null ? null : first.untilNanos;
  }

  /** The last to come of the lowest priority; null where nobody waits. */
  @Nullable Waiter<T> leastWorthy() {
    return ranks.isEmpty() ? null : ranks.lastEntry().getValue().newest();
  }

  /** It did not get what it asked for: a permit, or something else. */
  void lacks(Waiter<T> waiter, boolean permit) {
    rankOf(waiter).lacks(waiter.key, permit);
  }

  /**
   * Whether some of a key wait with this priority or a higher one.
   *
   * @param forPermits whether those count, too, of which is known that they wait for a permit
   */
  boolean waits(String key, int priority, boolean forPermits) {
    for (FairRank<T> rank : ranks.headMap(priority, true).values()) {
      if (rank.has(key) && (forPermits || !rank.lacksPermit(key))) {
        return true;
      }
    }
    return false;
  }

  /** Whether anyone waits with this priority or a higher one whom no limit of its own holds up. */
  boolean anyReady(int priority) {
    for (FairRank<T> rank : ranks.headMap(priority, true).values()) {
      if (rank.first() != null) {
        return true;
      }
    }
    return false;
  }

  /** How much others are served before one who comes now, as far as that can be told. */
  double costAhead(String key, int priority, double cost) {
    double ahead = 0;
    for (Map.Entry<Integer, FairRank<T>> entry : ranks.headMap(priority, true).entrySet()) {
      FairRank<T> rank = entry.getValue();
      ahead += entry.getKey() == priority ? rank.costAhead(key, cost, weight) : rank.cost(key);
    }
    return ahead;
  }

  private FairRank<T> rankOf(Waiter<T> waiter) {
    FairRank<T> rank = ranks.get(waiter.priority());
    if (rank == null) {
      throw new IllegalStateException("nobody waits with priority " + waiter.priority());
    }
    return rank;
  }

  private @Nullable FairRank<T> top() {
    for (FairRank<T> rank : ranks.values()) {
      if (rank.first() != null) {
        return rank;
      }
    }
    return null;
  }

  /** Of the ranks below, the one where somebody has waited longest, and long enough. */
  private @Nullable FairRank<T> aged(long now, FairRank<T> top) {
    FairRank<T> found = null;
    long longest = AGED_NANOS;
    for (FairRank<T> rank : ranks.values()) {
      long waited = rank == top || rank.first() == null ? 0 : now - rank.oldest().enqueuedNanos;
      if (waited >= longest) {
        found = rank;
        longest = waited;
      }
    }
    return found;
  }

  private void freeDue(long now) {
    for (Block due = blocks.peek(); due != null && due.untilNanos - now <= 0; due = blocks.peek()) {
      unblock(due.key);
    }
  }

  private void forgetIfLast(Waiter<T> waiter, FairRank<T> own) {
    if (own.isEmpty()) {
      ranks.remove(waiter.priority());
    }
    if (ranks.values().stream().noneMatch(rank -> rank.has(waiter.key))) {
      unblock(waiter.key);
    }
  }

  private record Block(String key, long untilNanos) implements Comparable<Block> {

    @Override
    public int compareTo(Block other) {
      return Long.signum(untilNanos - other.untilNanos); // nanoTime may wrap
    }
  }
}
