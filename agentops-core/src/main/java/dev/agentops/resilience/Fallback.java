package dev.agentops.resilience;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.event.ResilienceEvent;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Asks another model where one fails: the next in order that is meant for such an error and was not
 * asked yet.
 *
 * <pre>{@code
 * Fallback fallback = Fallback.builder().target(2, ErrorKind.CONTEXT_TOO_LONG).build();
 * ChatModel model = fallback.wrap(ops.wrap(gpt), ops.wrap(claude), ops.wrap(gemini));
 * }</pre>
 *
 * <p>To its caller the whole looks like the first model: its default parameters, capabilities and
 * provider. Each model merges its own defaults into the caller's request; a model name in the
 * request goes to the first only. Streams fall back until the first part of an answer was
 * delivered. Nothing begins after the caller's {@link dev.agentops.Deadline}. When all have failed,
 * the error of the last one is thrown, with the others as its suppressed exceptions.
 *
 * <p>A refusal is an error, too: a budget that is spent for the first model leads to a cheaper one
 * that is wrapped by another {@code AgentOps} or has a budget of its own. Calls of models but the
 * first have the attribute {@value #FALLBACK_FROM}. Thread-safe.
 */
public final class Fallback {

  /** The attribute of a call that names the model which failed before: {@value}. */
  public static final String FALLBACK_FROM = "agentops.fallback.from";

  private final Set<ErrorKind> kinds;
  private final Map<Integer, Set<ErrorKind>> kindsOfTarget;
  private final List<Integer> weights;
  private final Clock clock;

  private Fallback(Builder from) {
    kinds = EnumSet.copyOf(from.kinds);
    kindsOfTarget = Map.copyOf(from.kindsOfTarget);
    weights = List.copyOf(from.weights);
    clock = from.clock;
  }

  /** To the next model in order, after every error that another model may not have. */
  public static Fallback ofDefaults() {
    return builder().build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * The models as one.
   *
   * @throws IllegalArgumentException if there is none, or the builder said more of targets
   */
  public ChatModel wrap(ChatModel... models) {
    check(models.length);
    return Courses.chat(new Ordered(), List.of(models));
  }

  /** As {@link #wrap(ChatModel...)}, for streams. */
  public StreamingChatModel wrap(StreamingChatModel... models) {
    check(models.length);
    return Courses.streaming(new Ordered(), List.of(models));
  }

  private void check(int models) {
    int most = kindsOfTarget.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1);
    if (most >= models || (!weights.isEmpty() && weights.size() != models)) {
      throw new IllegalArgumentException(
          "targets "
              + kindsOfTarget.keySet()
              + " and weights "
              + weights
              + " do not fit "
              + models
              + " models");
    }
  }

  /** Which to begin with. */
  private int first() {
    long sum = weights.stream().mapToLong(Integer::longValue).sum();
    if (sum == 0) {
      return 0;
    }
    long drawn = ThreadLocalRandom.current().nextLong(sum);
    int target = 0;
    while (drawn >= weights.get(target)) {
      drawn -= weights.get(target++);
    }
    return target;
  }

  private boolean isFor(int target, ErrorKind kind) {
    return kindsOfTarget.getOrDefault(target, kinds).contains(kind);
  }

  private final class Ordered implements Policy {

    @Override
    public Course begin(Caller caller) {
      return new Attempts(caller, this);
    }

    @Override
    public Clock clock() {
      return clock;
    }

    @Override
    public boolean isOfOneModel() {
      return false;
    }
  }

  /** The attempts of one call. */
  private final class Attempts implements Course {

    private final Caller caller;
    private final Policy policy;
    private final Set<Integer> asked = Collections.synchronizedSet(new HashSet<>());
    private int current;

    Attempts(Caller caller, Policy policy) {
      this.caller = caller;
      this.policy = policy;
    }

    @Override
    public @Nullable Step next(@Nullable Failure failure) {
      if (failure == null) {
        current = first();
        asked.add(current);
        return Step.to(current);
      }
      int next = nextFor(failure);
      if (next < 0) {
        return null;
      }
      String from = caller.nameOf(current);
      caller.publish(
          current,
          ResilienceEvent.builder(ResilienceEvent.Type.FALLBACK, from)
              .to(caller.nameOf(next))
              .reason(failure.kind().label())
              .attempt(asked.size() + 1),
          policy);
      current = next;
      asked.add(next);
      return new Step(next, Duration.ZERO, Attributes.of(FALLBACK_FROM, from));
    }

    private int nextFor(Failure failure) {
      if (!failure.mayRepeat() || caller.isTooLate(Duration.ZERO)) {
        return -1;
      }
      for (int target = 0; target < caller.targets().size(); target++) {
        if (!asked.contains(target) && isFor(target, failure.kind())) {
          return target;
        }
      }
      return -1;
    }
  }

  /** Configures a {@link Fallback}. Not thread-safe. */
  public static final class Builder {

    private Set<ErrorKind> kinds =
        EnumSet.complementOf(
            EnumSet.of(
                ErrorKind.BAD_REQUEST,
                ErrorKind.CONTEXT_TOO_LONG,
                ErrorKind.CONTENT_FILTERED,
                ErrorKind.INTERRUPTED,
                ErrorKind.UNKNOWN));

    private final Map<Integer, Set<ErrorKind>> kindsOfTarget = new HashMap<>();
    private List<Integer> weights = List.of();
    private Clock clock = Clock.system();

    private Builder() {}

    /**
     * After which errors to ask another model. Unless said all but those that every model would
     * have, or that are no model's fault: {@link ErrorKind#BAD_REQUEST}, {@link
     * ErrorKind#CONTEXT_TOO_LONG}, {@link ErrorKind#CONTENT_FILTERED}, {@link
     * ErrorKind#INTERRUPTED} and {@link ErrorKind#UNKNOWN}.
     */
    public Builder on(ErrorKind first, ErrorKind... others) {
      this.kinds = EnumSet.of(first, others);
      return this;
    }

    /**
     * Asks one of the models after these errors only, such as the one with the longest context
     * after {@link ErrorKind#CONTEXT_TOO_LONG}.
     *
     * @param target its number, from zero for the first
     */
    public Builder target(int target, ErrorKind first, ErrorKind... others) {
      kindsOfTarget.put(Checks.atLeast(0, "target", target), EnumSet.of(first, others));
      return this;
    }

    /**
     * Draws the model to begin with, in proportion to these numbers; then it goes on in order.
     * Unless said, it is the first one.
     *
     * @param weights one for each model, not negative, at least one of them positive
     */
    public Builder weights(int... weights) {
      List<Integer> all = Arrays.stream(weights).boxed().toList();
      if (all.stream().anyMatch(weight -> weight < 0)
          || all.stream().noneMatch(weight -> weight > 0)) {
        throw new IllegalArgumentException("weights must not be negative, nor all zero: " + all);
      }
      this.weights = all;
      return this;
    }

    /** Where the time of events comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public Fallback build() {
      return new Fallback(this);
    }
  }
}
