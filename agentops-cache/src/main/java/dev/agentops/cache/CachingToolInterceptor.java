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
 * the others wait for its result, at most {@link ToolResultCache.Builder#maximumWait} long, after
 * which one of them runs in its place; where the result is none to be kept, each of them runs by
 * itself. An execution inside of one that others may wait for never waits. {@link
 * ResponseCache#CONTROL} is understood. Each execution of a tool that the cache is for publishes
 * one {@link CacheEvent}. Thread-safe.
 *
 * <p>It sees the tools that are wrapped, by {@link dev.agentops.AgentOps#wrap(
 * dev.langchain4j.service.tool.ToolProvider)} or by {@link dev.agentops.AgentOps#aiServices}, and
 * no others.
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
    CacheControl control = CacheControl.of(call);
    ToolResultCache.Slot slot =
        control == CacheControl.BYPASS ? null : cache.slot(call, timeToLive);
    if (slot == null) {
      publish(call, event(CacheEvent.Type.BYPASS));
      return null;
    }
    if (control == CacheControl.REFRESH) {
      begin(call, slot, cache.flights().overtake(slot.key()));
      publish(call, event(CacheEvent.Type.REFRESH));
      return null;
    }
    String text = find(call, slot);
    if (text == null) {
      publish(call, event(CacheEvent.Type.MISS));
      return null;
    }
    call.markCached();
    return ToolExecutionResult.builder().resultText(text).build();
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
        text = ToolResultCache.singleText(outcome.response());
        if (text != null && !isOvertaken(pending)) {
          cache.keep(pending.slot, text);
        }
      }
    } finally {
      if (pending.flight != null) {
        cache.flights().end(pending.slot.key(), pending.flight, text);
      }
    }
  }

  /** The text, of the cache or of an equal execution; null if the tool is to run. */
  private @Nullable String find(ToolCall call, ToolResultCache.Slot slot) {
    ToolFlights flights = cache.flights();
    CompletableFuture<Optional<String>> flight = flights.begin(slot.key());
    if (flight == null && call.callerContext().get(AWAITED) == null) {
      ToolFlights.Joined joined = flights.join(slot.key());
      if (joined.text() != null) {
        publish(call, event(CacheEvent.Type.JOINED));
        return joined.text();
      }
      flight = joined.flight();
    }
    begin(call, slot, flight); // first: what is begun has to end
    CacheHit<String> hit = cache.find(slot);
    if (hit != null) {
      publish(call, event(CacheEvent.Type.HIT).level(hit.level()).age(hit.age()));
      return hit.value();
    }
    return null;
  }

  private void begin(
      ToolCall call,
      ToolResultCache.Slot slot,
      @Nullable CompletableFuture<Optional<String>> flight) {
    call.put(pendingKey, new Pending(slot, flight));
    if (flight != null) {
      call.addToContext(AWAITED, true);
    }
  }

  /** Whether another execution runs in place of this one, which wants a newer result. */
  private boolean isOvertaken(Pending pending) {
    return pending.flight != null && !cache.flights().isCurrent(pending.slot.key(), pending.flight);
  }

  private CacheEvent.Builder event(CacheEvent.Type type) {
    return CacheEvent.builder().timestamp(cache.clock().now()).cache(cache.name()).type(type);
  }

  private static void publish(ToolCall call, CacheEvent.Builder event) {
    call.publish(event.attributes(call.attributes()).build());
  }

  /** A result that the cache waits for; with a flight where others wait for it, too. */
  private record Pending(
      ToolResultCache.Slot slot, @Nullable CompletableFuture<Optional<String>> flight) {}
}
