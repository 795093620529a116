package dev.agentops.resilience;

import dev.agentops.Clock;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Stops asking a model that fails too often, so that its callers do not wait for nothing and it can
 * recover: {@link CircuitOpenException} for a while, then a few calls for a trial. Each model of
 * each provider has a circuit of its own.
 *
 * <pre>{@code
 * ChatModel model = CircuitBreaker.ofDefaults().wrap(ops.wrap(openAi));
 * }</pre>
 *
 * <p>Failures are errors that {@linkplain ErrorKind#isFailureOfModel() speak against the model}:
 * rate limits, timeouts, HTTP 5xx, connections. Answers count as success, slow ones perhaps against
 * it ({@link Builder#slowCalls}). Requests that are wrong, refusals, and streams that their caller
 * cancels count as neither. A stream counts when it ends.
 *
 * <p>Built on {@code io.github.resilience4j:resilience4j-circuitbreaker}, an optional dependency
 * that an application with circuit breakers has to have. Thread-safe.
 */
public final class CircuitBreaker {

  /** How many circuits there are at most, {@value}; further models share one. */
  public static final int MAXIMUM_CIRCUITS = 1_000;

  /** What a circuit does. */
  public enum State {
    /** Lets calls through. */
    CLOSED,
    /** Refuses all. */
    OPEN,
    /** Lets some through for a trial. */
    HALF_OPEN
  }

  private static final String OTHERS = "others";

  private final Builder config;
  private final Clock clock;
  private final Set<ErrorKind> failures;
  private final ConcurrentHashMap<String, Circuit> circuits = new ConcurrentHashMap<>();

  private CircuitBreaker(Builder from) {
    config = new Builder(from);
    clock = from.clock;
    failures = EnumSet.copyOf(from.failures);
  }

  /** As the builder says. */
  public static CircuitBreaker ofDefaults() {
    return builder().build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The model, behind its circuit. */
  public ChatModel wrap(ChatModel model) {
    return Courses.chat(policy(), List.of(model));
  }

  /** The model, behind its circuit. */
  public StreamingChatModel wrap(StreamingChatModel model) {
    return Courses.streaming(policy(), List.of(model));
  }

  /** The circuits by provider and model, such as {@code openai/gpt-4o}; a copy. */
  public Map<String, State> states() {
    Map<String, State> states = new TreeMap<>();
    circuits.forEach((name, circuit) -> states.put(name, circuit.state()));
    return states;
  }

  private Policy policy() {
    return new Policy() {

      @Override
      public Course begin(Caller caller) {
        return new Passage(circuit(caller));
      }

      @Override
      public Clock clock() {
        return clock;
      }
    };
  }

  private Circuit circuit(Caller caller) {
    String model = caller.nameOf(0);
    Circuit known = circuits.get(model);
    if (known != null) {
      return known;
    }
    String name = circuits.size() < MAXIMUM_CIRCUITS ? model : OTHERS;
    return circuits.computeIfAbsent(
        name, any -> new Circuit(any, config, caller.targets().listener(0)));
  }

  /** One call's way through a circuit. */
  private final class Passage implements Course {

    private final Circuit circuit;

    Passage(Circuit circuit) {
      this.circuit = circuit;
    }

    @Override
    public @Nullable Step next(@Nullable Failure failure) {
      if (failure == null) {
        circuit.enter();
        return Step.to(0);
      }
      if (failures.contains(failure.kind())) {
        circuit.failed(failure);
      } else {
        circuit.released();
      }
      return null;
    }

    @Override
    public void answered(Answered answer) {
      circuit.answered(answer.took());
    }

    @Override
    public void cancelled() {
      circuit.released();
    }
  }

  /** Configures a {@link CircuitBreaker}. Not thread-safe. */
  public static final class Builder {

    /** {@value}: half of the calls. */
    public static final double DEFAULT_FAILURE_SHARE = 0.5;

    /** {@value} calls. */
    public static final int DEFAULT_WINDOW = 50;

    /** {@value} calls. */
    public static final int DEFAULT_MINIMUM_CALLS = 10;

    /** {@value} calls. */
    public static final int DEFAULT_TRIAL_CALLS = 3;

    /** {@value} seconds. */
    public static final long DEFAULT_OPEN_SECONDS = 30;

    double failureShare = DEFAULT_FAILURE_SHARE;
    int window = DEFAULT_WINDOW;
    int minimumCalls = DEFAULT_MINIMUM_CALLS;
    int trialCalls = DEFAULT_TRIAL_CALLS;
    Duration openFor = Duration.ofSeconds(DEFAULT_OPEN_SECONDS);
    @Nullable Duration slow;
    double slowShare = 1;
    Clock clock = Clock.system();
    private Set<ErrorKind> failures = EnumSet.noneOf(ErrorKind.class);

    private Builder() {
      for (ErrorKind kind : ErrorKind.values()) {
        if (kind.isFailureOfModel()) {
          failures.add(kind);
        }
      }
    }

    private Builder(Builder other) {
      failureShare = other.failureShare;
      window = other.window;
      minimumCalls = other.minimumCalls;
      trialCalls = other.trialCalls;
      openFor = other.openFor;
      slow = other.slow;
      slowShare = other.slowShare;
      clock = other.clock;
      failures = EnumSet.copyOf(other.failures);
    }

    /**
     * Opens when so many of the last calls have failed, {@value #DEFAULT_FAILURE_SHARE} unless
     * said.
     *
     * @param share above 0, up to 1
     */
    public Builder failureShare(double share) {
      this.failureShare = aboveZero("failureShare", share);
      return this;
    }

    /**
     * Over how many calls the shares are taken.
     *
     * @param calls the last ones, {@value #DEFAULT_WINDOW} unless said
     * @param minimum so many it takes to judge, {@value #DEFAULT_MINIMUM_CALLS} unless said
     */
    public Builder window(int calls, int minimum) {
      this.window = Checks.atLeast(1, "calls", calls);
      this.minimumCalls = Checks.atLeast(1, "minimum", minimum);
      if (minimum > calls) {
        throw new IllegalArgumentException(
            "minimum must not be above calls: " + minimum + " > " + calls);
      }
      return this;
    }

    /**
     * Opens, too, when so many of the last calls were slow; time does not count unless said.
     *
     * @param slow longer than this, from the start of a call to its end
     * @param share above 0, up to 1
     */
    public Builder slowCalls(Duration slow, double share) {
      this.slow = Checks.positive("slow", slow);
      this.slowShare = aboveZero("share", share);
      return this;
    }

    /** How long it is open before a trial, 30 seconds unless said. */
    public Builder openFor(Duration time) {
      this.openFor = Checks.positive("openFor", time);
      return this;
    }

    /** How many calls are a trial, {@value #DEFAULT_TRIAL_CALLS} unless said. */
    public Builder trialCalls(int calls) {
      this.trialCalls = Checks.atLeast(1, "trialCalls", calls);
      return this;
    }

    /** Which errors are failures, in place of those that speak against the model. */
    public Builder failures(ErrorKind first, ErrorKind... others) {
      this.failures = EnumSet.of(first, others);
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * @throws IllegalStateException without {@code
     *     io.github.resilience4j:resilience4j-circuitbreaker} on the class path
     */
    public CircuitBreaker build() {
      try {
        Circuit.check();
      } catch (NoClassDefFoundError e) {
        throw new IllegalStateException(
            "a circuit breaker needs io.github.resilience4j:resilience4j-circuitbreaker on the"
                + " class path",
            e);
      }
      return new CircuitBreaker(this);
    }

    private static double aboveZero(String name, double share) {
      if (!(share > 0 && share <= 1)) {
        throw new IllegalArgumentException(name + " must be above 0, up to 1: " + share);
      }
      return share;
    }
  }
}
