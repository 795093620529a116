package dev.agentops.ratelimit;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait with one priority: keys share by weight, each key first come, first served. Not
 * thread-safe.
 *
 * <p>Start-time fair queueing (Goyal, Vin, Cheng, SIGCOMM 1996): the key with the least start tag
 * is next; what it takes, divided by its weight, is added to its tag; a key that comes new starts
 * at the tag of the one served last, so that nobody saves up a claim by staying away.
 *
 * @param <T> what they wait for
 */
final class FairRank<T> {

  /** Tags are kept of so many keys that have left; who left before them starts anew. */
  private static final int MOST_DEPARTED = 1_000;

  private final Map<String, Flow<T>> flows = new HashMap<>();
  private final TreeSet<Flow<T>> ready = new TreeSet<>();
  private final TreeSet<Waiter<T>> all = byArrival();
  private final LinkedHashMap<String, Double> departed = new LinkedHashMap<>();
  private double virtualTime;
  private long flowsSeen;

  /** Returns whether it is the first of its key. */
  boolean add(Waiter<T> waiter, ToDoubleFunction<String> weight) {
    all.add(waiter);
    Flow<T> flow = flows.get(waiter.key);
    boolean first = flow == null;
    if (flow == null) {
      Double tag = departed.remove(waiter.key);
      double start = tag == null ? virtualTime : Math.max(virtualTime, tag);
      flow = new Flow<>(weight.applyAsDouble(waiter.key), flowsSeen++, start);
      flows.put(waiter.key, flow);
      ready.add(flow);
    }
    flow.waiters.add(waiter);
    flow.cost += waiter.cost;
    return first;
  }

  /** Whose turn it is; null where all are set aside. */
  @Nullable Waiter<T> first() {
    return ready.isEmpty() ? null : ready.first().waiters.first();
  }

  /** Who has waited longest; only where it is not {@linkplain #isEmpty() empty}. */
  Waiter<T> oldest() {
    return all.first();
  }

  /** Who came last; only where it is not {@linkplain #isEmpty() empty}. */
  Waiter<T> newest() {
    return all.last();
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  boolean has(String key) {
    return flows.containsKey(key);
  }

  /** What the first of a key lacks: a permit, or something else. */
  void lacks(String key, boolean permit) {
    Flow<T> flow = flows.get(key);
    if (flow != null) {
      flow.lacksPermit = permit;
    }
  }

  /** Whether it was a permit that the first of a key lacked of late. */
  boolean lacksPermit(String key) {
    Flow<T> flow = flows.get(key);
    return flow != null && flow.lacksPermit;
  }

  void served(Waiter<T> waiter) {
    Flow<T> flow = flowOf(waiter);
    boolean wasReady = ready.remove(flow);
    virtualTime = Math.max(virtualTime, flow.start);
    flow.start = virtualTime + waiter.cost / flow.weight;
    if (wasReady) {
      ready.add(flow);
    }
    remove(waiter);
  }

  void remove(Waiter<T> waiter) {
    Flow<T> flow = flowOf(waiter);
    all.remove(waiter);
    flow.waiters.remove(waiter);
    flow.cost -= waiter.cost;
    if (flow.waiters.isEmpty()) {
      flows.remove(waiter.key);
      ready.remove(flow);
      remember(waiter.key, flow.start);
    }
  }

  /** Lets a key take part, or sets it aside. */
  void setReady(String key, boolean takesPart) {
    Flow<T> flow = flows.get(key);
    if (flow != null && takesPart) {
      ready.add(flow);
    } else if (flow != null) {
      ready.remove(flow);
    }
  }

  /**
   * How much is served before one who comes now: all of its key, and of each other key what its
   * weight gives it in that time, if it has as much.
   */
  double costAhead(String key, double cost, ToDoubleFunction<String> weight) {
    Flow<T> own = flows.get(key);
    double ofKey = own == null ? 0 : own.cost;
    double rounds = (ofKey + cost) / (own == null ? weight.applyAsDouble(key) : own.weight);
    double ahead = ofKey;
    for (Flow<T> flow : ready) {
      ahead += flow == own ? 0 : Math.min(flow.cost, rounds * flow.weight);
    }
    return ahead;
  }

  /** How much all ask for that take part, and those of this key. */
  double cost(String key) {
    double sum = 0;
    for (Flow<T> flow : ready) {
      sum += flow.cost;
    }
    Flow<T> own = flows.get(key);
    return own == null || ready.contains(own) ? sum : sum + own.cost;
  }

  private void remember(String key, double tag) {
    if (tag <= virtualTime) {
      return;
    }
    departed.put(key, tag);
    if (departed.size() > MOST_DEPARTED) {
      Iterator<String> eldest = departed.keySet().iterator();
      eldest.next();
      eldest.remove();
    }
  }

  private Flow<T> flowOf(Waiter<T> waiter) {
    Flow<T> flow = flows.get(waiter.key);
    if (flow == null) {
      throw new IllegalStateException("nobody waits for '" + waiter.key + "'");
    }
    return flow;
  }

  private static <T> TreeSet<Waiter<T>> byArrival() {
    return new TreeSet<>(Comparator.comparingLong(waiter -> waiter.order));
  }

  /** Those who wait for one key. */
  private static final class Flow<T> implements Comparable<Flow<T>> {

    final double weight;
    final long order;
    final TreeSet<Waiter<T>> waiters = byArrival();
    double start;
    double cost;
    boolean lacksPermit;

    Flow(double weight, long order, double start) {
      this.weight = weight;
      this.order = order;
      this.start = start;
    }

    @Override
    public int compareTo(Flow<T> other) {
      int byTag = Double.compare(start, other.start);
      return byTag == 0 ? Long.compare(order, other.order) : byTag;
    }
  }
}
