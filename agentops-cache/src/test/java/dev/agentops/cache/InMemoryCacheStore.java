package dev.agentops.cache;

import dev.agentops.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A store that two caches of a test can share, and that can be broken. */
final class InMemoryCacheStore implements CacheStore {

  private static final int KEYS_PER_PAGE = 3;

  private final String name;
  private final Clock clock;
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();
  private volatile Throwable failure;
  private volatile boolean closed;

  InMemoryCacheStore(String name, Clock clock) {
    this.name = name;
    this.clock = clock;
  }

  /** From now on every operation throws this; null mends the store. */
  void breakWith(Throwable failure) {
    this.failure = failure;
  }

  boolean closed() {
    return closed;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<byte[]> get(String key) {
    check();
    Entry entry = entries.get(key);
    return entry == null || clock.nanoTime() - entry.deadlineNanos >= 0
        ? Optional.empty()
        : Optional.of(entry.value.clone());
  }

  @Override
  public void put(String key, byte[] value, Duration timeToLive, Set<String> tags) {
    check();
    entries.put(
        key,
        new Entry(value.clone(), clock.nanoTime() + Clock.nanos(timeToLive), Set.copyOf(tags)));
  }

  @Override
  public void delete(String key) {
    check();
    entries.remove(key);
  }

  @Override
  public void deleteByPrefix(String prefix) {
    check();
    entries.keySet().removeIf(key -> key.startsWith(prefix));
  }

  @Override
  public void deleteByTag(String tag) {
    check();
    entries.values().removeIf(entry -> entry.tags.contains(tag));
  }

  @Override
  public void clear() {
    check();
    entries.clear();
  }

  @Override
  public KeyPage keys(String prefix, String cursor) {
    check();
    List<String> keys =
        entries.keySet().stream()
            .filter(
                key -> key.startsWith(prefix) && (cursor.isEmpty() || key.compareTo(cursor) > 0))
            .filter(key -> get(key).isPresent())
            .sorted()
            .limit(KEYS_PER_PAGE)
            .toList();
    return new KeyPage(
        keys,
        keys.size() < KEYS_PER_PAGE ? Optional.empty() : Optional.of(keys.get(KEYS_PER_PAGE - 1)));
  }

  @Override
  public void close() {
    closed = true;
    check();
  }

  @Override
  public void check() {
    if (failure != null) {
      sneak(failure);
    }
  }

  @SuppressWarnings("unchecked")
  private static <X extends Throwable> void sneak(Throwable failure) throws X {
    throw (X) failure;
  }

  private record Entry(byte[] value, long deadlineNanos, Set<String> tags) {}
}
