package dev.agentops.cache;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The {@link CacheStore} of a semantic cache, and the thread that brings the index what is in it:
 * all of it at first and whenever anything may have changed, single keys when others write them.
 *
 * <p>A key is {@code entry:<id of the entry>:<hash of the vector's kind>}, so that processes with
 * different embedding models leave each other's entries alone. What is invalidated is first told to
 * the other processes, by a key {@code gone:<hash of what>} that is put and deleted again.
 * Thread-safe; never throws.
 */
final class SemanticStore<V> implements CacheStore.Listener, AutoCloseable {

  /** Keys of others' changes that wait; more of them, and everything is read again. */
  private static final int MAXIMUM_WAITING = 10_000;

  private static final int BATCH = 200;
  private static final long RETRY_MILLIS = 100;

  private final RemoteLevel<StoredQuestion<V>> level;
  private final EntryFormat<StoredQuestion<V>> format;
  private static final String PREFIX = "entry:";
  private static final String GONE_PREFIX = "gone:";

  private final SemanticIndex<V> index;
  private final TextVectors vectors;
  private final SemanticEvidence evidence;
  private final Invalidations invalidations;
  private final long maximumSize;
  private final Clock clock;
  private final FaultLog faults;

  /**
   * What is being read. Who changes something does so in the store first, marks it here, and then
   * takes it out of the index: what was read before is not put into the index after.
   */
  private volatile SemanticBatch batch = SemanticBatch.NONE;

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
      Invalidations invalidations,
      long maximumSize,
      StoreWatch watch) {
    this.level = level;
    this.format = format;
    this.index = index;
    this.vectors = vectors;
    this.evidence = evidence;
    this.invalidations = invalidations;
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
    String key = key(entry);
    level.put(key, sealed);
    batch.changed(key);
  }

  /** What lies there in the place of an entry, or null. */
  @Nullable SemanticEntry<V> find(SemanticEntry<V> entry) {
    String key = key(entry);
    Found<StoredQuestion<V>> found = level.find(key);
    return found == null ? null : entry(key, found);
  }

  /** Whether it is asked, rather than left alone because it failed. */
  boolean available() {
    return level.available();
  }

  /**
   * Tells the other processes what is about to be deleted here, as {@link Invalidations} has it.
   */
  void announce(String what) {
    level.signal(GONE_PREFIX + what);
  }

  void delete(SemanticEntry<V> entry) {
    String key = key(entry);
    level.delete(key);
    batch.changed(key);
  }

  /** Forgets the entries whose ids begin like this. */
  void deleteByPrefix(String idPrefix) {
    level.deleteByPrefix(PREFIX + idPrefix);
    batch.changedAll();
  }

  void deleteByTag(String tag) {
    level.deleteByTag(tag);
    batch.changedAll();
  }

  CacheStats.Level stats() {
    return level.stats();
  }

  @Override
  public void changed(String key) {
    if (key.startsWith(GONE_PREFIX)) {
      invalidations.add(key.substring(GONE_PREFIX.length()));
    }
    if (!key.startsWith(PREFIX)) {
      return;
    }
    batch.changed(key);
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
    invalidations.add(Invalidations.ALL); // any may have been missed
    batch.changedAll();
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
    while (true) {
      boolean all;
      synchronized (lock) {
        all = changedAll;
        if (closed || (!all && changed.isEmpty())) {
          reader = null;
          return;
        }
        if (all) {
          changedAll = false;
          changed.clear();
        }
      }
      if (all) {
        readAll();
      } else {
        readChanged();
      }
    }
  }

  /** Page by page, and what changes meanwhile in between. */
  private void readAll() {
    Optional<String> cursor = Optional.of(CacheStore.KeyPage.FIRST);
    while (cursor.isPresent() && index.size() < maximumSize) {
      CacheStore.KeyPage page = level.keys(PREFIX, cursor.get());
      if (page == null) {
        if (!pause()) {
          return;
        }
        continue; // the same page, when the store is back
      }
      List<String> keys = page.keys();
      for (int from = 0; from < keys.size(); from += BATCH) {
        if (!read(keys.subList(from, Math.min(from + BATCH, keys.size()))) || !readChanged()) {
          return;
        }
      }
      cursor = page.next();
    }
  }

  /** Some of what others have changed; false if it is to be read with all. */
  private boolean readChanged() {
    List<String> keys;
    synchronized (lock) {
      keys = changed.stream().limit(BATCH).toList();
      keys.forEach(changed::remove);
    }
    return read(keys);
  }

  /** Reads until it has read these keys; false if that is of no use any more. */
  private boolean read(List<String> keys) {
    List<String> left = readOnce(keys);
    while (!left.isEmpty()) {
      if (!pause()) {
        return false;
      }
      left = readOnce(left);
    }
    synchronized (lock) {
      return !closed && !changedAll;
    }
  }

  /** Those keys that are to be read again: the store failed, or much was deleted meanwhile. */
  private List<String> readOnce(List<String> keys) {
    if (keys.isEmpty()) {
      return keys;
    }
    SemanticBatch reading = new SemanticBatch(keys);
    batch = reading;
    List<String> left = new ArrayList<>();
    level
        .findAll(keys, left::add)
        .forEach(
            (key, found) -> {
              SemanticEntry<V> entry = entry(key, found);
              if (entry != null) {
                index.putIfAbsent(entry, () -> reading.valid(key));
              }
            });
    batch = SemanticBatch.NONE;
    return reading.allChanged() ? keys : left;
  }

  /** Lets some time go by; false if what is being read is of no use any more. */
  private boolean pause() {
    synchronized (lock) {
      if (!closed && !changedAll) {
        try {
          lock.wait(RETRY_MILLIS);
        } catch (InterruptedException e) {
          faults.report("reading a semantic cache's store", e);
        }
      }
      return !closed && !changedAll;
    }
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
    return PREFIX + entry.id + ':' + SemanticPartition.hash(entry.kind);
  }

  private static String id(String key) {
    return key.substring(PREFIX.length(), Math.max(PREFIX.length(), key.lastIndexOf(':')));
  }
}
