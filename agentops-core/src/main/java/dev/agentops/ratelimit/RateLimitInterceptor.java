package dev.agentops.ratelimit;

import dev.agentops.Attributes;
import dev.agentops.ChatInterceptor;
import dev.agentops.EmbeddingCall;
import dev.agentops.EmbeddingInterceptor;
import dev.agentops.Key;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.ProviderCall;
import dev.agentops.UsageReport;
import dev.agentops.event.CallStatus;
import dev.agentops.event.RateLimitEvent;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Puts a {@link RateLimiter} on model calls. Thread-safe.
 *
 * <p>Each call takes one request and, where the limiter counts tokens, an estimate: the input by
 * its length, the output by what {@value #DEFAULT_OUTPUT_ESTIMATE} of the calls of the same agent
 * to the same model have not exceeded, and never more than the request allows. Until twenty calls
 * were seen, that is the request's limit on it or, where it sets none, as much as the input. The
 * provider's numbers replace the estimate when they come; where none come, the length of the answer
 * does. A call that failed without a word gives its tokens back, one that never reached the model,
 * for a cache or another interceptor stopped it, its request, too.
 *
 * <p>A call that does not fit is refused with a {@link RateLimitExceededException} and a {@link
 * RateLimitEvent}; with {@link Builder#maxWait} it first waits on the calling thread, for no longer
 * than its {@link dev.agentops.Deadline}. Several may stand in one chain, each for another limiter:
 * what one has taken, it gives back when the next one refuses.
 */
public final class RateLimitInterceptor implements ChatInterceptor, EmbeddingInterceptor {

  /** The share of calls whose output is not above the estimate: {@value}. */
  public static final double DEFAULT_OUTPUT_ESTIMATE = 0.95;

  private static final String ANONYMOUS = "anonymous";
  private static final Duration NOT_WORTH_TELLING = Duration.ofMillis(1);

  private final RateLimiter limiter;
  private final Function<ModelCall, @Nullable String> key;
  private final @Nullable Function<EmbeddingCall, @Nullable String> embeddingKey;
  private final ToIntFunction<ModelCall> priority;
  private final Duration maxWait;
  private final boolean cachedTokensCount;
  private final TokenEstimates estimates;
  private final @Nullable ProviderSignals signals;
  private final Key<Held> held = Key.of("rate limit reservation");

  private RateLimitInterceptor(Builder from) {
    limiter = from.limiter;
    key = from.key;
    embeddingKey = from.embeddingKey;
    priority = from.priority;
    maxWait = from.maxWait;
    cachedTokensCount = from.cachedTokensCount;
    estimates = new TokenEstimates(from.outputEstimate);
    signals = from.backOff == null ? null : new ProviderSignals(limiter, from.backOff);
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
    Demand demand =
        limiter.limitsTokens()
            ? estimates.of(call, call.request().maxOutputTokens())
            : Demand.ONE_REQUEST;
    reserve(call, key.apply(call), demand.priority(priority.applyAsInt(call)));
    return null;
  }

  @Override
  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
    settle(call, outcome, call.billedReport(outcome));
    if (call.get(held) != null && outcome.status() == CallStatus.OK) {
      estimates.learn(call);
    }
  }

  @Override
  public @Nullable EmbeddingResponse before(EmbeddingCall call) {
    if (embeddingKey != null) {
      long tokens = limiter.limitsTokens() ? call.estimatedInputTokens() : 0;
      reserve(call, embeddingKey.apply(call), Demand.of(tokens, 0));
    }
    return null;
  }

  @Override
  public void after(EmbeddingCall call, Outcome<EmbeddingResponse> outcome) {
    settle(call, outcome, call.billedReport(outcome));
  }

  private void reserve(ProviderCall call, @Nullable String named, Demand demand) {
    String who = named == null ? ANONYMOUS : named;
    Duration before = call.elapsed();
    try {
      call.put(held, new Held(who, limiter.reserve(who, demand, maxWait)));
    } catch (RateLimitExceededException e) {
      Duration waited = call.elapsed().minus(before);
      tell(call, event(call, who, waited).retryAfter(e.retryAfter()).limit(e.limit()));
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      Duration waited = call.elapsed().minus(before);
      tell(call, event(call, who, waited));
      throw new RateLimitExceededException(limiter.name(), who, null, maxWait);
    }
    Duration waited = call.elapsed().minus(before);
    if (waited.compareTo(NOT_WORTH_TELLING) >= 0) {
      tell(call, event(call, who, waited).type(RateLimitEvent.Type.WAITED));
    }
  }

  private void settle(ProviderCall call, Outcome<?> outcome, @Nullable UsageReport billed) {
    Held taken = call.get(held);
    if (taken == null) {
      return;
    }
    if (outcome.shortCircuited() || outcome.status() == CallStatus.REJECTED) {
      taken.reservation.cancel();
      return;
    }
    if (billed == null) {
      taken.reservation.settle(0, 0); // it failed without a word, and has used nothing
    } else {
      long uncounted = cachedTokensCount ? 0 : billed.usage().cacheReadTokens();
      long input = billed.usage().inputTokens() - uncounted;
      taken.reservation.settle(input, billed.usage().outputTokens());
    }
    if (signals != null) {
      signals.heed(taken.key, call.exchange(), outcome.cause(), isThrottled(outcome));
    }
  }

  private static boolean isThrottled(Outcome<?> outcome) {
    for (Throwable e = outcome.cause(); e != null; e = e.getCause()) {
      if (e instanceof RateLimitException) {
        return true;
      }
    }
    return false;
  }

  private RateLimitEvent.Builder event(ProviderCall call, String who, Duration waited) {
    return RateLimitEvent.builder()
        .timestamp(call.startTime())
        .limiter(limiter.name())
        .key(who)
        .waited(waited)
        .queued(limiter.queued())
        .attributes(call.attributes());
  }

  private static void tell(ProviderCall call, RateLimitEvent.Builder event) {
    call.publish(event.build());
  }

  private static @Nullable String userOf(ModelCall call) {
    return call.attributes().text(Attributes.USER_ID);
  }

  /** What a call has taken, and under which key. */
  private record Held(String key, Reservation reservation) {}

  /** Configures a {@link RateLimitInterceptor}. Not thread-safe. */
  public static final class Builder {

    /** How long nothing passes after a 429 that does not say how long: {@value} s. */
    public static final int DEFAULT_BACK_OFF_SECONDS = 2;

    private final RateLimiter limiter;
    private Function<ModelCall, @Nullable String> key = RateLimitInterceptor::userOf;
    private @Nullable Function<EmbeddingCall, @Nullable String> embeddingKey;
    private ToIntFunction<ModelCall> priority = call -> 0;
    private Duration maxWait = Duration.ZERO;
    private boolean cachedTokensCount = true;
    private double outputEstimate = DEFAULT_OUTPUT_ESTIMATE;
    private @Nullable Duration backOff;

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

    /**
     * Limits embeddings too, each one request and its input; not unless said, for providers count
     * them apart.
     *
     * @param key whose limit one uses, null for the one that all the nameless share
     */
    public Builder embeddings(Function<EmbeddingCall, @Nullable String> key) {
      this.embeddingKey = Objects.requireNonNull(key, "key");
      return this;
    }

    /**
     * Which calls go first where several wait: the higher number; 0 for all unless said. Has an
     * effect where calls wait for what several keys share.
     */
    public Builder priority(ToIntFunction<ModelCall> priority) {
      this.priority = Objects.requireNonNull(priority, "priority");
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

    /**
     * How sure the estimate of the output is: the share of the calls seen that did not exceed it;
     * {@value RateLimitInterceptor#DEFAULT_OUTPUT_ESTIMATE} unless said.
     *
     * @param quantile above 0; 1 learns nothing and takes all that the request allows
     */
    public Builder outputEstimate(double quantile) {
      if (!(quantile > 0 && quantile <= 1)) {
        throw new IllegalArgumentException(
            "outputEstimate must be above 0 and at most 1: " + quantile);
      }
      this.outputEstimate = quantile;
      return this;
    }

    /**
     * Whether input tokens that the provider read from its cache count, once it has told them; they
     * do unless said. They count at OpenAI, and not at Anthropic.
     */
    public Builder cachedTokensCount(boolean count) {
      this.cachedTokensCount = count;
      return this;
    }

    /**
     * Heeds what the provider tells of its own limits: nothing passes for a key whose call was
     * answered with a 429 or a {@code Retry-After} until that has passed, and its limits are never
     * fuller than the {@code x-ratelimit} headers say. For a limiter whose {@link #key} is the
     * provider's account or model; one of users would let a single user bear the penalty for all.
     *
     * <p>Headers are seen with the HTTP client of {@code dev.agentops.http}; with another one, a
     * 429 holds its key up for {@value #DEFAULT_BACK_OFF_SECONDS} s.
     */
    public Builder learnFromProvider() {
      return learnFromProvider(Duration.ofSeconds(DEFAULT_BACK_OFF_SECONDS));
    }

    /**
     * As {@link #learnFromProvider()}.
     *
     * @param backOff how long nothing passes after a 429 that does not say how long
     */
    public Builder learnFromProvider(Duration backOff) {
      if (backOff.isNegative() || backOff.isZero()) {
        throw new IllegalArgumentException("backOff must be positive: " + backOff);
      }
      this.backOff = backOff;
      return this;
    }

    public RateLimitInterceptor build() {
      return new RateLimitInterceptor(this);
    }
  }
}
