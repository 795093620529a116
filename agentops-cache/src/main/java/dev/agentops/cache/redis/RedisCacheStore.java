package dev.agentops.cache.redis;

import static java.util.Objects.requireNonNull;

import dev.agentops.cache.CacheStoreException;
import dev.agentops.cache.LeasingCacheStore;
import dev.agentops.redis.Lettuce;
import dev.agentops.redis.RedisClients;
import dev.agentops.redis.RedisErrors;
import dev.agentops.redis.RedisScript;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisReadOnlyException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A level of a cache in Redis 6.0 or newer, for processes that share what they cache: what one of
 * them changes, the others' local levels forget, and one of them loads what all of them miss.
 *
 * <pre>{@code
 * MultiLevelCache<String> cache = MultiLevelCache.builder(Codec.utf8())
 *     .remote(RedisCacheStore.connect("redis://cache.internal:6379"))
 *     .build();
 * }</pre>
 *
 * <p><b>Requests.</b> Each is one round trip over one connection, which all threads share; only
 * forgetting a tag, a prefix or everything takes one for each {@value #PAGE} keys, and for the
 * latter two looks at every key of the database, as {@code SCAN} does. A request that has no answer
 * in time throws; it may be carried out nevertheless, but not after the connection was replaced,
 * where the server (6.2 or newer) lets us end the old one.
 *
 * <p><b>Changes</b> come over the same connection ({@code CLIENT TRACKING} in broadcasting mode),
 * whoever made them, mostly within a millisecond. After a connection was lost nothing is asked
 * before changes are told again and the cache has heard that it may have missed some. A broken
 * connection that nobody tells of is noticed within two seconds by a ping that is not answered. As
 * long as there is no connection, other processes' changes are not heard: a local level that must
 * not serve old values for so long needs a short time to live.
 *
 * <p><b>Keys</b> begin with the namespace as a hash tag and the name of the cache, such as <code>
 * {agentops:cache}:d:pages:key</code> for a value, and all have a time to live. A server that
 * evicts keys (a {@code maxmemory-policy} other than {@code noeviction}) may evict the index of a
 * tag before the values of the tag, which are then not forgotten with it. A Redis Cluster is not
 * supported, unless it has one shard.
 *
 * <p>Values of more than {@value #MAXIMUM_VALUE_BYTES} bytes are refused, since everybody waits
 * while they travel. Needs {@code io.lettuce:lettuce-core} on the class path. Thread-safe.
 */
public final class RedisCacheStore implements LeasingCacheStore {

  /** {@value}, unless said. */
  public static final String DEFAULT_NAMESPACE = "agentops:cache";

  /** {@value}, unless said. */
  public static final String DEFAULT_NAME = "redis";

  /** 50 ms, unless said. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofMillis(50);

  /** 3 seconds, unless said. */
  public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(3);

  /** {@value} bytes. */
  static final int MAXIMUM_VALUE_BYTES = 8 * 1024 * 1024;

  /** Keys of one request; the script has the same. */
  static final int PAGE = 200;

  /** A hundred years. */
  private static final Duration LONGEST = Duration.ofDays(36_525);

  private static final Duration LONGEST_LEASE = Duration.ofDays(1); // the script's DAY

  /** What is under our name and cannot be a value. */
  private static final byte[] FOREIGN = new byte[0];

  private static final String USER = "RedisCacheStore";

  private static final long FOUND = 1;
  private static final long HELD = 2;
  private final String name;
  private final RedisKeys keys;
  private final RedisChanges changes;
  private final RedisLink link;
  private final RedisRequests requests;
  private final @Nullable RedisClient ownClient;

  private RedisCacheStore(Builder from, RedisClient client, RedisURI uri) {
    String id = RedisRequests.random().substring(0, RedisChanges.ID_LENGTH);
    String subject = "the cache store at Redis " + RedisClients.address(uri);
    RedisScript script = RedisScript.of(RedisCacheStore.class, "cache.lua");
    name = from.name;
    keys = new RedisKeys(from.namespace);
    changes = new RedisChanges(keys, id);
    link = new RedisLink(subject, client, uri, from.connectTimeout, keys, changes, script);
    requests = new RedisRequests(subject, from.timeout, link, script, keys.prefix(), id);
    ownClient = from.client == null ? client : null;
  }

  /**
   * A store with the defaults.
   *
   * @throws IllegalArgumentException if the URI is none of Redis
   * @throws IllegalStateException as {@link Builder#build()}
   */
  public static RedisCacheStore connect(String uri) {
    return builder(uri).build();
  }

  /**
   * A store with a client of its own.
   *
   * @param uri as {@code redis://user:password@host:6379/0}, {@code rediss://...} or {@code
   *     redis-sentinel://...}
   * @throws IllegalArgumentException if it is none of Redis
   * @throws IllegalStateException if Lettuce is not on the class path
   */
  public static Builder builder(String uri) {
    requireNonNull(uri, "uri");
    return Lettuce.use(USER, () -> new Builder(null, RedisClients.parse(uri)));
  }

  /**
   * A store with a connection of its own from a client of the caller, which it does not close. The
   * client's own timeouts and queue hold.
   */
  public static Builder builder(RedisClient client, RedisURI uri) {
    return new Builder(requireNonNull(client, "client"), RedisURI.builder(uri).build());
  }

  @Override
  public String name() {
    return name;
  }

  /** What is under the key and is of another type is no bytes, rather than nothing. */
  @Override
  public Optional<byte[]> get(String key) {
    try {
      return Optional.ofNullable(requests.ask(commands -> commands.get(keys.value(key))));
    } catch (CacheStoreException e) {
      if (RedisFailures.isForeign(e.getCause())) {
        return Optional.of(FOREIGN);
      }
      throw e;
    }
  }

  @Override
  public Map<String, byte[]> getAll(Collection<String> wanted) {
    Map<String, byte[]> found = new HashMap<>();
    List<String> names = wanted.stream().distinct().map(keys::value).toList();
    for (int from = 0; from < names.size(); from += PAGE) {
      String[] page =
          names.subList(from, Math.min(names.size(), from + PAGE)).toArray(new String[0]);
      for (KeyValue<String, byte[]> pair : requests.ask(commands -> commands.mget(page))) {
        if (pair.hasValue()) {
          found.put(keys.key(pair.getKey()), pair.getValue());
        }
      }
    }
    return found;
  }

  @Override
  public void put(String key, byte[] value, Duration timeToLive, Set<String> tags) {
    requireFitting(key, value);
    requests.number("put", arguments(tags, key, value, RedisRequests.millis(timeToLive, LONGEST)));
  }

  @Override
  public void delete(String key) {
    requests.number("delete", key);
  }

  @Override
  public void deleteByPrefix(String prefix) {
    requests.forgetAll("forget_like", RedisKeys.pattern(keys.value(prefix)), prefix);
  }

  @Override
  public void deleteByTag(String tag) {
    long more = requests.number("forget_tag", tag, 1);
    while (more != 0) {
      more = requests.number("forget_tag", tag, 0);
    }
  }

  @Override
  public void clear() {
    requests.forgetAll("clear", RedisKeys.pattern(keys.prefix()), "");
  }

  @Override
  public KeyPage keys(String prefix, String cursor) {
    ScanCursor at =
        ScanCursor.of(cursor.equals(KeyPage.FIRST) ? RedisRequests.FIRST_CURSOR : cursor);
    ScanArgs args = ScanArgs.Builder.matches(RedisKeys.pattern(keys.value(prefix))).limit(PAGE);
    KeyScanCursor<String> page = requests.ask(commands -> commands.scan(at, args));
    return new KeyPage(
        page.getKeys().stream().map(keys::key).toList(),
        page.isFinished() ? Optional.empty() : Optional.of(page.getCursor()));
  }

  @Override
  public Claim claim(String key, String token, Duration lease) {
    List<Object> reply =
        requests.run(
            ScriptOutputType.MULTI,
            "claim",
            key,
            token,
            RedisRequests.millis(lease, LONGEST_LEASE));
    long what = (Long) reply.get(0);
    if (what == FOUND) {
      return Claim.found((byte[]) reply.get(1));
    }
    return what == HELD
        ? Claim.held(Duration.ofMillis(Math.max(1, (Long) reply.get(1))))
        : Claim.granted(token);
  }

  @Override
  public boolean renew(String key, String token, Duration lease) {
    return requests.number("renew", key, token, RedisRequests.millis(lease, LONGEST_LEASE)) == 1;
  }

  @Override
  public boolean putAndRelease(
      String key, String token, byte[] value, Duration timeToLive, Set<String> tags) {
    requireFitting(key, value);
    return requests.number(
            "put_and_release",
            arguments(tags, token, key, value, RedisRequests.millis(timeToLive, LONGEST)))
        == 1;
  }

  @Override
  public void release(String key, String token) {
    requests.number("release", key, token);
  }

  @Override
  public void listen(Listener listener) {
    changes.listen(listener);
  }

  /** Returns if there is a connection that tells of changes, to a server that may be written to. */
  @Override
  public void check() {
    requests.awaitConnection();
    try {
      requests.ask(commands -> commands.del(keys.nothing()));
    } catch (CacheStoreException e) {
      if (e.getCause() instanceof RedisReadOnlyException) {
        link.replace(); // the address may be that of another server by now
      }
      throw e;
    }
  }

  @Override
  public void close() {
    CompletableFuture<Void> closed = link.close();
    if (ownClient != null) {
      RedisClients.stop(ownClient, closed);
    }
  }

  /** A value that is too large must not leave an older one. */
  private void requireFitting(String key, byte[] value) {
    if (value.length > MAXIMUM_VALUE_BYTES) {
      delete(key);
      throw CacheStoreException.refusing(
          "a value of " + value.length + " bytes is larger than " + MAXIMUM_VALUE_BYTES, null);
    }
  }

  private static Object[] arguments(Set<String> tags, Object... others) {
    List<Object> all = new ArrayList<>(List.of(others));
    all.addAll(tags);
    return all.toArray();
  }

  /** Collects what a store needs. Not thread-safe. */
  public static final class Builder {

    private final @Nullable RedisClient client;
    private final RedisURI uri;
    private String namespace = DEFAULT_NAMESPACE;
    private String name = DEFAULT_NAME;
    private Duration timeout = DEFAULT_TIMEOUT;
    private Duration connectTimeout = DEFAULT_CONNECT_TIMEOUT;

    private Builder(@Nullable RedisClient client, RedisURI uri) {
      this.client = client;
      this.uri = uri;
    }

    /**
     * What all keys begin with, one for each application: stores with the same one share what they
     * hold, for caches of the same name. {@value #DEFAULT_NAMESPACE} unless said.
     *
     * @throws IllegalArgumentException if it is blank or contains a brace, which would end the hash
     *     tag of a cluster
     */
    public Builder namespace(String namespace) {
      if (namespace.isBlank() || namespace.contains("{") || namespace.contains("}")) {
        throw new IllegalArgumentException(
            "a namespace must not be blank or contain braces: '" + namespace + "'");
      }
      this.namespace = namespace;
      return this;
    }

    /**
     * The level's name in statistics, events and log lines. {@value #DEFAULT_NAME} unless said.
     *
     * @throws IllegalArgumentException if it is blank
     */
    public Builder name(String name) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("name must not be blank: '" + name + "'");
      }
      this.name = name;
      return this;
    }

    /**
     * How long a caller waits for an answer at most. 50 ms unless said.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder timeout(Duration timeout) {
      this.timeout = requirePositive("timeout", timeout);
      return this;
    }

    /**
     * How long a new connection may take, name look-up and handshake included. 3 seconds unless
     * said.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder connectTimeout(Duration connectTimeout) {
      this.connectTimeout = requirePositive("connectTimeout", connectTimeout);
      return this;
    }

    /**
     * Connects, and waits for that for the {@linkplain #connectTimeout connect timeout} at most; to
     * load the classes of Lettuce may take a second besides, the first time. Where Redis is away or
     * hangs, so is the store, until it is back.
     *
     * @throws IllegalStateException if Redis answers and is of no use: a wrong password, no
     *     permission for {@code CLIENT TRACKING} or {@code SCRIPT}, a version before 6.0; or if
     *     Lettuce or what it depends on is not on the class path
     */
    public RedisCacheStore build() {
      return Lettuce.use(USER, this::open);
    }

    private RedisCacheStore open() {
      uri.setTimeout(connectTimeout);
      RedisCacheStore store =
          new RedisCacheStore(
              this, client == null ? RedisClients.start(connectTimeout) : client, uri);
      ExecutionException failure = store.requests.start(connectTimeout, store.keys.nothing());
      String lasting = failure == null ? null : RedisErrors.lasting(failure);
      if (lasting != null) {
        store.close();
        throw new IllegalStateException(
            "RedisCacheStore needs Redis 6.0 or newer that lets it log in, track clients and load"
                + " scripts, and "
                + RedisClients.address(uri)
                + " says: "
                + lasting,
            failure);
      }
      return store;
    }

    private static Duration requirePositive(String name, Duration duration) {
      if (duration.isZero() || duration.isNegative()) {
        throw new IllegalArgumentException(name + " must be positive: " + duration);
      }
      return duration;
    }
  }
}
