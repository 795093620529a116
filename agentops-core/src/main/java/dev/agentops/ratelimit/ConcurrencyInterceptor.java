package dev.agentops.ratelimit;

import dev.agentops.ChatInterceptor;
import dev.agentops.Key;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.event.RateLimitEvent;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Puts a {@link ConcurrencyLimiter} on model calls; a stream holds its permit until it ends.
 * Thread-safe.
 *
 * <p>A call that finds no permit in time is refused with a {@link
 * ConcurrencyLimitExceededException}.
 */
public final class ConcurrencyInterceptor implements ChatInterceptor {

  private final ConcurrencyLimiter limiter;
  private final Duration maxWait;
  private final Key<ConcurrencyLimiter.Permit> permit = Key.of("concurrency permit");

  private ConcurrencyInterceptor(ConcurrencyLimiter limiter, Duration maxWait) {
    this.limiter = Objects.requireNonNull(limiter, "limiter");
    this.maxWait = Objects.requireNonNull(maxWait, "maxWait");
  }

  /**
   * Limits all calls together.
   *
   * @param maxWait how long a call waits for a permit, on the calling thread
   */
  public static ConcurrencyInterceptor of(ConcurrencyLimiter limiter, Duration maxWait) {
    return new ConcurrencyInterceptor(limiter, maxWait);
  }

  @Override
  public @Nullable ChatResponse before(ModelCall call) {
    try {
      call.put(permit, limiter.acquire(maxWait));
    } catch (ConcurrencyLimitExceededException e) {
      throw refused(call, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw refused(
          call,
          new ConcurrencyLimitExceededException(limiter.name(), limiter.limit(), call.elapsed()));
    }
    return null;
  }

  @Override
  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
    ConcurrencyLimiter.Permit held = call.get(permit);
    if (held != null) {
      held.close();
    }
  }

  private ConcurrencyLimitExceededException refused(
      ModelCall call, ConcurrencyLimitExceededException refusal) {
    call.publish(
        RateLimitEvent.builder()
            .timestamp(call.startTime())
            .limiter(limiter.name())
            .attributes(call.attributes())
            .build());
    return refusal;
  }
}
