package dev.agentops.resilience;

import dev.agentops.AgentOps;
import dev.agentops.Clock;
import dev.agentops.WeakIdentityMap;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Stops asking a model that fails too often, so that its callers do not wait for nothing and it can
 * recover: {@link CircuitOpenException} for a while, then a few calls for a trial. Each model
 * object has a circuit of its own, and one for each other model name that requests ask it for: two
 * hosts of one model fail each for itself. An object that is wrapped twice has the same circuits,
 * also with other decorators or an {@code ops.wrap} in between; what is wrapped {@linkplain
 * #wrap(String, ChatModel) by name} shares the circuit of that name.
 *
 * <pre>{@code
 * ChatModel model = CircuitBreaker.ofDefaults().wrap(ops.wrap(openAi));
 * }</pre>
 *
 * <p>Failures are errors that {@linkplain ErrorKind#isFailureOfModel() speak against the model}:
 * rate limits, timeouts, HTTP 5xx, connections. Answers count as success, slow ones perhaps against
 * it ({@link Builder#slowCalls}). Requests that are wrong, refusals, and streams that their caller
 * cancels count as neither, nor does what is broken off by the deadline of its caller: only a
 * timeout speaks against a model. A stream counts when it ends. A call that began before the
 * circuit changed does not count after. Where the calls of a trial do not end, one more is let
 * through each time that it would have been open.
 *
 * <p>Built on {@code io.github.resilience4j:resilience4j-circuitbreaker}, an optional dependency
 * that an application with circuit breakers has to have. Thread-safe.
 */
public final class CircuitBreaker {

  /**
   * How many circuits a model object has at most, {@value}, by the model names that requests ask it
   * for; further names share one.
   */
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

  /** An application that wraps more at a time gets new circuits with each wrap. */
  private static final int MAXIMUM_MODELS = 10_000;

  private final Builder config;
  private final Clock clock;
  private final Set<ErrorKind> failures;
  private final ConcurrentHashMap<String, Circuits> named = new ConcurrentHashMap<>();
  private final WeakIdentityMap<Object, Circuits> ofModels = new WeakIdentityMap<>(MAXIMUM_MODELS);
  private final Set<Circuits> all = Collections.newSetFromMap(new WeakHashMap<>()); // guarded by it
  private final AtomicLong number = new AtomicLong();

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
    return Courses.chat(policy(circuitsOf(model)), List.of(model));
  }

  /** The model, behind its circuit. */
  public StreamingChatModel wrap(StreamingChatModel model) {
    return Courses.streaming(policy(circuitsOf(model)), List.of(model));
  }

  /**
   * The model, behind the circuit of this name, which it shares with what else is wrapped by it:
   * the model for streams at the same host, or a further client.
   *
   * @param name also in events, in place of provider and model; not blank
   */
  public ChatModel wrap(String name, ChatModel model) {
    return Courses.chat(policy(circuitsOf(name)), List.of(model));
  }

  /** As {@link #wrap(String, ChatModel)}. */
  public StreamingChatModel wrap(String name, StreamingChatModel model) {
    return Courses.streaming(policy(circuitsOf(name)), List.of(model));
  }

  /**
   * The circuits that have had a call, by name or by provider and model, such as {@code
   * openai/gpt-4o}; a copy. Where several model objects have the same one, those after the first,
   * in the order in which they were wrapped, have a number: {@code openai/gpt-4o#2}.
   */
  public Map<String, State> states() {
    List<Circuits> live;
    synchronized (all) {
      live = new ArrayList<>(all);
    }
    live.sort(Comparator.comparing(Circuits::number));
    Map<String, State> states = new TreeMap<>();
    for (Circuits circuits : live) {
      circuits.states().forEach((name, state) -> put(states, name, state));
    }
    return states;
  }

  private static void put(Map<String, State> states, String name, State state) {
    String free = name;
    for (int i = 2; states.containsKey(free); i++) {
      free = name + '#' + i;
    }
    states.put(free, state);
  }

  private Circuits circuitsOf(String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("name must not be blank: '" + name + "'");
    }
    return named.computeIfAbsent(name, this::newCircuits);
  }

  private Circuits circuitsOf(Object model) {
    Object inner = AgentOps.innermost(Objects.requireNonNull(model, "model"));
    synchronized (ofModels) {
      Circuits known = ofModels.get(inner);
      if (known == null) {
        known = newCircuits(null);
        ofModels.put(inner, known);
      }
      return known;
    }
  }

  private Circuits newCircuits(@Nullable String name) {
    Circuits circuits = new Circuits(name, number.incrementAndGet(), config);
    synchronized (all) {
      all.add(circuits);
    }
    return circuits;
  }

  private Policy policy(Circuits circuits) {
    return new Policy() {

      @Override
      public Course begin(Caller caller) {
        return new Passage(circuits.of(caller), caller, this);
      }

      @Override
      public Clock clock() {
        return clock;
      }
    };
  }

  /** One call's way through a circuit. */
  private final class Passage implements Course {

    private final Circuit circuit;
    private final Caller caller;
    private final Policy policy;
    private int entered;

    Passage(Circuit circuit, Caller caller, Policy policy) {
      this.circuit = circuit;
      this.caller = caller;
      this.policy = policy;
    }

    @Override
    public @Nullable Step next(@Nullable Failure failure) {
      try {
        if (failure == null) {
          entered = circuit.enter();
          return Step.to(0);
        }
        if (isFailureOfModel(failure)) {
          circuit.failed(entered, failure);
        } else {
          circuit.released(entered);
        }
        return null;
      } finally {
        tellChanges();
      }
    }

    @Override
    public void answered(Answered answer) {
      circuit.answered(entered, answer.took());
      tellChanges();
    }

    @Override
    public void cancelled() {
      circuit.released(entered);
    }

    /** That the caller had no more time says nothing of the model. */
    private boolean isFailureOfModel(Failure failure) {
      return failures.contains(failure.kind())
          && !(failure.kind() == ErrorKind.TIMEOUT && caller.isTooLate(Duration.ZERO));
    }

    private void tellChanges() {
      circuit.takeUntold().forEach(event -> caller.publish(0, event, policy));
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
