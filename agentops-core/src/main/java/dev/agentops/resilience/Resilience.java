package dev.agentops.resilience;

import dev.agentops.Clock;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Timeouts, retries, hedging, circuit breakers and fallback for a model, in the order that is right
 * for all but a few.
 *
 * <pre>{@code
 * Resilience resilience = Resilience.builder()
 *     .deadline(Duration.ofSeconds(60))
 *     .timeout(Duration.ofSeconds(20))
 *     .retry(Retry.ofDefaults())
 *     .circuitBreaker(CircuitBreaker.ofDefaults())
 *     .build();
 * ChatModel model = resilience.wrap(ops.wrap(gpt), ops.wrap(claude)); // claude where gpt fails
 * }</pre>
 *
 * <pre>
 *   caller ─> deadline ─> fallback ─┬─> circuit breaker ─> retry ─> hedge ─> timeouts ─> chain ─> gpt
 *                                   └─> circuit breaker ─> retry ─> hedge ─> timeouts ─> chain ─> claude
 * </pre>
 *
 * <p>So: the deadline holds for all together and the timeouts for each attempt; a circuit counts
 * what is left after retries, and an open one leads straight to the next model; each attempt passes
 * the chain of its {@code AgentOps} as a call of its own, with a span, an event, a permit and a
 * cost. What is not configured is not there. For several keys of one model put a {@link
 * LoadBalancer} in the place of a model: {@code resilience.wrap(balancer.wrap(ops.wrap(a),
 * ops.wrap(b)), ops.wrap(claude))}. Thread-safe.
 */
public final class Resilience {

  private final @Nullable Duration deadline;
  private final @Nullable Timeouts timeouts;
  private final @Nullable Hedge hedge;
  private final @Nullable Retry retry;
  private final @Nullable CircuitBreaker circuitBreaker;
  private final Fallback fallback;
  private final Clock clock;

  private Resilience(Builder from) {
    deadline = from.deadline;
    timeouts = from.allTimeouts();
    hedge = from.hedge;
    retry = from.retry;
    circuitBreaker = from.circuitBreaker;
    fallback = from.fallback == null ? Fallback.builder().clock(from.clock).build() : from.fallback;
    clock = from.clock;
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * The first model, with the others to fall back to.
   *
   * @throws IllegalArgumentException if there is none, or the {@link Fallback} was told of more
   */
  public ChatModel wrap(ChatModel... models) {
    ChatModel[] wrapped = Arrays.stream(models).map(this::one).toArray(ChatModel[]::new);
    ChatModel all = wrapped.length == 1 ? wrapped[0] : fallback.wrap(wrapped);
    return deadline == null ? all : Courses.chat(new DeadlinePolicy(deadline, clock), List.of(all));
  }

  /** As {@link #wrap(ChatModel...)}, for streams. */
  public StreamingChatModel wrap(StreamingChatModel... models) {
    StreamingChatModel[] wrapped =
        Arrays.stream(models).map(this::one).toArray(StreamingChatModel[]::new);
    StreamingChatModel all = wrapped.length == 1 ? wrapped[0] : fallback.wrap(wrapped);
    return deadline == null
        ? all
        : Courses.streaming(new DeadlinePolicy(deadline, clock), List.of(all));
  }

  private ChatModel one(ChatModel model) {
    ChatModel one = Objects.requireNonNull(model, "model");
    one = timeouts == null ? one : timeouts.wrap(one);
    one = hedge == null ? one : hedge.wrap(one);
    one = retry == null ? one : retry.wrap(one);
    return circuitBreaker == null ? one : circuitBreaker.wrap(one);
  }

  private StreamingChatModel one(StreamingChatModel model) {
    StreamingChatModel one = Objects.requireNonNull(model, "model");
    one = timeouts == null ? one : timeouts.wrap(one);
    one = hedge == null ? one : hedge.wrap(one);
    one = retry == null ? one : retry.wrap(one);
    return circuitBreaker == null ? one : circuitBreaker.wrap(one);
  }

  /** Configures a {@link Resilience}. Not thread-safe. */
  public static final class Builder {

    private @Nullable Duration deadline;
    private @Nullable Duration timeout;
    private @Nullable Timeouts timeouts;
    private @Nullable Hedge hedge;
    private @Nullable Retry retry;
    private @Nullable CircuitBreaker circuitBreaker;
    private @Nullable Fallback fallback;
    private Clock clock = Clock.system();

    private Builder() {}

    /**
     * For all that is tried for a call together; none unless said. A caller's earlier {@link
     * dev.agentops.Deadline} goes before.
     */
    public Builder deadline(Duration deadline) {
      this.deadline = Checks.positive("deadline", deadline);
      return this;
    }

    /** For each attempt; none unless said. In place of {@link #timeouts}. */
    public Builder timeout(Duration total) {
      this.timeout = Checks.positive("timeout", total);
      this.timeouts = null;
      return this;
    }

    /** For each attempt, in place of {@link #timeout}. */
    public Builder timeouts(Timeouts timeouts) {
      this.timeouts = Objects.requireNonNull(timeouts, "timeouts");
      this.timeout = null;
      return this;
    }

    /** None unless said. */
    public Builder hedge(Hedge hedge) {
      this.hedge = Objects.requireNonNull(hedge, "hedge");
      return this;
    }

    /** None unless said. */
    public Builder retry(Retry retry) {
      this.retry = Objects.requireNonNull(retry, "retry");
      return this;
    }

    /** None unless said. */
    public Builder circuitBreaker(CircuitBreaker circuitBreaker) {
      this.circuitBreaker = Objects.requireNonNull(circuitBreaker, "circuitBreaker");
      return this;
    }

    /** {@link Fallback#ofDefaults()} unless said. */
    public Builder fallback(Fallback fallback) {
      this.fallback = Objects.requireNonNull(fallback, "fallback");
      return this;
    }

    /**
     * Where the time of {@link #deadline} and {@link #timeout} comes from; {@link Clock#system()}
     * unless a test says otherwise.
     */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public Resilience build() {
      return new Resilience(this);
    }

    /** A deadline, too, needs somebody who gives a call up. */
    private @Nullable Timeouts allTimeouts() {
      if (timeouts != null || (timeout == null && deadline == null)) {
        return timeouts;
      }
      Timeouts.Builder builder = Timeouts.builder().clock(clock);
      return (timeout == null ? builder : builder.total(timeout)).build();
    }
  }
}
