package dev.agentops.cache;

import dev.agentops.Attributes;
import dev.agentops.CachedAnswer;
import dev.agentops.ChatInterceptor;
import dev.agentops.FaultLog;
import dev.agentops.Key;
import dev.agentops.LiveAnswer;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.event.CacheEvent;
import dev.agentops.event.CallStatus;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Answers model calls from a {@link SemanticCache}, streaming ones too, where the last message asks
 * the same in other words, and keeps the answers it did not have.
 *
 * <p><b>Only the last message may differ.</b> It has to be a user's, of one text alone: an image, a
 * tool's result or any other end of a request bypasses the cache. Everything else, which is the
 * model, its provider and parameters, tools, system message and prompt version, must be equal. A
 * call with earlier turns bypasses the cache, too, as a question such as "and in Italy?" means
 * something else in each dialogue; {@link #withConversations()} serves it after equal turns.
 *
 * <p><b>Whose answers.</b> As with {@link ResponseCache}: those of the same user of the same
 * tenant; a call that names no user, or no model, bypasses the cache. {@link
 * SemanticCache.Builder#shared()} shares them among the users of a tenant.
 *
 * <p><b>What is kept.</b> Complete answers in text; never errors, cancelled streams, answers that
 * were cut off or filtered or that ask for tools, nor what another interceptor answered. {@link
 * ResponseCache#CONTROL} is understood.
 *
 * <p>A hit is the response that was kept, as after a {@link ResponseCache}: with what it cost and
 * how long it took then, and as a stream in the chunks in which it came. Calls that ask the same at
 * the same time are not joined: each asks the model.
 *
 * <p>Place it after a {@link CachingInterceptor}, which answers equal requests without an
 * embedding, and before what a hit must not use up (limits, budgets). Each publishes a {@link
 * CacheEvent} of its own. Thread-safe.
 */
public final class SemanticCachingInterceptor implements ChatInterceptor {

  private final SemanticCache<ChatResponse> cache;
  private final boolean conversations;
  private final FaultLog faults;
  private final AtomicReference<CacheSavings> savings = new AtomicReference<>(CacheSavings.NONE);
  private final Key<Place> placeKey = Key.of("place in a semantic cache");

  private SemanticCachingInterceptor(SemanticCache<ChatResponse> cache, boolean conversations) {
    this.cache = cache;
    this.conversations = conversations;
    this.faults = new FaultLog(SemanticCachingInterceptor.class, cache.clock());
  }

  public static SemanticCachingInterceptor of(SemanticCache<ChatResponse> cache) {
    return new SemanticCachingInterceptor(Objects.requireNonNull(cache, "cache"), false);
  }

  /**
   * Begins a cache of answers: they are the same where their texts are, and stores get them as
   * JSON.
   */
  public static SemanticCache.Builder<ChatResponse> cache() {
    return SemanticCache.builder(new ChatResponseCodec())
        .sameAnswer((one, other) -> text(one).equals(text(other)));
  }

  /** The same, which serves questions in a dialogue, too, where all turns before it are equal. */
  public SemanticCachingInterceptor withConversations() {
    return new SemanticCachingInterceptor(cache, true);
  }

  @Override
  public @Nullable ChatResponse before(ModelCall call) {
    CacheControl control = CacheControl.of(call);
    Place place = control == CacheControl.BYPASS ? null : place(call);
    if (place == null) {
      publish(call, CacheEvent.Type.BYPASS);
      return null;
    }
    call.put(placeKey, place);
    boolean refresh = control == CacheControl.REFRESH;
    Optional<SemanticHit<ChatResponse>> hit =
        refresh ? Optional.empty() : place.scope.find(place.text);
    if (hit.isEmpty()) {
      LiveAnswer unused = call.share(); // has the chunks of the answer recorded
      publish(call, refresh ? CacheEvent.Type.REFRESH : CacheEvent.Type.MISS);
      return null;
    }
    return give(call, hit.get());
  }

  /** What its hits have saved so far. */
  public CacheSavings savings() {
    return Objects.requireNonNull(savings.get());
  }

  @Override
  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
    Place place = call.get(placeKey);
    ChatResponse response = outcome.response();
    if (place != null
        && response != null
        && outcome.status() == CallStatus.OK
        && !outcome.shortCircuited()
        && AnswerPolicy.isComplete(response, false, 1)) {
      KeptAnswer answer = KeptAnswer.of(call, response, cache.clock().now());
      place.scope.put(place.text, CacheEntry.of(new KeptResponse(answer)), place.since);
    }
  }

  private @Nullable ChatResponse give(ModelCall call, SemanticHit<ChatResponse> hit) {
    KeptAnswer kept = KeptResponse.answer(hit.value());
    CachedAnswer answer =
        CachedAnswer.builder()
            .level(LocalLevel.NAME)
            .age(hit.age())
            .savedReport(kept.report())
            .savedCost(kept.cost())
            .savedTime(kept.took())
            .build();
    call.markCached(answer);
    savings.updateAndGet(before -> before.plus(answer));
    publish(call, CacheEvent.Type.HIT);
    if (call.streaming() && call.follow(kept.replay(Duration.ZERO))) {
      return null;
    }
    return kept.response();
  }

  /** Null where the call is none that is cached. */
  private @Nullable Place place(ModelCall call) {
    if (call.modelName() == null
        || (!cache.shared() && RequestKey.named(call, Attributes.USER_ID) == null)) {
      return null;
    }
    try {
      SemanticQuestion question = SemanticQuestion.of(call, conversations, cache.shared());
      if (question == null) {
        return null;
      }
      SemanticScope<ChatResponse> scope = cache.scopeOf(call.attributes(), question.context());
      return new Place(scope, question.text(), scope.moment());
    } catch (RuntimeException e) {
      faults.report("the context of a request to " + call.modelName(), e);
      return null;
    }
  }

  private void publish(ModelCall call, CacheEvent.Type type) {
    CacheEvent.Builder event =
        CacheEvent.builder()
            .timestamp(cache.clock().now())
            .attributes(call.attributes())
            .cache(cache.name())
            .type(type);
    CachedAnswer answer = call.cachedAnswer();
    if (answer != null && type == CacheEvent.Type.HIT) {
      event
          .level(answer.level().orElse(null))
          .age(answer.age().orElse(null))
          .savedCost(answer.savedCost().orElse(null))
          .savedTime(answer.savedTime().orElse(null));
    }
    call.publish(event.build());
  }

  private static String text(ChatResponse response) {
    String text = response.aiMessage().text();
    return text == null ? "" : text.strip();
  }

  /**
   * Where the answer of a call belongs.
   *
   * @param since the moment at which the call began, as the cache counts it
   */
  private record Place(SemanticScope<ChatResponse> scope, String text, long since) {}
}
