package dev.agentops.cache;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.FaultLog;
import dev.agentops.ModelCall;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps whole answers of chat models, for requests that are equal in everything that decides the
 * answer; {@link CachingInterceptor} puts it on a model.
 *
 * <p><b>Equal</b> means: the same provider, the same parameters (model, temperature, limits, stop
 * sequences, response format, tools, whatever the provider adds), and the same messages with all
 * their fields. The endpoint of a model is not visible here: two endpoints that serve different
 * models under one provider and name need a cache each.
 *
 * <p><b>Whose answers.</b> A user is answered only with what the same user of the same tenant
 * ({@link Attributes#USER_ID}, {@link Attributes#TENANT}) was answered before, in whatever session.
 * A call outside of a scope that names a user is not cached, because nobody can tell whose answer
 * it is; neither is a call that names no model. A blank name is none. {@link Builder#shared()}
 * shares the answers among the users of a tenant.
 *
 * <p><b>What is kept.</b> Complete answers in text. Not: errors, cancelled streams, answers that
 * were cut off ({@link FinishReason#LENGTH}), filtered or ended for an unknown reason, answers
 * without text, and, unless {@link Builder#cacheToolCalls()} says otherwise, answers that ask for
 * tools.
 *
 * <p>A hit is the response that was kept, with its id, model, finish reason and token usage. A call
 * that began before {@link #invalidateAll()} is not kept after it. Thread-safe.
 */
public final class ResponseCache implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ResponseCache.class);

  private final String name;
  private final boolean shared;
  private final boolean toolCalls;
  private final Duration timeToLive;
  private final Clock clock;
  private final LocalLevel<ChatResponse> local;
  private final FaultLog faults;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final AtomicLong generation = new AtomicLong();
  private final AtomicBoolean toldOfUnknownUser = new AtomicBoolean();
  private final AtomicBoolean toldOfUnknownModel = new AtomicBoolean();

  private ResponseCache(Builder from) {
    name = from.name;
    shared = from.shared;
    toolCalls = from.toolCalls;
    timeToLive = from.timeToLive;
    clock = from.clock;
    local = new LocalLevel<>(from.maximumSize, OptionalLong.empty(), from.clock);
    faults = new FaultLog(ResponseCache.class, from.clock);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The name in events and log lines. */
  public String name() {
    return name;
  }

  /** Forgets every answer. */
  public void invalidateAll() {
    generation.incrementAndGet();
    local.clear();
  }

  /** What this cache has done so far; calls that are not cached do not count. */
  public CacheStats stats() {
    local.cleanUp();
    return CacheStats.builder()
        .hitCount(hits.sum())
        .missCount(misses.sum())
        .size(local.size())
        .levels(List.of(local.stats()))
        .build();
  }

  /** Forgets every answer, as {@link #invalidateAll()}. */
  @Override
  public void close() {
    invalidateAll();
  }

  Clock clock() {
    return clock;
  }

  /** Where the answer to this call belongs, or null where it is not to be cached. */
  @Nullable Slot slot(ModelCall call) {
    if (call.modelName() == null) {
      tellOnce(toldOfUnknownModel, "name no model");
      return null;
    }
    if (!shared && RequestKey.named(call, Attributes.USER_ID) == null) {
      tellOnce(
          toldOfUnknownUser,
          "have no " + Attributes.USER_ID + " (open a scope, or build the cache shared())");
      return null;
    }
    try {
      return new Slot(RequestKey.of(call, shared), generation.get());
    } catch (RuntimeException e) {
      faults.report("the key of a request to " + call.modelName(), e);
      return null;
    }
  }

  @Nullable ChatResponse find(Slot slot) {
    LocalEntry<ChatResponse> entry = local.hit(slot.key);
    if (entry == null || entry.value == null) {
      local.count(false);
      misses.increment();
      return null;
    }
    hits.increment();
    return withToolCallsOfItsOwn(entry.value);
  }

  /** Keeps an answer, if it is one to be kept. */
  void offer(Slot slot, ChatResponse response) {
    if (!isWorthKeeping(response) || generation.get() != slot.generation) {
      return;
    }
    boolean unused =
        local.putIf(
            () -> generation.get() == slot.generation,
            slot.key,
            new LocalEntry<>(
                response,
                clock.nanoTime(),
                Duration.ZERO,
                Lifetime.of(timeToLive, Duration.ZERO),
                1,
                Set.of(),
                0));
  }

  private boolean isWorthKeeping(ChatResponse response) {
    AiMessage message = response.aiMessage();
    FinishReason reason = response.metadata() == null ? null : response.finishReason();
    boolean complete = reason == null || reason == FinishReason.STOP; // some models do not tell
    if (message.hasToolExecutionRequests()) {
      return toolCalls && (complete || reason == FinishReason.TOOL_EXECUTION);
    }
    return complete && message.text() != null && !message.text().isBlank();
  }

  /**
   * A request to run a tool is known by its identity, to tell the conversations apart that make an
   * equal one at the same time: each hit gets new ones.
   */
  private static ChatResponse withToolCallsOfItsOwn(ChatResponse response) {
    AiMessage message = response.aiMessage();
    if (!message.hasToolExecutionRequests()) {
      return response;
    }
    List<ToolExecutionRequest> copies =
        message.toolExecutionRequests().stream()
            .map(request -> request.toBuilder().build())
            .toList();
    return response.toBuilder()
        .aiMessage(message.toBuilder().toolExecutionRequests(copies).build())
        .build();
  }

  private void tellOnce(AtomicBoolean told, String why) {
    if (!told.get() && told.compareAndSet(false, true)) {
      log.info("cache '{}' does not serve calls that {}", name, why);
    }
  }

  /**
   * The place of one call's answer.
   *
   * @param generation how often the cache had been emptied when the call began
   */
  record Slot(String key, long generation) {}

  /** Configures a {@link ResponseCache}. Not thread-safe. */
  public static final class Builder {

    /** {@value} answers. */
    public static final long DEFAULT_MAXIMUM_SIZE = 10_000;

    /** {@value} minutes. */
    public static final long DEFAULT_TIME_TO_LIVE_MINUTES = 60;

    private String name = "responses";
    private boolean shared;
    private boolean toolCalls;
    private long maximumSize = DEFAULT_MAXIMUM_SIZE;
    private Duration timeToLive = Duration.ofMinutes(DEFAULT_TIME_TO_LIVE_MINUTES);
    private Clock clock = Clock.system();

    private Builder() {}

    /** The name in events and log lines; {@code responses} unless said. */
    public Builder name(String name) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("name must not be blank: '" + name + "'");
      }
      this.name = name;
      return this;
    }

    /** How many answers are kept; {@value #DEFAULT_MAXIMUM_SIZE} unless said. */
    public Builder maximumSize(long answers) {
      if (answers <= 0) {
        throw new IllegalArgumentException("maximumSize must be positive: " + answers);
      }
      this.maximumSize = answers;
      return this;
    }

    /** How long an answer is good; {@value #DEFAULT_TIME_TO_LIVE_MINUTES} minutes unless said. */
    public Builder timeToLive(Duration timeToLive) {
      if (timeToLive == null || timeToLive.isZero() || timeToLive.isNegative()) {
        throw new IllegalArgumentException("timeToLive must be positive: " + timeToLive);
      }
      this.timeToLive = timeToLive;
      return this;
    }

    /**
     * Gives one user's answers to another who makes an equal request, and serves calls that name no
     * user. Tenants stay apart, where calls name them.
     */
    public Builder shared() {
      this.shared = true;
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

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public ResponseCache build() {
      return new ResponseCache(this);
    }
  }
}
