package dev.agentops.cache;

import dev.agentops.Attributes;
import dev.agentops.CachedAnswer;
import dev.agentops.Clock;
import dev.agentops.FaultLog;
import dev.agentops.ModelCall;
import dev.agentops.cache.CallsUnderWay.Slot;
import dev.agentops.event.OpsEventListener;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps whole answers of chat models, for requests that are equal in everything that decides the
 * answer; {@link CachingInterceptor} puts it on a model.
 *
 * <p><b>Equal</b> means: the same provider, the same parameters (model, temperature, limits, stop
 * sequences, response format, tools, whatever the provider adds), and the same messages with all
 * their fields. What a provider keeps in the model and not in the request is not visible here: its
 * endpoint, and settings such as Anthropic's for thinking. Two models that differ in these, under
 * one provider and name, need a cache each.
 *
 * <p><b>Whose answers.</b> A user is answered only with what the same user of the same tenant
 * ({@link Attributes#USER_ID}, {@link Attributes#TENANT}) was answered before, in whatever session.
 * A call outside of a scope that names a user is not cached, because nobody can tell whose answer
 * it is; neither is a call that names no model. A blank name is none. {@link Builder#shared()} and
 * {@link Builder#sharedBy} share the answers among the users of a tenant.
 *
 * <p><b>What is kept.</b> Complete answers in text. Not: errors, and with them what a provider
 * reports as a refusal (OpenAI's is an exception of LangChain4j, Anthropic's a {@link
 * FinishReason#OTHER}), cancelled streams, answers that were cut off ({@link FinishReason#LENGTH}),
 * filtered or ended for {@linkplain FinishReason#OTHER another reason}, those of another model than
 * was asked for, answers without text, and, unless {@link Builder#cacheToolCalls()} says otherwise,
 * answers that ask for tools. An answer for the end of which no reason is told is kept: some
 * providers tell none. A refusal that is worded as an ordinary answer is one to this cache: no list
 * of phrases tells them apart in every language without error, so {@link Builder#cacheIf} is for
 * those who know their model's.
 *
 * <p><b>Equal calls at the same time</b> ask once: the others get the answer of the first, streams
 * every chunk of it from the beginning, whatever the answer is. An error of the model is then
 * theirs, too; where the first is refused or interrupted, fails by its own handler, or has brought
 * nothing within {@link dev.agentops.AgentOps.Builder#firstChunkTimeout}, one of the others asks
 * and the rest follow it; who has followed two in vain asks by itself. Its caller may cancel
 * without harm to them. A call that wants a new answer ({@link #CONTROL}) is the one to follow from
 * then on, and what older ones bring is not kept. That holds in one process: two processes ask
 * twice.
 *
 * <p>A hit is the response that was kept, with its id, model, finish reason and token usage, in
 * LangChain4j's own classes in place of the provider's, without the HTTP headers and raw events of
 * the call that was answered first. A call that began before an invalidation is not kept after it;
 * of calls that other processes had under way then, that does not hold. There are no stale answers:
 * a cache around a model cannot ask it by itself. Thread-safe.
 */
public final class ResponseCache implements AutoCloseable {

  /**
   * The attribute by which a caller says, in a scope, how its calls are cached: {@code no-cache}
   * for a new answer, which then takes the place of a kept one; {@code no-store} for a call that
   * the cache stays out of, as it does for any other word.
   */
  public static final String CONTROL = "agentops.cache.control";

  private final String name;
  private final AnswerScope scope;
  private final Duration replayPace;
  private final Clock clock;
  private final AnswerPolicy policy;
  private final MultiLevelCache<KeptAnswer> answers;
  private final FaultLog faults;
  private final CallsUnderWay underWay = new CallsUnderWay();
  private final AtomicLong generation = new AtomicLong();
  private volatile CacheSavings savings = CacheSavings.NONE;

  private ResponseCache(Builder from) {
    name = from.name;
    scope = new AnswerScope(from.name, from.scope);
    replayPace = from.replayPace;
    clock = from.clock;
    policy = from.policy();
    answers = from.answers.build();
    faults = new FaultLog(ResponseCache.class, from.clock);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The name in events and log lines. */
  public String name() {
    return name;
  }

  /** Forgets every answer, in every level. */
  public void invalidateAll() {
    invalidating(answers::invalidateAll);
  }

  /** Forgets the answers with this tag of {@link Builder#tags}, in every level. */
  public void invalidateByTag(String tag) {
    String known = AnswerPolicy.tag(tag);
    invalidating(() -> answers.invalidateByTag(known));
  }

  /** Forgets the answers that were given to calls of this tenant, in every level. */
  public void invalidateTenant(String tenant) {
    invalidateOwner(Attributes.TENANT, tenant);
  }

  /**
   * Forgets the answers that were given to calls of this user, of whatever tenant, in every level.
   */
  public void invalidateUser(String userId) {
    invalidateOwner(Attributes.USER_ID, userId);
  }

  /** What this cache has done so far; calls that are not cached do not count. */
  public CacheStats stats() {
    return answers.stats();
  }

  /** What its answers have saved so far. */
  public CacheSavings savings() {
    return savings;
  }

  /** Closes the stores; what they hold stays there. */
  @Override
  public void close() {
    generation.incrementAndGet();
    answers.close();
  }

  Clock clock() {
    return clock;
  }

  Duration replayPace() {
    return replayPace;
  }

  CallsUnderWay underWay() {
    return underWay;
  }

  /** Where the answer to this call belongs, or null where it is not to be cached. */
  @Nullable Slot slot(ModelCall call) {
    try {
      String key = policy.covers(call) ? scope.key(call) : null;
      return key == null
          ? null
          : new Slot(key, call.modelName(), generation.get(), underWay.landed());
    } catch (RuntimeException e) {
      faults.report("the key of a request to " + call.modelName(), e);
      return null;
    }
  }

  Optional<CacheHit<KeptAnswer>> find(Slot slot) {
    return answers.find(slot.key());
  }

  /** An answer that has come since {@link #find}, if any; not counted as another lookup. */
  Optional<CacheHit<KeptAnswer>> findAgain(Slot slot) {
    return underWay.landed() == slot.landed() ? Optional.empty() : answers.findHere(slot.key());
  }

  /** Keeps an answer, if it is one to be kept. */
  void offer(Slot slot, ModelCall call, ChatResponse response) {
    KeptAnswer answer = KeptAnswer.of(call, response, clock.now());
    CacheEntry<KeptAnswer> entry = policy.entry(call, answer);
    boolean redirected = !Objects.equals(slot.model(), call.modelName()); // to a cheaper one
    if (entry == null || redirected || isOvertaken(slot, call)) {
      return;
    }
    answers.putEntry(slot.key(), entry);
    underWay.land();
    if (isOvertaken(slot, call)) { // just now
      answers.invalidate(slot.key());
    }
  }

  /** Whether the answer is out of date, by an invalidation or by a call for a new one. */
  private boolean isOvertaken(Slot slot, ModelCall call) {
    return generation.get() != slot.generation() || !underWay.leads(slot, call);
  }

  synchronized void saved(CachedAnswer answer) {
    savings = savings.plus(answer);
  }

  private void invalidateOwner(String attribute, String value) {
    Objects.requireNonNull(value, attribute);
    invalidating(() -> answers.invalidateByTag(AnswerPolicy.ownerTag(attribute, value)));
  }

  /** Nobody begins to follow a call that began before. */
  private void invalidating(Runnable action) {
    generation.incrementAndGet();
    underWay.clear();
    action.run();
    underWay.clear();
  }

  /** Configures a {@link ResponseCache}. Not thread-safe. */
  public static final class Builder {

    /** {@value} answers. */
    public static final long DEFAULT_MAXIMUM_SIZE = 10_000;

    /** {@value} minutes. */
    public static final long DEFAULT_TIME_TO_LIVE_MINUTES = 60;

    /** {@value} seconds. */
    public static final long MAXIMUM_REPLAY_PACE_SECONDS = 10;

    private final MultiLevelCacheBuilder<KeptAnswer> answers =
        MultiLevelCache.builder(new AnswerCodec()).maximumSize(DEFAULT_MAXIMUM_SIZE);
    private String name = "responses";
    private @Nullable String scope = Attributes.USER_ID;
    private boolean toolCalls;
    private int minimumLength;
    private double maximumTemperature = Double.POSITIVE_INFINITY;
    private BiPredicate<ModelCall, ChatResponse> keep = (call, response) -> true;
    private Duration timeToLive = Duration.ofMinutes(DEFAULT_TIME_TO_LIVE_MINUTES);
    private @Nullable BiFunction<ModelCall, ChatResponse, @Nullable Duration> rule;
    private Function<ModelCall, Collection<String>> tags = call -> List.of();
    private Duration replayPace = Duration.ZERO;
    private Clock clock = Clock.system();

    private Builder() {}

    /**
     * The name in events and log lines, and of what this cache has in its stores: caches of one
     * name share that; {@code responses} unless said.
     *
     * @throws IllegalArgumentException if it is not 1 to {@value Require#LONGEST_NAME} characters,
     *     or has a colon or control characters
     */
    public Builder name(String name) {
      this.answers.name(name);
      this.name = name;
      return this;
    }

    /** How many answers are kept here; {@value #DEFAULT_MAXIMUM_SIZE} unless said. */
    public Builder maximumSize(long answers) {
      this.answers.maximumSize(answers);
      return this;
    }

    /** How long an answer is good; {@value #DEFAULT_TIME_TO_LIVE_MINUTES} minutes unless said. */
    public Builder timeToLive(Duration timeToLive) {
      this.answers.timeToLive(timeToLive);
      this.timeToLive = timeToLive;
      return this;
    }

    /**
     * How long this very answer is good, in place of {@link #timeToLive}; one with null, zero or a
     * negative time, and one for which the rule throws, is not kept.
     */
    public Builder timeToLiveBy(BiFunction<ModelCall, ChatResponse, @Nullable Duration> rule) {
      this.rule = Objects.requireNonNull(rule, "rule");
      return this;
    }

    /**
     * How many bytes the answers kept here may take, more or less, besides the bound on their
     * number; no bound unless said.
     */
    public Builder maximumBytes(long bytes) {
      answers.maximumBytes(bytes, KeptAnswer::weight);
      return this;
    }

    /** Is told when a store is lost or back; what it throws is logged. */
    public Builder listener(OpsEventListener listener) {
      answers.listener(listener);
      return this;
    }

    /**
     * Keeps answers in a store, too, behind those there are. Caches of other names may be given the
     * same store; the last one of them that is closed closes it.
     */
    public Builder remote(CacheStore store) {
      answers.remote(store);
      return this;
    }

    /**
     * Gives one user's answers to another who makes an equal request, and serves calls that name no
     * user. Tenants stay apart, where calls name them. Of this and {@link #sharedBy} the last wins.
     */
    public Builder shared() {
      this.scope = null;
      return this;
    }

    /**
     * Shares answers among the calls of a tenant for which this attribute says the same, such as
     * {@link Attributes#SESSION_ID} or a team, in place of {@link Attributes#USER_ID}. A call that
     * does not have it is not cached.
     */
    public Builder sharedBy(String attribute) {
      if (attribute.isBlank()) {
        throw new IllegalArgumentException("attribute must not be blank: '" + attribute + "'");
      }
      this.scope = attribute;
      return this;
    }

    /**
     * Keeps answers that ask for tools, too: an equal request gets the model's decision from the
     * cache, and the tools run again. For tools that only look things up or compute; one that acts
     * on the world may have changed what the model would decide, which the request does not show.
     */
    public Builder cacheToolCalls() {
      this.toolCalls = true;
      return this;
    }

    /**
     * Leaves calls alone that ask for a higher temperature; none unless said, since who puts a
     * cache on a model wants equal answers to equal questions, and most leave the temperature at a
     * default that is not zero. A call that tells no temperature is cached.
     *
     * @throws IllegalArgumentException if it is negative or no number
     */
    public Builder maximumTemperature(double temperature) {
      if (!(temperature >= 0)) {
        throw new IllegalArgumentException(
            "maximumTemperature must not be negative: " + temperature);
      }
      this.maximumTemperature = temperature;
      return this;
    }

    /**
     * Keeps no shorter answers, in characters without blanks around; 1 unless said. Not for answers
     * that ask for tools.
     */
    public Builder minimumLength(int characters) {
      if (characters <= 0) {
        throw new IllegalArgumentException("minimumLength must be positive: " + characters);
      }
      this.minimumLength = characters;
      return this;
    }

    /**
     * Keeps an answer only if this agrees, too; an answer for which it throws is not kept. Not
     * asked for what is never kept.
     */
    public Builder cacheIf(BiPredicate<ModelCall, ChatResponse> condition) {
      this.keep = Objects.requireNonNull(condition, "condition");
      return this;
    }

    /**
     * The tags of an answer, for {@link #invalidateByTag}, such as the document that a call is
     * about, from its attributes; none unless said. An answer for which it throws is not kept.
     */
    public Builder tags(Function<ModelCall, Collection<String>> rule) {
      this.tags = Objects.requireNonNull(rule, "rule");
      return this;
    }

    /**
     * The time from one chunk of a replayed stream to the next; zero, for all at once on the
     * caller's thread, unless said. With a pace, chunks are delivered by a thread of agentops.
     *
     * @throws IllegalArgumentException if it is negative or longer than {@value
     *     #MAXIMUM_REPLAY_PACE_SECONDS} seconds
     */
    public Builder replayPace(Duration betweenChunks) {
      if (betweenChunks.isNegative()
          || betweenChunks.compareTo(Duration.ofSeconds(MAXIMUM_REPLAY_PACE_SECONDS)) > 0) {
        throw new IllegalArgumentException(
            "replayPace must be from 0 to "
                + MAXIMUM_REPLAY_PACE_SECONDS
                + " seconds: "
                + betweenChunks);
      }
      this.replayPace = betweenChunks;
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.answers.clock(clock);
      this.clock = clock;
      return this;
    }

    public ResponseCache build() {
      return new ResponseCache(this);
    }

    private AnswerPolicy policy() {
      Duration always = timeToLive;
      return new AnswerPolicy(
          toolCalls,
          minimumLength,
          maximumTemperature,
          keep,
          rule == null ? (call, response) -> always : rule,
          tags);
    }
  }
}
