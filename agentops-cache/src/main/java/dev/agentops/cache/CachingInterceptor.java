package dev.agentops.cache;

import dev.agentops.ChatInterceptor;
import dev.agentops.Key;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.event.CacheEvent;
import dev.agentops.event.CallStatus;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Answers model calls from a {@link ResponseCache}, streaming ones too, and keeps the answers it
 * did not have.
 *
 * <p>Place it after what must see every call (tracing) and before what a hit must not use up
 * (limits, budgets). Each call publishes one {@link CacheEvent}. An answer that another interceptor
 * gave is not kept. Thread-safe.
 */
public final class CachingInterceptor implements ChatInterceptor {

  private final ResponseCache cache;
  private final Key<ResponseCache.Slot> slotKey = Key.of("cache slot");

  private CachingInterceptor(ResponseCache cache) {
    this.cache = cache;
  }

  public static CachingInterceptor of(ResponseCache cache) {
    return new CachingInterceptor(Objects.requireNonNull(cache, "cache"));
  }

  @Override
  public @Nullable ChatResponse before(ModelCall call) {
    ResponseCache.Slot slot = cache.slot(call);
    if (slot == null) {
      publish(call, CacheEvent.Type.BYPASS);
      return null;
    }
    ChatResponse response = cache.find(slot);
    if (response != null) {
      call.markCached();
      publish(call, CacheEvent.Type.HIT);
      return response;
    }
    call.put(slotKey, slot);
    publish(call, CacheEvent.Type.MISS);
    return null;
  }

  @Override
  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
    ResponseCache.Slot slot = call.get(slotKey);
    ChatResponse response = outcome.response();
    if (slot != null
        && response != null
        && outcome.status() == CallStatus.OK
        && !outcome.shortCircuited()) {
      cache.offer(slot, response);
    }
  }

  private void publish(ModelCall call, CacheEvent.Type type) {
    call.publish(new CacheEvent(cache.clock().now(), cache.name(), type, call.attributes()));
  }
}
