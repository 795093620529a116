package dev.agentops.resilience;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Spreads calls over several keys or deployments of the same model.
 *
 * <pre>{@code
 * LoadBalancer balancer = LoadBalancer.builder().choice(LoadBalancer.Choice.MOST_LEFT).build();
 * ChatModel model = balancer.wrap(ops.wrap(east), ops.wrap(west));
 * }</pre>
 *
 * <p>One that answers with a rate limit gets no calls for as long as it says ({@code Retry-After},
 * where the HTTP client is one of {@code dev.agentops.http}), one that is down or does not know its
 * key for a while, one whose own limit refuses a call for as long as the limit says; the call goes
 * on to another one at once, unless a part of its answer was delivered. When all are set aside, a
 * call waits for the one that is back first, if that is soon ({@link Builder#maxWait}), or is
 * refused with a {@link NoTargetAvailableException}. Thread-safe.
 */
public final class LoadBalancer {

  /** Which of those that can take a call gets it. */
  public enum Choice {
    /** The one with the fewest calls under way, for its weight. */
    LEAST_IN_FLIGHT,
    /** One after the other, each as often as its weight says. */
    ROUND_ROBIN,
    /**
     * The one of whose limits the most is left, by what its provider has told, for its weight and
     * the calls under way.
     */
    MOST_LEFT
  }

  private final Choice choice;
  private final List<Integer> weights;
  private final Duration setAside;
  private final Duration maxWait;
  private final @Nullable IntFunction<Duration> readyIn;
  private final Clock clock;
  private final FaultLog faults;

  private LoadBalancer(Builder from) {
    choice = from.choice;
    weights = List.copyOf(from.weights);
    setAside = from.setAside;
    maxWait = from.maxWait;
    readyIn = from.readyIn;
    clock = from.clock;
    faults = new FaultLog(LoadBalancer.class, clock);
  }

  /** To the one with the fewest calls under way. */
  public static LoadBalancer ofDefaults() {
    return builder().build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * The models as one.
   *
   * @throws IllegalArgumentException if there is none, or not one for each weight
   */
  public ChatModel wrap(ChatModel... models) {
    return Courses.chat(balance(models.length), List.of(models));
  }

  /** As {@link #wrap(ChatModel...)}, for streams. */
  public StreamingChatModel wrap(StreamingChatModel... models) {
    return Courses.streaming(balance(models.length), List.of(models));
  }

  private Policy balance(int models) {
    if (!weights.isEmpty() && weights.size() != models) {
      throw new IllegalArgumentException(
          "weights " + weights + " do not fit " + models + " models");
    }
    return new Balance(this, models);
  }

  Choice choice() {
    return choice;
  }

  int weight(int target) {
    return weights.isEmpty() ? 1 : weights.get(target);
  }

  Duration setAside() {
    return setAside;
  }

  Duration maxWait() {
    return maxWait;
  }

  /** How long until one has room, by the application's own limits; zero for at once. */
  Duration readyIn(int target) {
    if (readyIn == null) {
      return Duration.ZERO;
    }
    try {
      return Objects.requireNonNull(readyIn.apply(target), "readyIn gave null");
    } catch (Throwable t) { // of the application's
      faults.report("readyIn of target " + target, t);
      return Duration.ZERO;
    }
  }

  Clock clock() {
    return clock;
  }

  /** Configures a {@link LoadBalancer}. Not thread-safe. */
  public static final class Builder {

    /** {@value} seconds. */
    public static final long DEFAULT_SET_ASIDE_SECONDS = 5;

    private Choice choice = Choice.LEAST_IN_FLIGHT;
    private List<Integer> weights = List.of();
    private Duration setAside = Duration.ofSeconds(DEFAULT_SET_ASIDE_SECONDS);
    private Duration maxWait = Duration.ZERO;
    private @Nullable IntFunction<Duration> readyIn;
    private Clock clock = Clock.system();

    private Builder() {}

    /** {@link Choice#LEAST_IN_FLIGHT} unless said. */
    public Builder choice(Choice choice) {
      this.choice = Objects.requireNonNull(choice, "choice");
      return this;
    }

    /**
     * How much each model can take, in proportion; all the same unless said.
     *
     * @param weights one for each model, positive
     */
    public Builder weights(int... weights) {
      List<Integer> all = Arrays.stream(weights).boxed().toList();
      if (all.isEmpty() || all.stream().anyMatch(weight -> weight <= 0)) {
        throw new IllegalArgumentException("weights must be positive: " + all);
      }
      this.weights = all;
      return this;
    }

    /** For how long one that fails gets no calls where it does not say, 5 seconds unless said. */
    public Builder setAside(Duration time) {
      this.setAside = Checks.positive("setAside", time);
      return this;
    }

    /** How long a call waits when all are set aside; not at all unless said. */
    public Builder maxWait(Duration time) {
      this.maxWait = Checks.notNegative("maxWait", time);
      return this;
    }

    /**
     * Asks the application's own limits, too, how long until a model has room: {@code i ->
     * limiter.probe(keys.get(i)).retryAfter()}. Takes nothing, and is asked for each call, perhaps
     * more than once. What it throws is logged, and taken for zero as null is.
     */
    public Builder readyIn(IntFunction<Duration> readyIn) {
      this.readyIn = Objects.requireNonNull(readyIn, "readyIn");
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public LoadBalancer build() {
      return new LoadBalancer(this);
    }
  }
}
