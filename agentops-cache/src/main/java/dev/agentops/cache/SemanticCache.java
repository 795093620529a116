package dev.agentops.cache;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.cache.wording.SemanticGuard;
import dev.agentops.event.OpsEventListener;
import dev.langchain4j.model.embedding.EmbeddingModel;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps answers under the questions they answer, and finds them for questions that mean the same.
 *
 * <p><b>A hit</b> is an answer to the same text or, failing that, to the stored question that is
 * nearest to the one asked, by the cosine of their embeddings, and that differs from it in nothing
 * that matters: numbers, dates, names, negations and the like must agree, and so must the {@link
 * Builder#verifier verifier}, if there is one. Everything else is a miss. The embedding model is
 * one on the class path, chosen by the script of the question; a question in a script without a
 * model finds nothing and is not kept.
 *
 * <p><b>Whose answers.</b> Everything lives in a scope, and only what is in a scope is found there.
 * {@link #put} and {@link #find} use the scope of the user ({@link Attributes#USER_ID}) and tenant
 * ({@link Attributes#TENANT}) of the current {@link Context}, or that of those who name neither;
 * {@link #scope(String)} is for whoever names it, and {@link Builder#shared()} is for all users of
 * a tenant.
 *
 * <p><b>How often a hit is wrong.</b> Of the hits on another text, the share {@link
 * Builder#shadowRate} is not served. When the caller then puts the answer that he found otherwise,
 * both are compared ({@link Builder#sameAnswer}); {@link #stats()} tells how many were false, and
 * how high the true rate may be. With {@link Builder#strict} a scope answers nothing until that is
 * low enough. {@link #reportWrong} takes a wrong answer out, and makes its scope stricter: what a
 * cosine has to be rises by 0.01, by 0.05 at most, and half of the rise is forgotten in a week.
 *
 * <p><b>Bounds.</b> Entries and bytes are bounded; what was found least recently goes first. The
 * evidence of the 10,000 scopes in use is remembered. With a {@link Builder#remote store} each
 * entry is one value in it, of which every process holds an index of its own: filled in the
 * background when the cache is made, up to {@link Builder#maximumSize}, and following the changes
 * that the store tells of. No search happens in the store, so that plain Redis serves.
 *
 * <p><b>Invalidated</b> answers do not come back: one that a {@link SemanticCachingInterceptor} has
 * under way is not kept when its scope, one of its tags, itself or everything is invalidated
 * meanwhile, by whatever process that the store lets this one hear of. Not heard of is what a
 * process invalidates while the store is away from it, what a store that tells nothing of others
 * (see {@link CacheStore#listen}) is told, and what happens within the moment that news take; such
 * an answer lives for its time.
 *
 * <p>Nothing of a model, a verifier or a store is thrown at the caller: it is a miss, counted, and
 * logged once a minute at most. Thread-safe.
 *
 * @param <V> the type of the values
 */
public final class SemanticCache<V> implements AutoCloseable {

  /** What {@link #reportWrong} found in place of a wrong answer. */
  public enum Report {
    /** The answer, which is gone now. */
    FORGOTTEN,
    /** Another answer to the same question, which stays. */
    REPLACED,
    /** Nothing. */
    GONE
  }

  private final SemanticEngine<V> engine;
  private final boolean shared;

  private SemanticCache(SemanticEngine<V> engine, boolean shared) {
    this.engine = engine;
    this.shared = shared;
  }

  /**
   * Begins a cache.
   *
   * @param codec for the values of a {@link Builder#remote store}
   */
  public static <V> Builder<V> builder(Codec<V> codec) {
    return new Builder<>(Objects.requireNonNull(codec, "codec"));
  }

  /** The name in events, log lines and keys of the store. */
  public String name() {
    return engine.name();
  }

  /** The answer to this question, or to one that means the same, in the current scope. */
  public Optional<SemanticHit<V>> find(String text) {
    return currentScope().find(text);
  }

  /**
   * Keeps the answer to a question in the current scope, in place of an earlier one to the same
   * text. A text that is blank, malformed or longer than 1,000 characters, or that no model can
   * read, is not kept.
   */
  public void put(String text, V value) {
    currentScope().put(text, value);
  }

  /** As {@link #put}, with a time to live and tags of its own. */
  public void putEntry(String text, CacheEntry<V> entry) {
    currentScope().putEntry(text, entry);
  }

  /** A scope that is shared by whoever names it, of whatever tenant. */
  public SemanticScope<V> scope(String name) {
    Require.notBlank("a scope's name", name);
    return new SemanticScope<>(
        engine, SemanticPartition.of(SemanticPartition.named(name), ""), Set.of());
  }

  /** The scope of the tenant and user that these attributes name, as for {@link #find}. */
  public SemanticScope<V> scopeOf(Attributes attributes) {
    return scopeOf(attributes, "");
  }

  /**
   * Tells that a hit was wrong: it is forgotten, here and in the store, and its scope becomes
   * stricter for a while, which repeated reports of one hit do only once.
   *
   * @return whether the answer was still there; where a store is away and nothing is known of it,
   *     {@link Report#FORGOTTEN}, as it forgets it when it is back
   */
  public Report reportWrong(SemanticHit<V> hit) {
    return engine.reportWrong(hit);
  }

  /**
   * Forgets one entry by {@link SemanticHit#id()}, here and in the store.
   *
   * @return whether this process had it
   */
  public boolean invalidate(String id) {
    return engine.invalidate(Objects.requireNonNull(id, "id"));
  }

  /** Forgets all entries that were put with this tag, of whatever scope. */
  public void invalidateByTag(String tag) {
    engine.invalidateByTag(AnswerPolicy.tag(Require.tag(tag)));
  }

  /** Forgets what was put while the {@link Context} named this tenant; not named scopes. */
  public void invalidateTenant(String tenant) {
    Objects.requireNonNull(tenant, "tenant");
    engine.invalidateByTag(AnswerPolicy.ownerTag(Attributes.TENANT, tenant));
  }

  /** Forgets what was put while the {@link Context} named this user, of whatever tenant. */
  public void invalidateUser(String userId) {
    Objects.requireNonNull(userId, "userId");
    engine.invalidateByTag(AnswerPolicy.ownerTag(Attributes.USER_ID, userId));
  }

  /** Forgets all entries of all scopes. */
  public void invalidateAll() {
    engine.invalidateAll();
  }

  /** What this cache has done so far, each scope on its own, too. */
  public SemanticStats stats() {
    return engine.stats();
  }

  /** What its store has done; empty where it has none. */
  public Optional<CacheStats.Level> storeStats() {
    return engine.storeStats();
  }

  /** Whether this process has read what its store is known to have; true where it has none. */
  public boolean upToDate() {
    return engine.upToDate();
  }

  /** Forgets the entries of this process, not those in the store, and closes the store. */
  @Override
  public void close() {
    engine.close();
  }

  /** The same, for questions that were asked in one context. */
  SemanticScope<V> scopeOf(Attributes attributes, String context) {
    return new SemanticScope<>(
        engine,
        SemanticPartition.of(SemanticPartition.of(attributes, shared), context),
        SemanticPartition.ownerTags(attributes));
  }

  Clock clock() {
    return engine.clock();
  }

  boolean shared() {
    return shared;
  }

  private SemanticScope<V> currentScope() {
    return scopeOf(Context.current().attributes());
  }

  /**
   * Configures a {@link SemanticCache}. Not thread-safe.
   *
   * @param <V> the type of the values
   */
  public static final class Builder<V> {

    /** {@value} entries. */
    public static final long DEFAULT_MAXIMUM_SIZE = 10_000;

    /** {@value} bytes. */
    public static final long DEFAULT_MAXIMUM_BYTES = 256L * 1024 * 1024;

    /** {@value} minutes. */
    public static final long DEFAULT_TIME_TO_LIVE_MINUTES = 60;

    /**
     * {@value} ms: some embeddings of a long question, on a machine that has other things to do.
     */
    public static final long DEFAULT_EMBEDDING_TIMEOUT_MILLIS = 1_000;

    /** {@value} ms. */
    public static final long DEFAULT_VERIFIER_TIMEOUT_MILLIS = 5_000;

    /** {@value}: the share of hits that a strict cache goes on to check. */
    public static final double DEFAULT_STRICT_SHADOW_RATE = 0.05;

    final Codec<V> codec;
    String name = "semantic";
    boolean shared;
    long maximumSize = DEFAULT_MAXIMUM_SIZE;
    long maximumSizePerScope = Long.MAX_VALUE;
    long maximumBytes = DEFAULT_MAXIMUM_BYTES;
    Duration timeToLive = Duration.ofMinutes(DEFAULT_TIME_TO_LIVE_MINUTES);
    double minimumSimilarity = -1;
    @Nullable BiPredicate<String, String> verifier;
    Duration embeddingTimeout = Duration.ofMillis(DEFAULT_EMBEDDING_TIMEOUT_MILLIS);
    Duration verifierTimeout = Duration.ofMillis(DEFAULT_VERIFIER_TIMEOUT_MILLIS);
    double shadowRate;
    double maximumFalseHitRate = 1;
    BiPredicate<? super V, ? super V> sameAnswer = Objects::deepEquals;
    @Nullable CacheStore remote;
    OpsEventListener listener = event -> {};
    Clock clock = Clock.system();

    private @Nullable SemanticEncoder ownModel;
    private TextVectors.@Nullable Encoder encoder;
    private @Nullable QuestionCheck check;

    private Builder(Codec<V> codec) {
      this.codec = codec;
    }

    /**
     * The name in events and log lines, and of what this cache has in its store: caches of one name
     * share that; {@code semantic} unless said.
     *
     * @throws IllegalArgumentException if it is not 1 to {@value Require#LONGEST_NAME} characters,
     *     or has a colon or control characters
     */
    public Builder<V> name(String name) {
      this.name = Require.cacheName(name);
      return this;
    }

    /** Gives one user's answers to the others of the tenant. */
    public Builder<V> shared() {
      this.shared = true;
      return this;
    }

    /** How many entries this process keeps; {@value #DEFAULT_MAXIMUM_SIZE} unless said. */
    public Builder<V> maximumSize(long entries) {
      this.maximumSize = Require.positive("maximumSize", entries);
      return this;
    }

    /** How many of them one scope may have; all unless said. */
    public Builder<V> maximumSizePerScope(long entries) {
      this.maximumSizePerScope = Require.positive("maximumSizePerScope", entries);
      return this;
    }

    /**
     * How many bytes texts and vectors may take in this process, without the values; {@value
     * #DEFAULT_MAXIMUM_BYTES} unless said. An entry of 384 dimensions takes about 2 KB.
     */
    public Builder<V> maximumBytes(long bytes) {
      this.maximumBytes = Require.positive("maximumBytes", bytes);
      return this;
    }

    /** How long an answer is good; {@value #DEFAULT_TIME_TO_LIVE_MINUTES} minutes unless said. */
    public Builder<V> timeToLive(Duration timeToLive) {
      this.timeToLive = Require.positive("timeToLive", timeToLive);
      return this;
    }

    /**
     * A model for English and Chinese questions, in place of those on the class path.
     *
     * @param name by which its vectors are known in a store: another model, another name
     */
    public Builder<V> embeddingModel(String name, EmbeddingModel model) {
      Require.notBlank("a model's name", name);
      this.ownModel = SemanticEncoder.of(name, Objects.requireNonNull(model, "embeddingModel"));
      return this;
    }

    /**
     * How long an embedding may take; {@value #DEFAULT_EMBEDDING_TIMEOUT_MILLIS} ms unless said.
     */
    public Builder<V> embeddingTimeout(Duration timeout) {
      this.embeddingTimeout = Require.positive("embeddingTimeout", timeout);
      return this;
    }

    /**
     * A cosine that a hit on another text needs on top of everything else, from 0 to 1; none unless
     * said.
     */
    public Builder<V> minimumSimilarity(double cosine) {
      if (!(cosine >= 0 && cosine <= 1)) {
        throw new IllegalArgumentException("minimumSimilarity must be from 0 to 1: " + cosine);
      }
      this.minimumSimilarity = cosine;
      return this;
    }

    /**
     * Has the last word before a hit on another text: is given the stored question and the one
     * asked, and tells whether the answer of the first serves the second. None unless said. If it
     * throws or takes too long, there is no hit. It runs on a thread of the cache.
     */
    public Builder<V> verifier(BiPredicate<String, String> verifier) {
      this.verifier = Objects.requireNonNull(verifier, "verifier");
      return this;
    }

    /** How long the verifier may take; {@value #DEFAULT_VERIFIER_TIMEOUT_MILLIS} ms unless said. */
    public Builder<V> verifierTimeout(Duration timeout) {
      this.verifierTimeout = Require.positive("verifierTimeout", timeout);
      return this;
    }

    /**
     * The share of hits on another text that is not served but checked, from 0 to 1; 0 unless said.
     * Drawn at random, so that those checked stand for all.
     */
    public Builder<V> shadowRate(double share) {
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException("shadowRate must be from 0 to 1: " + share);
      }
      this.shadowRate = share;
      return this;
    }

    /**
     * Whether two answers are the same for the one who asked; equality unless said, which counts
     * every other wording as a false hit and so overstates the rate. Is given the answer that was
     * kept back and the caller's own, some time after that, on a thread of the cache, which waits
     * for it as long as for the {@linkplain #verifierTimeout verifier}.
     */
    public Builder<V> sameAnswer(BiPredicate<? super V, ? super V> sameAnswer) {
      this.sameAnswer = Objects.requireNonNull(sameAnswer, "sameAnswer");
      return this;
    }

    /**
     * Answers nothing in a scope while its rate of false hits may be above this one: until {@link
     * FalseHitRate#anyTimeUpperBound()} is at most as high, each hit on another text is checked
     * instead. Then hits are served, as long as the {@linkplain #shadowRate checks} that go on keep
     * the bound there and have a result: after {@value ScopeEvidence#FAILURES} in a row that had
     * none, each hit is checked again until one has. Sets that share to {@value
     * #DEFAULT_STRICT_SHADOW_RATE} where it is 0.
     */
    public Builder<V> strict(double maximumFalseHitRate) {
      if (!(maximumFalseHitRate > 0 && maximumFalseHitRate < 1)) {
        throw new IllegalArgumentException(
            "maximumFalseHitRate must be between 0 and 1: " + maximumFalseHitRate);
      }
      this.maximumFalseHitRate = maximumFalseHitRate;
      return this;
    }

    /**
     * Keeps the entries in a store, too. Caches of other names may be given the same store; the
     * last one of them that is closed closes it. None unless said.
     */
    public Builder<V> remote(CacheStore store) {
      this.remote = Objects.requireNonNull(store, "store");
      return this;
    }

    /** Hears when the store is lost and back. Nobody unless said. */
    public Builder<V> listener(OpsEventListener listener) {
      this.listener = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder<V> clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /** For tests that say what is near to what. */
    Builder<V> judgement(TextVectors.Encoder encoder, QuestionCheck check) {
      this.encoder = encoder;
      this.check = check;
      return this;
    }

    /**
     * Makes the cache, and loads the embedding model, which takes a second or two.
     *
     * @throws IllegalStateException if no embedding model is given, nor is one on the class path;
     *     the message names the artifact
     */
    public SemanticCache<V> build() {
      return new SemanticCache<>(
          SemanticAssembly.engine(
              this,
              encoder == null ? TextVectors.Encoder.of(loadedModels()) : encoder,
              check == null ? QuestionCheck.of(new SemanticGuard()) : check),
          shared);
    }

    /** Before anybody waits for them. */
    private SemanticEncoder loadedModels() {
      SemanticEncoder models = ownModel == null ? SemanticEncoder.fromClassPath() : ownModel;
      models.load();
      return models;
    }
  }
}
