package dev.agentops.cache;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The {@link CacheStore} of a semantic cache, and the thread that brings the index what is in it:
 * all of it at first and whenever anything may have changed, single keys when others write them.
 *
 * <p>A key is {@code <id of the entry>:<hash of the vector's space>}, so that processes with
 * different embedding models leave each other's entries alone. Thread-safe; never throws.
 */
final class SemanticStore<V> implements CacheStore.Listener, AutoCloseable {

  /** Keys of others' changes that wait; more of them, and everything is read again. */
  private static final int MAXIMUM_WAITING = 10_000;

  private static final int BATCH = 200;
  private static final long RETRY_MILLIS = 100;

  private final RemoteLevel<StoredQuestion<V>> level;
  private final EntryFormat<StoredQuestion<V>> format;
  private final SemanticIndex<V> index;
  private final TextVectors vectors;
  private final SemanticEvidence evidence;
  private final long maximumSize;
  private final Clock clock;
  private final FaultLog faults;

  /**
   * How often something was deleted in the store. Who deletes does so in the store first, counts
   * here, and then takes it out of the index: what was read before is not put into the index after.
   */
  private final AtomicLong removals = new AtomicLong();

  private final Object lock = new Object();

  // guarded by the lock
  private final Set<String> changed = new LinkedHashSet<>();
  private boolean changedAll;
  private boolean closed;
  private @Nullable Thread reader;

  SemanticStore(
      RemoteLevel<StoredQuestion<V>> level,
      EntryFormat<StoredQuestion<V>> format,
      SemanticIndex<V> index,
      TextVectors vectors,
      SemanticEvidence evidence,
      long maximumSize,
      StoreWatch watch) {
    this.level = level;
    this.format = format;
    this.index = index;
    this.vectors = vectors;
    this.evidence = evidence;
    this.maximumSize = maximumSize;
    this.clock = watch.clock();
    this.faults = watch.faults();
  }

  /** Begins to read what is there, and to hear of changes. */
  void start() {
    level.listen(this);
    changedAll();
  }

  /** Whether the index has all that the store is known to have. */
  boolean upToDate() {
    synchronized (lock) {
      return reader == null;
    }
  }

  void put(SemanticEntry<V> entry, Duration timeToLive) {
    SealedEntry sealed;
    try {
      SemanticVector vector = new SemanticVector(entry.space, entry.vector());
      sealed =
          format.seal(
              new StoredQuestion<>(entry.partition, entry.text, vector, entry.value),
              entry.tags,
              timeToLive,
              Duration.ZERO);
    } catch (Throwable t) {
      faults.report("encoding an answer for a store", t);
      delete(entry);
      return;
    }
    level.put(key(entry), sealed);
  }

  void delete(SemanticEntry<V> entry) {
    level.delete(key(entry));
    removals.incrementAndGet();
  }

  /** Forgets the entries whose ids begin like this. */
  void deleteByPrefix(String idPrefix) {
    level.deleteByPrefix(idPrefix);
    removals.incrementAndGet();
  }

  void deleteByTag(String tag) {
    level.deleteByTag(tag);
    removals.incrementAndGet();
  }

  CacheStats.Level stats() {
    return level.stats();
  }

  @Override
  public void changed(String key) {
    removals.incrementAndGet();
    SemanticEntry<V> outdated = index.get(id(key));
    if (outdated != null && key(outdated).equals(key)) {
      index.remove(outdated);
    }
    synchronized (lock) {
      changedAll |= changed.size() >= MAXIMUM_WAITING;
      changed.add(key);
      startReading();
    }
  }

  @Override
  public void changedAll() {
    removals.incrementAndGet();
    index.removeIf(entry -> true);
    synchronized (lock) {
      changedAll = true;
      startReading();
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
    }
    level.close();
  }

  /** With the lock. */
  private void startReading() {
    if (reader == null && !closed) {
      reader = new Thread(this::read, "agentops-semantic-reader");
      reader.setDaemon(true);
      reader.start();
    }
  }

  private void read() {
    List<String> keys = List.of();
    while (true) {
      synchronized (lock) {
        if (changedAll) {
          changedAll = false;
          changed.clear();
          keys = null;
        } else if (!closed && !changed.isEmpty()) {
          keys = firstOf(changed);
        } else {
          reader = null;
          return;
        }
        if (closed) {
          reader = null;
          return;
        }
      }
      boolean done = keys == null ? readAll() : read(keys);
      if (!done) {
        readAgain(keys);
      }
    }
  }

  private static List<String> firstOf(Set<String> all) {
    List<String> first = all.stream().limit(BATCH).toList();
    first.forEach(all::remove);
    return first;
  }

  /** Puts off what could not be read, because the store is away or the index changed meanwhile. */
  private void readAgain(@Nullable List<String> keys) {
    synchronized (lock) {
      if (keys == null) {
        changedAll = true;
      } else {
        changed.addAll(keys);
      }
      if (!level.available() && !closed) {
        try {
          lock.wait(RETRY_MILLIS);
        } catch (InterruptedException e) {
          faults.report("reading a semantic cache's store", e);
        }
      }
    }
  }

  private boolean readAll() {
    String cursor = CacheStore.KeyPage.FIRST;
    while (cursor != null && index.size() < maximumSize) {
      CacheStore.KeyPage page = level.keys("", cursor);
      if (page == null) {
        return false;
      }
      List<String> left = new ArrayList<>(page.keys());
      while (!left.isEmpty()) {
        List<String> batch = left.subList(0, Math.min(BATCH, left.size()));
        if (!read(List.copyOf(batch))) {
          return false;
        }
        batch.clear();
      }
      cursor = page.next().orElse(null);
      synchronized (lock) {
        if (closed || changedAll) {
          return true;
        }
      }
    }
    return true;
  }

  /** False if the store failed, or something was removed that may have been read before. */
  private boolean read(List<String> keys) {
    long before = removals.get();
    Map<String, Found<StoredQuestion<V>>> all = level.findAll(keys);
    if (!level.available()) {
      return false;
    }
    for (Map.Entry<String, Found<StoredQuestion<V>>> found : all.entrySet()) {
      SemanticEntry<V> entry = entry(found.getKey(), found.getValue());
      if (entry != null && !index.putIfAbsent(entry, () -> removals.get() == before)) {
        return false;
      }
    }
    return true;
  }

  private @Nullable SemanticEntry<V> entry(String key, Found<StoredQuestion<V>> found) {
    StoredQuestion<V> question = found.value();
    if (question == null) {
      return null;
    }
    if (!vectors.knows(question.vector().space())) {
      evidence.count(question.partition().scope(), SemanticCounter.FOREIGN_MODEL);
      return null;
    }
    SemanticEntry<V> entry =
        new SemanticEntry<>(
            question.partition(),
            question.text(),
            question.vector(),
            question.value(),
            found.tags(),
            clock.now().minus(found.age()),
            clock.nanoTime() + Clock.nanos(found.keepFor()));
    return key(entry).equals(key) ? entry : null; // else somebody moved it to another scope
  }

  private static String key(SemanticEntry<?> entry) {
    return entry.id + ':' + SemanticPartition.hash(entry.space);
  }

  private static String id(String key) {
    return key.substring(0, Math.max(0, key.lastIndexOf(':')));
  }
}
