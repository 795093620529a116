package dev.agentops.cache;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A level of a {@link MultiLevelCache} that may outlive the process or be shared by many: bytes
 * under keys, each for a time.
 *
 * <p>Several caches may be given one store: the keys, prefixes and tags of each begin with its name
 * and a colon, so that a store need not know of caches. {@link #clear} is for who owns the store: a
 * cache forgets its own keys by their prefix.
 *
 * <p>Any method may throw any exception. The cache counts it, logs it once a minute at most, takes
 * a failed read for a miss, and leaves the store alone until {@link #check} says that it is back;
 * then it first deletes what was written or deleted meanwhile. Two exceptions say nothing of the
 * store: one that an {@link InterruptedException} has caused, and a {@linkplain
 * CacheStoreException#refused() refused} put or read. A method runs on the thread of the cache's
 * caller, so an implementation has to bound how long it waits for its server. Implementations are
 * thread-safe.
 *
 * <p>A store that only one process can load into at a time implements {@link LeasingCacheStore},
 * too.
 */
public interface CacheStore extends AutoCloseable {

  /** Characters of the longest key, prefix or tag that a store is given: {@value}. */
  int LONGEST_KEY = Require.LONGEST_NAME + 1 + CacheKeys.LONGEST;

  /** The level's name in statistics and log lines; the name of the class unless overridden. */
  default String name() {
    return getClass().getSimpleName();
  }

  /**
   * The bytes of this key; empty where there are none or their time is over.
   *
   * @param key well-formed text of at most {@value #LONGEST_KEY} characters: it may be empty, or
   *     hold any character
   */
  Optional<byte[]> get(String key);

  /** The bytes of those of these keys that there are; one request where the store can. */
  default Map<String, byte[]> getAll(Collection<String> keys) {
    Map<String, byte[]> found = new HashMap<>();
    for (String key : keys) {
      get(key).ifPresent(bytes -> found.put(key, bytes));
    }
    return found;
  }

  /**
   * Keeps a copy of these bytes, in place of earlier ones and of their tags. A load of this key
   * that is under way elsewhere is not kept after it.
   *
   * @param timeToLive after which {@link #get} must find nothing; positive
   * @param tags for {@link #deleteByTag}; mostly none
   */
  void put(String key, byte[] value, Duration timeToLive, Set<String> tags);

  /**
   * Forgets a key; without effect where there is nothing. A load of it that is under way elsewhere
   * is not kept after it.
   */
  void delete(String key);

  /** Forgets all keys that begin like this; loads that are under way elsewhere are not kept. */
  void deleteByPrefix(String prefix);

  /** Forgets all keys that were put with this tag; loads under way elsewhere are not kept. */
  void deleteByTag(String tag);

  /** Forgets every key of this store, and of nobody else on the same server. */
  void clear();

  /**
   * One page of the keys that begin like this. Pages come in no order; a key may come twice, and
   * one that is put or deleted meanwhile may come or not, but no other is left out.
   *
   * @param prefix may be empty, for all keys
   * @param cursor {@link KeyPage#FIRST}, or what the page before this one said is {@linkplain
   *     KeyPage#next() next}
   * @throws UnsupportedOperationException if this store cannot tell its keys
   */
  default KeyPage keys(String prefix, String cursor) {
    throw new UnsupportedOperationException(name() + " cannot tell its keys");
  }

  /**
   * Tells of changes that others make, from now on. Called once, before anything else, however many
   * caches of this process have the store: the listener tells all of them. What is changed through
   * this object need not be told; a store that nobody shares never tells anything.
   */
  default void listen(Listener listener) {}

  /**
   * Returns if the store is back after it failed, and throws if it is not. Called by a thread of
   * the cache, again and again; must not wait longer than the other methods.
   */
  void check();

  /**
   * Lets go of connections. Called when the last cache that was given this store is closed. From
   * then on the other methods throw {@link CacheStoreException#closed}.
   */
  @Override
  default void close() {}

  /**
   * Some of the keys of a store.
   *
   * @param keys at most some hundreds, as one request of the store brings them; may be empty though
   *     there is a next page
   * @param next the cursor of the next page, in the store's own words; empty after the last one
   */
  record KeyPage(List<String> keys, Optional<String> next) {

    /** The cursor of the first page. */
    public static final String FIRST = "";

    public KeyPage {
      keys = List.copyOf(keys);
    }
  }

  /**
   * Hears what others do to a store. Its methods return at once and never throw, so that any thread
   * may call them.
   */
  interface Listener {

    /** Somebody else wrote or deleted this key, or its time is over. */
    void changed(String key);

    /**
     * Anything may have changed: the store was emptied, or it was out of hearing for a while. After
     * a lost connection it is called once changes are heard again.
     */
    void changedAll();

    /**
     * Somebody else forgot what was put with this tag. Also concerns values that this store does
     * not have, and of which {@link #changed} is not called therefore.
     */
    default void changedByTag(String tag) {
      changedAll();
    }

    /** The same for the keys that begin like this. */
    default void changedByPrefix(String prefix) {
      changedAll();
    }
  }
}
