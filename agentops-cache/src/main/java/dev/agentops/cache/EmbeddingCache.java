package dev.agentops.cache;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import dev.agentops.event.OpsEventListener;
import dev.langchain4j.model.embedding.EmbeddingModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps the vectors of texts, so that an embedding model is not asked again for a text that it was
 * asked for before.
 *
 * <pre>{@code
 * EmbeddingCache vectors = EmbeddingCache.builder().remote(store).build();
 * EmbeddingModel model = ops.wrap(vectors.wrap(openAi));
 * }</pre>
 *
 * <p>Of the texts of one call the model is asked for those that are not kept, each once, in one
 * call of its own; the answer is in the order of the texts. What the model throws is thrown, and
 * nothing of that call is kept. Calls do not wait for each other: those that need the same text at
 * the same time each ask. A call that began before {@link #invalidateAll()} is not kept after it;
 * of calls that other processes had under way then, that does not hold. {@link
 * ResponseCache#CONTROL} is understood.
 *
 * <p><b>Equal</b> texts have the same vector if the provider, the model, all parameters of the
 * request (dimension, input type, whatever a provider adds) and the metadata of their segments are
 * equal, too: some models embed the title that is in there. Vectors are the same for everybody:
 * there are no users and tenants here, as nobody is given a text of another. To forget a user takes
 * nothing here: no text is kept, only its hash and its vector, without a name.
 *
 * <p><b>Around or inside of {@code ops.wrap}.</b> {@code ops.wrap(cache.wrap(model))}, as above,
 * has a span and an event for every call, priced for the texts that the model was asked for, and
 * nothing where all were kept. {@code cache.wrap(ops.wrap(model))} has them for the calls that
 * reach the model only. Thread-safe.
 */
public final class EmbeddingCache implements AutoCloseable {

  private final String name;
  private final Clock clock;
  private final MultiLevelCache<float[]> cache;
  private final FaultLog faults;
  private final AtomicLong generation = new AtomicLong();

  private EmbeddingCache(Builder from) {
    name = from.name;
    clock = from.clock;
    faults = new FaultLog(EmbeddingCache.class, clock);
    MultiLevelCacheBuilder<float[]> levels =
        MultiLevelCache.builder(new EmbeddingCodec())
            .name(from.name)
            .maximumSize(from.maximumSize)
            .timeToLive(from.timeToLive)
            .listener(from.listener)
            .clock(clock);
    from.stores.forEach(levels::remote);
    cache = levels.build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The name in events. */
  public String name() {
    return name;
  }

  /**
   * The model, behind this cache.
   *
   * @throws IllegalArgumentException if the model does not tell its name, without which its vectors
   *     could be taken for those of another; see {@link #wrapAs}
   */
  public EmbeddingModel wrap(EmbeddingModel model) {
    String modelName = Objects.requireNonNull(model, "model").modelName();
    if (modelName == null || modelName.isBlank() || modelName.equals("unknown")) {
      throw new IllegalArgumentException(
          model.getClass().getName()
              + " calls itself '"
              + modelName
              + "': say which model it is with wrapAs(name, model)");
    }
    return wrapAs(modelName, model);
  }

  /**
   * The model, behind this cache, under a name of yours.
   *
   * @param modelName what tells it from all other models whose vectors are kept here
   */
  public EmbeddingModel wrapAs(String modelName, EmbeddingModel model) {
    Require.notBlank("modelName", modelName);
    return new CachedEmbeddingModel(this, modelName, Objects.requireNonNull(model, "model"));
  }

  /** Forgets every vector. */
  public void invalidateAll() {
    generation.incrementAndGet();
    cache.invalidateAll();
  }

  /** What this cache has done so far, in texts. */
  public CacheStats stats() {
    return cache.stats();
  }

  /** Closes the stores; what they hold stays there. */
  @Override
  public void close() {
    cache.close();
  }

  Clock clock() {
    return clock;
  }

  FaultLog faults() {
    return faults;
  }

  /** The vectors of those of these keys that there are, in a new map; nobody may change them. */
  Map<String, float[]> find(List<String> keys) {
    return new HashMap<>(cache.getAll(new LinkedHashSet<>(keys)));
  }

  /** How often everything was forgotten; to be read before a model is asked. */
  long generation() {
    return generation.get();
  }

  /** Keeps a vector, unless everything was forgotten since its model was asked. */
  void keep(String key, float[] vector, long since) {
    if (generation.get() != since) {
      return;
    }
    cache.put(key, vector);
    if (generation.get() != since) { // forgotten just now
      cache.invalidate(key);
    }
  }

  /** Configures an {@link EmbeddingCache}. Not thread-safe. */
  public static final class Builder {

    /** {@value} vectors: 30 MB at 768 numbers each. */
    public static final long DEFAULT_MAXIMUM_SIZE = 10_000;

    /** {@value} days. */
    public static final long DEFAULT_TIME_TO_LIVE_DAYS = 30;

    private String name = "embeddings";
    private long maximumSize = DEFAULT_MAXIMUM_SIZE;
    private Duration timeToLive = Duration.ofDays(DEFAULT_TIME_TO_LIVE_DAYS);
    private Clock clock = Clock.system();
    private OpsEventListener listener = event -> {};
    private final List<CacheStore> stores = new ArrayList<>();

    private Builder() {}

    /**
     * The name in events and log lines, and of what this cache has in its stores: caches of one
     * name share that; {@code embeddings} unless said.
     *
     * @throws IllegalArgumentException if it is not 1 to {@value Require#LONGEST_NAME} characters,
     *     or has a colon or control characters
     */
    public Builder name(String name) {
      this.name = Require.cacheName(name);
      return this;
    }

    /** How many vectors are kept in this process; {@value #DEFAULT_MAXIMUM_SIZE} unless said. */
    public Builder maximumSize(long vectors) {
      this.maximumSize = Require.positive("maximumSize", vectors);
      return this;
    }

    /** How long a vector is kept; {@value #DEFAULT_TIME_TO_LIVE_DAYS} days unless said. */
    public Builder timeToLive(Duration timeToLive) {
      this.timeToLive = Require.positive("timeToLive", timeToLive);
      return this;
    }

    /**
     * Adds a level behind those there are. Caches of other names may be given the same store; the
     * last one of them that is closed closes it.
     */
    public Builder remote(CacheStore store) {
      stores.add(Objects.requireNonNull(store, "store"));
      return this;
    }

    /**
     * Is told when a store is lost and when it is back ({@link
     * dev.agentops.event.CacheStoreEvent}). In place of an earlier one.
     */
    public Builder listener(OpsEventListener listener) {
      this.listener = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public EmbeddingCache build() {
      return new EmbeddingCache(this);
    }
  }
}
