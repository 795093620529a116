package dev.agentops.cost.redis;

import dev.agentops.cost.BudgetStoreException;
import dev.agentops.cost.RemoteBudgetStore;
import dev.agentops.redis.Lettuce;
import dev.agentops.redis.RedisClients;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.async.RedisScriptingAsyncCommands;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Accounts of budgets in Redis 5 or newer, for processes that share budgets. Thread-safe.
 *
 * <pre>{@code
 * BudgetStore store = RedisBudgetStore.of("redis://budgets.internal:6379");
 * }</pre>
 *
 * <p>Each request is one call of a script, hence one round trip, whatever the number of budgets of
 * a call; leases and increases end by the time of the server. All keys begin with the namespace as
 * a hash tag, such as <code>{agentops:budgets}:account:daily:acme</code>, so that a cluster keeps
 * them in one slot.
 *
 * <p>Redis must not evict these keys ({@code maxmemory-policy noeviction} or a {@code volatile}
 * policy with room to spare), and loses what it has not persisted when it restarts: budgets then
 * start from nothing, and what is settled afterwards counts. How a server that is away is dealt
 * with says {@link RemoteBudgetStore}.
 *
 * <p>Needs {@code io.lettuce:lettuce-core} on the class path.
 */
public final class RedisBudgetStore extends RemoteBudgetStore {

  /** {@value}, unless said. */
  public static final String DEFAULT_NAMESPACE = "agentops:budgets";

  /** 100 ms, unless said. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofMillis(100);

  /** For the first connection, which loads and starts the client. */
  private static final Duration START_TIMEOUT = Duration.ofSeconds(5);

  private RedisBudgetStore(String name, RedisAccounts accounts, int maximumPending) {
    super(name, accounts, maximumPending);
  }

  /**
   * A store with the defaults.
   *
   * @throws IllegalArgumentException if the URI is none of Redis
   * @throws IllegalStateException if Lettuce is not on the class path
   * @see #builder(String)
   */
  public static RedisBudgetStore of(String uri) {
    return builder(uri).build();
  }

  /**
   * A store with a connection of its own.
   *
   * @param uri as {@code redis://password@host:6379/0}, {@code rediss://...} or {@code
   *     redis-sentinel://...}
   * @throws IllegalArgumentException if it is none of Redis
   * @throws IllegalStateException if Lettuce is not on the class path
   */
  public static Builder builder(String uri) {
    return Lettuce.use("RedisBudgetStore", () -> new Builder(uri, null));
  }

  /**
   * A store on a connection of the caller, to one server or to a cluster, which it does not close.
   * The connection should reject commands while it is disconnected.
   */
  public static Builder builder(RedisScriptingAsyncCommands<String, String> commands) {
    return new Builder(null, commands);
  }

  /** Collects what a store needs. Not thread-safe. */
  public static final class Builder {

    private final @Nullable String uri;
    private final @Nullable RedisScriptingAsyncCommands<String, String> commands;
    private String namespace = DEFAULT_NAMESPACE;
    private Duration timeout = DEFAULT_TIMEOUT;
    private int maximumPending = DEFAULT_MAXIMUM_PENDING;

    private Builder(
        @Nullable String uri, @Nullable RedisScriptingAsyncCommands<String, String> commands) {
      this.uri = uri;
      this.commands = commands;
    }

    /**
     * What all keys begin with; stores with the same one share accounts. {@value
     * #DEFAULT_NAMESPACE} unless said.
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
     * How long a call of the agent waits at most. 100 ms unless said.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder timeout(Duration timeout) {
      if (timeout.isZero() || timeout.isNegative()) {
        throw new IllegalArgumentException("a timeout must be positive: " + timeout);
      }
      this.timeout = timeout;
      return this;
    }

    /**
     * How many settlements wait at most while Redis is away; more are lost, and counted. {@value
     * RemoteBudgetStore#DEFAULT_MAXIMUM_PENDING} unless said.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder maximumPending(int settlements) {
      this.maximumPending = requirePositive(settlements);
      return this;
    }

    /**
     * Connects, which may take some seconds the first time. Where Redis does not answer, the store
     * is away until it does.
     */
    public RedisBudgetStore build() {
      String name = "the budget store at Redis";
      BudgetScript.Link link;
      if (uri == null) {
        RedisScriptingAsyncCommands<String, String> given = Objects.requireNonNull(commands);
        link = timeout -> given;
      } else {
        RedisURI parsed = RedisClients.parse(uri);
        link = new RedisLink(parsed);
        name += parsed.getHost() == null ? "" : ' ' + parsed.getHost() + ':' + parsed.getPort();
      }
      RedisAccounts accounts =
          new RedisAccounts(new BudgetScript(name, link, timeout), new RedisKeys(namespace));
      RedisBudgetStore store = new RedisBudgetStore(name, accounts, maximumPending);
      try {
        accounts.connect(START_TIMEOUT);
      } catch (BudgetStoreException e) {
        store.startAway(e);
      }
      return store;
    }
  }
}
