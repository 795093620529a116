package dev.agentops.ratelimit;

import dev.agentops.Attributes;
import dev.agentops.ChatInterceptor;
import dev.agentops.Key;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.UsageReport;
import dev.agentops.event.CallStatus;
import dev.agentops.event.RateLimitEvent;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts a {@link RateLimiter} on model calls.
 *
 * <p>Each call takes one request and, where the limiter counts tokens, an estimate: the input by
 * its length, the output by the request's limit on it or, where it sets none, as much again as the
 * input. The provider's numbers replace the estimate when they come; where none come, the length of
 * the answer does. A call that failed without a word gives its tokens back, one that never reached
 * the model, for a cache or another interceptor stopped it, its request, too. Embeddings are not
 * limited.
 *
 * <p>A call that does not fit is refused with a {@link RateLimitExceededException} and a {@link
 * RateLimitEvent}; with {@link Builder#maxWait} it first waits on the calling thread. Thread-safe.
 */
public final class RateLimitInterceptor implements ChatInterceptor {

  private static final String ANONYMOUS = "anonymous";

  private final RateLimiter limiter;
  private final Function<ModelCall, @Nullable String> key;
  private final Duration maxWait;
  private final Key<Reservation> reservation = Key.of("rate limit reservation");

  private RateLimitInterceptor(Builder from) {
    limiter = from.limiter;
    key = from.key;
    maxWait = from.maxWait;
  }

  /** Limits each {@code user.id} on its own, all calls without one together, and never waits. */
  public static RateLimitInterceptor of(RateLimiter limiter) {
    return builder(limiter).build();
  }

  public static Builder builder(RateLimiter limiter) {
    return new Builder(limiter);
  }

  @Override
  public @Nullable ChatResponse before(ModelCall call) {
    String named = key.apply(call);
    String who = named == null ? ANONYMOUS : named;
    long tokens = limiter.limitsTokens() ? estimate(call) : 0;
    try {
      call.put(reservation, limiter.reserve(who, tokens, maxWait));
    } catch (RateLimitExceededException e) {
      call.publish(
          RateLimitEvent.builder()
              .timestamp(call.startTime())
              .limiter(limiter.name())
              .key(who)
              .retryAfter(e.retryAfter())
              .attributes(call.attributes())
              .build());
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RateLimitExceededException(limiter.name(), who, null, maxWait);
    }
    return null;
  }

  @Override
  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
    Reservation taken = call.get(reservation);
    if (taken == null) {
      return;
    }
    if (outcome.shortCircuited() || outcome.status() == CallStatus.REJECTED) {
      taken.cancel();
      return;
    }
    taken.settle(used(call, outcome));
  }

  /** What the provider told, else counted; a call that failed without a word has used nothing. */
  private static long used(ModelCall call, Outcome<ChatResponse> outcome) {
    UsageReport billed = call.billedReport(outcome);
    return billed == null ? 0 : billed.usage().totalTokens();
  }

  private static long estimate(ModelCall call) {
    long input = call.estimatedInputTokens();
    Integer maximumOutput = call.request().maxOutputTokens();
    return input + (maximumOutput != null ? maximumOutput : input);
  }

  private static @Nullable String userOf(ModelCall call) {
    return call.attributes().text(Attributes.USER_ID);
  }

  /** Configures a {@link RateLimitInterceptor}. Not thread-safe. */
  public static final class Builder {

    private final RateLimiter limiter;
    private Function<ModelCall, @Nullable String> key = RateLimitInterceptor::userOf;
    private Duration maxWait = Duration.ZERO;

    private Builder(RateLimiter limiter) {
      this.limiter = Objects.requireNonNull(limiter, "limiter");
    }

    /**
     * Whose limit a call uses, null for the one that all the nameless share; its {@code user.id}
     * unless said.
     */
    public Builder key(Function<ModelCall, @Nullable String> key) {
      this.key = Objects.requireNonNull(key, "key");
      return this;
    }

    /** How long a call may wait for its turn before it is refused; not at all unless said. */
    public Builder maxWait(Duration maxWait) {
      if (maxWait.isNegative()) {
        throw new IllegalArgumentException("maxWait must not be negative: " + maxWait);
      }
      this.maxWait = maxWait;
      return this;
    }

    public RateLimitInterceptor build() {
      return new RateLimitInterceptor(this);
    }
  }
}
