package dev.agentops.cache.jdbc;

import dev.agentops.Clock;
import dev.agentops.cache.CacheStore;
import dev.agentops.cache.CacheStoreException;
import dev.agentops.cache.jdbc.WriteQueue.Write;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongFunction;

/**
 * Keeps the values of a cache in a SQLite file, so that they outlive the process.
 *
 * <pre>{@code
 * MultiLevelCache<String> cache = MultiLevelCache.builder(Codec.utf8())
 *     .remote(SqliteCacheStore.open(Path.of("cache.db")))
 *     .build();
 * }</pre>
 *
 * <p>The file is bounded: where a value does not fit, those whose time is over the soonest go
 * first, of whatever namespace. It is readable for its owner only where it is made here. A process
 * that is killed leaves a file that opens again; a loss of power may cost the newest values.
 *
 * <p>Several processes of one machine may use one file. They are not told of each other's changes:
 * what one of them deletes, another one's local level may serve for the rest of its time. Whoever
 * needs that sooner takes Redis, or short times to live.
 *
 * <p>Threads that write at once share a commit. A call waits at most for the {@linkplain
 * Builder#timeout timeout} for others: half of it for threads of this process, after which a put or
 * a get is {@linkplain CacheStoreException#refused() refused} and any other call waits on, and half
 * for locks of other processes, after which it fails. How long the disk takes is not bounded. When
 * the file is deleted, an empty one is begun.
 *
 * <p>Needs {@code org.xerial:sqlite-jdbc} on the class path. Thread-safe.
 */
public final class SqliteCacheStore implements CacheStore {

  private final EntryTable entries;
  private final SqliteConnections connections;
  private final long maximumBytes;
  private final Clock clock;
  private final LongAdder evictions = new LongAdder();

  private SqliteCacheStore(Builder from) {
    entries = new EntryTable(from.namespace);
    maximumBytes = from.maximumBytes;
    clock = from.clock;
    connections =
        SqliteConnections.open(new SqliteFile(from.file, from.maximumBytes), from.timeout);
  }

  /**
   * A store in a file, which is made if there is none.
   *
   * @throws CacheStoreException if the file cannot be opened: it is no database of SQLite, is
   *     damaged, is locked by another program, or a newer release has made its tables
   * @throws IllegalStateException if the driver is not on the class path
   */
  public static SqliteCacheStore open(Path file) {
    return builder(file).build();
  }

  /** Starts a store in a file, which is made if there is none. */
  public static Builder builder(Path file) {
    return new Builder(Objects.requireNonNull(file, "file"));
  }

  /** {@code sqlite}. */
  @Override
  public String name() {
    return "sqlite";
  }

  @Override
  public Optional<byte[]> get(String key) {
    long now = now();
    return connections.read(session -> Optional.ofNullable(entries.get(session, key, now)));
  }

  @Override
  public Map<String, byte[]> getAll(Collection<String> keys) {
    long now = now();
    return connections.read(
        session -> {
          Map<String, byte[]> found = new HashMap<>();
          for (String key : keys) {
            byte[] value = entries.get(session, key, now);
            if (value != null) {
              found.put(key, value);
            }
          }
          return found;
        });
  }

  /**
   * {@inheritDoc}
   *
   * @throws CacheStoreException {@linkplain CacheStoreException#refused() refused}, if the value
   *     takes with its key and tags more than half of the {@linkplain Builder#maximumBytes bytes}
   *     of the file, does not fit into it, or had to wait too long for other threads that write
   */
  @Override
  public void put(String key, byte[] value, Duration timeToLive, Set<String> tags) {
    long bytes = entries.bytes(key, value, tags);
    if (bytes > maximumBytes / 2) {
      throw CacheStoreException.refusing(
          "an entry of " + bytes + " bytes for a file of " + maximumBytes, null);
    }
    long now = now();
    long expiresAt = expiry(timeToLive);
    LongFunction<Long> put =
        room ->
            connections.write(
                Write.put(
                    bytes,
                    session -> {
                      int unused = EntryTable.deleteExpired(session, now);
                      long gone = EntryTable.makeRoom(session, room, maximumBytes);
                      entries.put(session, key, value, expiresAt, tags);
                      return gone;
                    }));
    try {
      evictions.add(put.apply(bytes));
    } catch (CacheStoreException e) {
      if (!SqliteConnections.isFull(e)) {
        throw e;
      }
      evictions.add(put.apply(2 * bytes)); // what fits is an estimate
    }
  }

  @Override
  public void delete(String key) {
    int unused = connections.write(Write.of(session -> entries.delete(session, key)));
  }

  /** In parts, between which others may write. */
  @Override
  public void deleteByPrefix(String prefix) {
    boolean more = true;
    while (more) {
      more = connections.write(Write.of(session -> entries.deleteSomeByPrefix(session, prefix)));
    }
  }

  /** In parts, between which others may write. */
  @Override
  public void deleteByTag(String tag) {
    boolean more = true;
    while (more) {
      more = connections.write(Write.of(session -> entries.deleteSomeByTag(session, tag)));
    }
  }

  /** Forgets the keys of this namespace; in parts, between which others may write. */
  @Override
  public void clear() {
    deleteByPrefix("");
  }

  @Override
  public KeyPage keys(String prefix, String cursor) {
    long now = now();
    String after = cursor.equals(KeyPage.FIRST) ? null : cursor;
    List<String> keys = connections.read(session -> entries.keys(session, prefix, after, now));
    return new KeyPage(
        keys,
        EntryTable.isFullPage(keys) ? Optional.of(keys.get(keys.size() - 1)) : Optional.empty());
  }

  @Override
  public void check() {
    int unused = connections.write(Write.of(EntryTable::touch));
  }

  @Override
  public void close() {
    connections.close();
  }

  /** How many values were deleted before their time was over, for want of room. */
  public long evictionCount() {
    return evictions.sum();
  }

  private long now() {
    return clock.now().toEpochMilli();
  }

  private long expiry(Duration timeToLive) {
    try {
      return clock.now().plus(timeToLive).toEpochMilli();
    } catch (ArithmeticException | DateTimeException e) {
      return Long.MAX_VALUE;
    }
  }

  /** Configures a {@link SqliteCacheStore}. Not thread-safe. */
  public static final class Builder {

    /** {@value}. */
    public static final String DEFAULT_NAMESPACE = "agentops";

    /** {@value} bytes. */
    public static final long DEFAULT_MAXIMUM_BYTES = 256L * 1024 * 1024;

    /** {@value} bytes. */
    public static final long LEAST_MAXIMUM_BYTES = 1024 * 1024;

    /** {@value} milliseconds. */
    public static final long DEFAULT_TIMEOUT_MILLIS = 50;

    private static final int LONGEST_NAMESPACE = 100;

    private final Path file;
    private String namespace = DEFAULT_NAMESPACE;
    private long maximumBytes = DEFAULT_MAXIMUM_BYTES;
    private Duration timeout = Duration.ofMillis(DEFAULT_TIMEOUT_MILLIS);
    private Clock clock = Clock.system();

    private Builder(Path file) {
      this.file = file;
    }

    /**
     * Keeps the keys of caches apart that share the file; {@value #DEFAULT_NAMESPACE} unless said.
     *
     * @param namespace 1 to 100 characters without control characters
     */
    public Builder namespace(String namespace) {
      if (namespace.isEmpty()
          || namespace.length() > LONGEST_NAMESPACE
          || namespace.chars().anyMatch(c -> c < ' ' || Character.isSurrogate((char) c))) {
        throw new IllegalArgumentException(
            "namespace must be 1 to 100 characters, no control characters: '" + namespace + "'");
      }
      this.namespace = namespace;
      return this;
    }

    /**
     * How large the file may become, all namespaces together; {@value #DEFAULT_MAXIMUM_BYTES}
     * unless said. Beside it there is a log of some megabytes. A file that is larger already does
     * not become smaller.
     *
     * @param bytes at least {@value #LEAST_MAXIMUM_BYTES}
     */
    public Builder maximumBytes(long bytes) {
      if (bytes < LEAST_MAXIMUM_BYTES) {
        throw new IllegalArgumentException(
            "maximumBytes must be at least " + LEAST_MAXIMUM_BYTES + ": " + bytes);
      }
      this.maximumBytes = bytes;
      return this;
    }

    /**
     * How long a call waits for others that write, of this process and of others; {@value
     * #DEFAULT_TIMEOUT_MILLIS} ms unless said.
     *
     * @param timeout at least 2 ms
     */
    public Builder timeout(Duration timeout) {
      if (timeout.compareTo(Duration.ofMillis(2)) < 0
          || timeout.compareTo(Duration.ofHours(1)) > 0) {
        throw new IllegalArgumentException("timeout must be 2 ms to one hour: " + timeout);
      }
      this.timeout = timeout;
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Opens the file.
     *
     * @throws CacheStoreException if the file cannot be opened: it is no database of SQLite, is
     *     damaged, is locked by another program, or a newer release has made its tables
     * @throws IllegalStateException if the driver is not on the class path
     */
    public SqliteCacheStore build() {
      try {
        Class.forName("org.sqlite.JDBC", false, SqliteCacheStore.class.getClassLoader());
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(
            "SqliteCacheStore needs org.xerial:sqlite-jdbc on the class path", e);
      }
      return new SqliteCacheStore(this);
    }
  }
}
