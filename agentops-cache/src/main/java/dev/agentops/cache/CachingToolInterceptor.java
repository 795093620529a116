package dev.agentops.cache;

import dev.agentops.ChatInterceptor;
import dev.agentops.Key;
import dev.agentops.Outcome;
import dev.agentops.ToolCall;
import dev.agentops.ToolInterceptor;
import dev.agentops.event.CacheEvent;
import dev.agentops.event.CallStatus;
import dev.langchain4j.service.tool.ToolExecutionResult;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Answers executions of tools from a {@link ToolResultCache}, and keeps the results it did not
 * have.
 *
 * <p>Place it as {@link CachingInterceptor}: after what must see every execution (tracing), before
 * what a hit must not use up. Of equal executions at the same time, in this process, one runs and
 * the others wait for its result; where that is none to be kept, each of them runs by itself. An
 * execution inside of one that others may wait for never waits. Each execution of a tool that the
 * cache is for publishes one {@link CacheEvent}. Thread-safe.
 */
public final class CachingToolInterceptor implements ChatInterceptor, ToolInterceptor {

  /** Set in what runs inside of an execution that others may wait for. */
  private static final Key<Boolean> AWAITED = Key.of("tool that others may wait for");

  private final ToolResultCache cache;
  private final Key<Pending> pendingKey = Key.of("tool result to be cached");

  private CachingToolInterceptor(ToolResultCache cache) {
    this.cache = cache;
  }

  public static CachingToolInterceptor of(ToolResultCache cache) {
    return new CachingToolInterceptor(Objects.requireNonNull(cache, "cache"));
  }

  @Override
  public @Nullable ToolExecutionResult before(ToolCall call) {
    Duration timeToLive = cache.timeToLive(call.name());
    if (timeToLive == null) {
      return null;
    }
    ToolResultCache.Slot slot = cache.slot(call, timeToLive);
    if (slot == null) {
      publish(call, CacheEvent.Type.BYPASS);
      return null;
    }
    ToolExecutionResult result = find(call, slot);
    if (result != null) {
      call.markCached();
      publish(call, CacheEvent.Type.HIT);
    } else {
      publish(call, CacheEvent.Type.MISS);
    }
    return result;
  }

  @Override
  public void after(ToolCall call, Outcome<ToolExecutionResult> outcome) {
    Pending pending = call.get(pendingKey);
    if (pending == null) {
      return;
    }
    String text = null;
    try {
      if (call.cached()) {
        text = ToolResultCache.singleText(outcome.response());
      } else if (outcome.status() == CallStatus.OK && !outcome.shortCircuited()) {
        text = cache.offer(pending.slot, outcome.response());
      }
    } finally {
      if (pending.flight != null) {
        cache.flights().end(pending.slot.key(), pending.flight, text);
      }
    }
  }

  /** The result, of the cache or of an equal execution; null if the tool is to run. */
  private @Nullable ToolExecutionResult find(ToolCall call, ToolResultCache.Slot slot) {
    ToolFlights flights = cache.flights();
    CompletableFuture<Optional<String>> flight = flights.begin(slot.key());
    if (flight == null && call.callerContext().get(AWAITED) == null) {
      Optional<String> joined = flights.join(slot.key());
      if (joined.isPresent()) {
        return ToolResultCache.result(joined.get());
      }
      flight = flights.begin(slot.key());
    }
    call.put(pendingKey, new Pending(slot, flight)); // first: what is begun has to end
    String text = cache.find(slot);
    if (text != null) {
      return ToolResultCache.result(text);
    }
    if (flight != null) {
      call.addToContext(AWAITED, true);
    }
    return null;
  }

  private void publish(ToolCall call, CacheEvent.Type type) {
    call.publish(
        CacheEvent.builder()
            .timestamp(cache.clock().now())
            .cache(cache.name())
            .type(type)
            .attributes(call.attributes())
            .build());
  }

  /** A result that the cache waits for; with a flight where others wait for it, too. */
  private record Pending(
      ToolResultCache.Slot slot, @Nullable CompletableFuture<Optional<String>> flight) {}
}
