package dev.agentops.cache;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The answered questions of this process, by their text and by their meaning, bounded in entries
 * and bytes. Readers never block; thread-safe.
 */
final class SemanticIndex<V> {

  private final long maximumSize;
  private final long maximumSizePerScope;
  private final long maximumBytes;
  private final Map<String, SemanticEntry<V>> byId = new ConcurrentHashMap<>();
  private final Map<String, VectorIndex<SemanticEntry<V>>> byMeaning = new ConcurrentHashMap<>();
  private final Map<String, Integer> sizes = new ConcurrentHashMap<>();
  private final AtomicLong uses = new AtomicLong();

  // guarded by this
  private final Map<SemanticEntry<V>, Integer> slots = new HashMap<>();
  private final SecondChance<V> order = new SecondChance<>();
  private final Map<String, SecondChance<V>> orderByScope = new HashMap<>();

  private volatile long bytes;
  private volatile long evictions;

  SemanticIndex(long maximumSize, long maximumSizePerScope, long maximumBytes) {
    this.maximumSize = maximumSize;
    this.maximumSizePerScope = maximumSizePerScope;
    this.maximumBytes = maximumBytes;
  }

  @Nullable SemanticEntry<V> get(String id) {
    return byId.get(id);
  }

  /** Whether there is no question in this partition, so that nothing can be near to another. */
  boolean isEmpty(SemanticPartition partition) {
    return !sizes.containsKey(partition.prefix());
  }

  List<VectorIndex.Match<SemanticEntry<V>>> nearest(
      SemanticPartition partition, SemanticVector vector, double minimum, int count) {
    VectorIndex<SemanticEntry<V>> home = byMeaning.get(home(partition, vector.kind()));
    return home == null ? List.of() : home.nearest(vector.values(), minimum, count);
  }

  /** Marks an entry as found. */
  void touch(SemanticEntry<V> entry) {
    entry.usedAt = uses.incrementAndGet();
  }

  /** Adds an entry, in place of one with the same text. */
  synchronized void put(SemanticEntry<V> entry) {
    SemanticEntry<V> former = byId.get(entry.id);
    if (former != null) {
      take(former);
    }
    SecondChance<V> ofScope =
        orderByScope.computeIfAbsent(entry.partition.scope(), scope -> new SecondChance<>());
    while (ofScope.size() >= maximumSizePerScope) {
      evict(ofScope.next());
    }
    while (order.size() > 0
        && (order.size() >= maximumSize || bytes + entry.bytes() > maximumBytes)) {
      evict(order.next());
    }
    // anew, as the last entry of the scope may just have gone
    orderByScope.computeIfAbsent(entry.partition.scope(), scope -> new SecondChance<>()).add(entry);
    order.add(entry);
    slots.put(
        entry,
        byMeaning
            .computeIfAbsent(home(entry.partition, entry.kind), home -> new VectorIndex<>())
            .add(entry));
    sizes.merge(entry.partition.prefix(), 1, Integer::sum);
    byId.put(entry.id, entry);
    bytes += entry.bytes();
  }

  /**
   * Adds an entry unless there is one with the same text.
   *
   * @param valid asked while nothing can be put or removed
   * @return false if it was not valid
   */
  synchronized boolean putIfAbsent(SemanticEntry<V> entry, BooleanSupplier valid) {
    if (!valid.getAsBoolean()) {
      return false;
    }
    if (!byId.containsKey(entry.id)) {
      put(entry);
    }
    return true;
  }

  /** Takes out this very entry; false if it was not there any more. */
  synchronized boolean remove(SemanticEntry<V> entry) {
    return byId.get(entry.id) == entry && take(entry);
  }

  synchronized void removeIf(Predicate<SemanticEntry<V>> condition) {
    List.copyOf(byId.values()).stream().filter(condition).forEach(this::take);
  }

  long size() {
    return byId.size();
  }

  synchronized long size(String scope) {
    SecondChance<V> ofScope = orderByScope.get(scope);
    return ofScope == null ? 0 : ofScope.size();
  }

  long bytes() {
    return bytes;
  }

  long evictions() {
    return evictions;
  }

  private void evict(SemanticEntry<V> entry) {
    take(entry);
    evictions++;
  }

  private boolean take(SemanticEntry<V> entry) {
    byId.remove(entry.id);
    order.remove(entry);
    SecondChance<V> ofScope = orderByScope.get(entry.partition.scope());
    if (ofScope != null) {
      ofScope.remove(entry);
      if (ofScope.size() == 0) {
        orderByScope.remove(entry.partition.scope());
      }
    }
    Integer slot = slots.remove(entry);
    byMeaning.computeIfPresent(
        home(entry.partition, entry.kind),
        (home, index) -> {
          if (slot != null) {
            index.remove(slot);
          }
          return index.size() == 0 ? null : index;
        });
    sizes.computeIfPresent(entry.partition.prefix(), (prefix, size) -> size == 1 ? null : size - 1);
    bytes -= entry.bytes();
    return true;
  }

  private static String home(SemanticPartition partition, String kind) {
    return partition.prefix() + kind;
  }
}
