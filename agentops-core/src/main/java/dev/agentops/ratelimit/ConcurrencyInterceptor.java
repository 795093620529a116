package dev.agentops.ratelimit;

import dev.agentops.ChatInterceptor;
import dev.agentops.EmbeddingCall;
import dev.agentops.EmbeddingInterceptor;
import dev.agentops.Key;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.ProviderCall;
import dev.agentops.StreamTimeoutException;
import dev.agentops.Usage;
import dev.agentops.UsageReport;
import dev.agentops.event.CallStatus;
import dev.agentops.event.RateLimitEvent;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import java.net.SocketTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Puts a {@link ConcurrencyLimiter} on calls of chat and embedding models; a stream holds its
 * permit until it ends. Thread-safe.
 *
 * <p>A call that finds no permit in time is refused with a {@link
 * ConcurrencyLimitExceededException}; that, and that a call had to wait, is told by a {@link
 * RateLimitEvent}.
 *
 * <p>An adaptive limit is told of each call that the model was asked for. An overload is a {@link
 * RateLimitException}, a timeout, or the HTTP status 429, 503, 504 or 529; other failures,
 * cancelled calls and answers of a cache tell it nothing. An answer is a sample: its time by its
 * size, which is its output tokens, a hundredth of its input tokens, and {@value #FIXED_TOKENS} for
 * all that a call takes whatever its length. (A server reads about a hundred tokens in the time in
 * which it writes one; the fixed part keeps short answers from looking slow.) The time of a stream
 * is without that which the caller's handler took.
 */
public final class ConcurrencyInterceptor implements ChatInterceptor, EmbeddingInterceptor {

  private static final int FIXED_TOKENS = 50;
  private static final double READ_PER_WRITTEN = 100;
  private static final Set<Integer> OVERLOAD = Set.of(429, 503, 504, 529);
  private static final int DEEPEST_CAUSE = 16;

  private final ConcurrencyLimiter limiter;
  private final Function<ProviderCall, @Nullable String> key;
  private final ToIntFunction<ProviderCall> priority;
  private final Duration maxWait;
  private final Key<Held> held = Key.of("concurrency permit");

  private ConcurrencyInterceptor(Builder from) {
    limiter = from.limiter;
    key = from.key;
    priority = from.priority;
    maxWait = from.maxWait;
  }

  /**
   * Limits all calls together.
   *
   * @param maxWait how long a call waits for a permit, on the calling thread
   */
  public static ConcurrencyInterceptor of(ConcurrencyLimiter limiter, Duration maxWait) {
    return builder(limiter).maxWait(maxWait).build();
  }

  public static Builder builder(ConcurrencyLimiter limiter) {
    return new Builder(limiter);
  }

  @Override
  public @Nullable ChatResponse before(ModelCall call) {
    acquire(call);
    return null;
  }

  @Override
  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
    end(call, outcome, call.cached(), () -> call.billedReport(outcome));
  }

  @Override
  public @Nullable EmbeddingResponse before(EmbeddingCall call) {
    acquire(call);
    return null;
  }

  @Override
  public void after(EmbeddingCall call, Outcome<EmbeddingResponse> outcome) {
    end(call, outcome, call.cached(), () -> call.billedReport(outcome));
  }

  private void acquire(ProviderCall call) {
    String named = key.apply(call);
    String who = named == null ? "" : named;
    ConcurrencyLimiter.Permit permit = limiter.poll(who);
    if (permit == null) {
      permit = await(call, who);
    }
    call.put(held, new Held(permit, call.elapsed()));
  }

  private ConcurrencyLimiter.Permit await(ProviderCall call, String who) {
    Duration before = call.elapsed();
    try {
      ConcurrencyLimiter.Permit permit = limiter.acquire(who, maxWait, priority.applyAsInt(call));
      publish(call, who, RateLimitEvent.Type.WAITED, before);
      return permit;
    } catch (ConcurrencyLimitExceededException e) {
      publish(call, who, RateLimitEvent.Type.REFUSED, before);
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      publish(call, who, RateLimitEvent.Type.REFUSED, before);
      throw limiter.refused(who, call.elapsed().minus(before));
    }
  }

  private void publish(ProviderCall call, String who, RateLimitEvent.Type type, Duration before) {
    call.publish(
        RateLimitEvent.builder()
            .timestamp(call.startTime())
            .type(type)
            .limiter(limiter.name())
            .key(who)
            .limit(limiter.limit(who) + " at once")
            .waited(call.elapsed().minus(before))
            .queued(limiter.waiting(who))
            .attributes(call.attributes())
            .build());
  }

  private void end(
      ProviderCall call,
      Outcome<?> outcome,
      boolean cached,
      Supplier<@Nullable UsageReport> report) {
    Held taken = call.get(held);
    if (taken == null) {
      return;
    }
    try (ConcurrencyLimiter.Permit permit = taken.permit) {
      if (!limiter.isAdaptive()) {
        return;
      }
      permit.ignore(); // should the rest fail
      if (outcome.status() == CallStatus.ERROR && isOverload(outcome.error())) {
        permit.overloaded();
      } else if (outcome.status() == CallStatus.OK && !cached && !outcome.shortCircuited()) {
        permit.sample(perToken(taken.time(call, outcome), report.get()));
      }
    }
  }

  private static Duration perToken(Duration time, @Nullable UsageReport report) {
    Usage usage = report == null ? Usage.none() : report.usage();
    double size = FIXED_TOKENS + usage.outputTokens() + usage.inputTokens() / READ_PER_WRITTEN;
    return Duration.ofNanos((long) (time.toNanos() / size));
  }

  private static boolean isOverload(@Nullable Throwable error) {
    Throwable cause = error;
    for (int depth = 0; depth < DEEPEST_CAUSE && cause != null; depth++) {
      if (cause instanceof RateLimitException
          || cause instanceof TimeoutException
          || cause instanceof StreamTimeoutException
          || cause instanceof HttpTimeoutException
          || cause instanceof SocketTimeoutException
          || (cause instanceof HttpException http && OVERLOAD.contains(http.statusCode()))) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  /**
   * A permit and when it was got.
   *
   * @param after from the start of the call
   */
  private record Held(ConcurrencyLimiter.Permit permit, Duration after) {

    Duration time(ProviderCall call, Outcome<?> outcome) {
      Duration first = outcome.timeToFirstChunk();
      if (first == null) {
        return call.elapsed().minus(after);
      }
      Duration gap = outcome.meanGap();
      Duration rest = gap == null ? Duration.ZERO : gap.multipliedBy(outcome.streamedChunks() - 1L);
      return first.minus(after).plus(rest);
    }
  }

  /** Configures a {@link ConcurrencyInterceptor}. Not thread-safe. */
  public static final class Builder {

    private final ConcurrencyLimiter limiter;
    private Function<ProviderCall, @Nullable String> key = call -> null;
    private ToIntFunction<ProviderCall> priority = call -> 0;
    private Duration maxWait = Duration.ZERO;

    private Builder(ConcurrencyLimiter limiter) {
      this.limiter = Objects.requireNonNull(limiter, "limiter");
    }

    /**
     * Whose limit a call uses, such as its provider's or its tenant's; null, as unless said, for
     * the one that all calls without a key share.
     */
    public Builder key(Function<ProviderCall, @Nullable String> key) {
      this.key = Objects.requireNonNull(key, "key");
      return this;
    }

    /** Who is served first of those who wait; the higher. 0 unless said. */
    public Builder priority(ToIntFunction<ProviderCall> priority) {
      this.priority = Objects.requireNonNull(priority, "priority");
      return this;
    }

    /**
     * How long a call waits for a permit, on the calling thread; not at all unless said, and never
     * past the context's deadline.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public Builder maxWait(Duration maxWait) {
      if (maxWait.isNegative()) {
        throw new IllegalArgumentException("maxWait must not be negative: " + maxWait);
      }
      this.maxWait = maxWait;
      return this;
    }

    public ConcurrencyInterceptor build() {
      return new ConcurrencyInterceptor(this);
    }
  }
}
