package dev.agentops.resilience;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.event.ResilienceEvent;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Asks a model again where that may help: after {@link ErrorKind#isRetryable() retryable} errors,
 * with exponential backoff and full jitter, and not before the provider says so.
 *
 * <pre>{@code
 * ChatModel model = Retry.ofDefaults().wrap(ops.wrap(openAi)); // openAi with .maxRetries(0)
 * }</pre>
 *
 * <p>It gives up, with the error of the last attempt and those before as its suppressed exceptions:
 * when the caller's {@link dev.agentops.Deadline} comes before the next attempt would begin; when
 * the provider wants a longer wait than {@link Builder#maxRetryAfter}; when the budget of retries
 * is used up; when a stream has delivered a part of its answer; and when the provider has told what
 * the failed attempt is billed. A stream is tried again on another thread; none is blocked while it
 * waits.
 *
 * <p>Clients of LangChain4j that do not stream retry by themselves (two times, without regard to
 * {@code Retry-After}, in one call that looks slow from outside): build them with {@code
 * maxRetries(0)}, or the attempts multiply. {@code Retry-After} is known where the model's HTTP
 * client is one of {@code dev.agentops.http}, and of refusals.
 *
 * <p>Each attempt is a call of its own with the attribute {@value #ATTEMPT}. One object serves any
 * number of models, which then share the budget. Thread-safe.
 */
public final class Retry {

  /** The attribute of a call that tells which attempt it is, from 1 on: {@value}. */
  public static final String ATTEMPT = "agentops.attempt";

  private final int maxAttempts;
  private final Duration firstDelay;
  private final Duration maxDelay;
  private final Duration maxRetryAfter;
  private final @Nullable Duration refusals;
  private final Set<ErrorKind> kinds;
  private final AttemptBudget budget;
  private final Clock clock;
  private final LongAdder retries = new LongAdder();
  private final LongAdder unaffordable = new LongAdder();

  private Retry(Builder from) {
    maxAttempts = from.maxAttempts;
    firstDelay = from.firstDelay;
    maxDelay = from.maxDelay;
    maxRetryAfter = from.maxRetryAfter;
    refusals = from.refusals;
    kinds = EnumSet.copyOf(from.kinds);
    budget = new AttemptBudget(from.budgetShare, from.budgetReserve);
    clock = from.clock;
  }

  /** {@value Builder#DEFAULT_MAX_ATTEMPTS} attempts, and the other defaults of the builder. */
  public static Retry ofDefaults() {
    return builder().build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The model, asked again where that may help. */
  public ChatModel wrap(ChatModel model) {
    return Courses.chat(policy(), List.of(model));
  }

  /** The model, asked again where that may help and nothing was delivered yet. */
  public StreamingChatModel wrap(StreamingChatModel model) {
    return Courses.streaming(policy(), List.of(model));
  }

  /** How many attempts were made beyond the first ones. */
  public long retries() {
    return retries.sum();
  }

  /** How many attempts were not made because the budget was used up. */
  public long unaffordable() {
    return unaffordable.sum();
  }

  private Policy policy() {
    return new Policy() {

      @Override
      public Course begin(Caller caller) {
        budget.call();
        return new Attempts(caller, this);
      }

      @Override
      public Clock clock() {
        return clock;
      }
    };
  }

  /** Full jitter: anything up to the doubled delay, so that those who failed together part. */
  private Duration backoff(int attempt) {
    long most = Clock.nanos(firstDelay);
    long limit = Clock.nanos(maxDelay);
    for (int i = 1; i < attempt && most < limit; i++) {
      most *= 2;
    }
    return Duration.ofNanos(ThreadLocalRandom.current().nextLong(Math.min(most, limit) + 1));
  }

  /** The attempts of one call. */
  private final class Attempts implements Course {

    private final Caller caller;
    private final Policy policy;
    private int made;

    Attempts(Caller caller, Policy policy) {
      this.caller = caller;
      this.policy = policy;
    }

    @Override
    public @Nullable Step next(@Nullable Failure failure) {
      Duration delay = failure == null ? Duration.ZERO : delayAfter(failure);
      if (delay == null) {
        return null;
      }
      made++;
      if (failure != null) {
        retries.increment();
        publish(ResilienceEvent.Type.RETRY, failure, delay);
      }
      return new Step(0, delay, Attributes.of(ATTEMPT, made));
    }

    /** How long to wait for the next attempt; null for none. */
    private @Nullable Duration delayAfter(Failure failure) {
      if (made >= maxAttempts || !failure.mayRepeat() || !isWorthwhile(failure)) {
        return null;
      }
      Duration asked = failure.retryAfter();
      if (asked != null && asked.compareTo(maxRetryAfter) > 0) {
        return null;
      }
      Duration delay = backoff(made);
      if (asked != null) {
        delay = asked.plus(delay.compareTo(firstDelay) < 0 ? delay : firstDelay);
      }
      if (caller.isTooLate(delay)) {
        return null;
      }
      if (!budget.take()) {
        unaffordable.increment();
        publish(ResilienceEvent.Type.RETRY_BUDGET_EXHAUSTED, failure, Duration.ZERO);
        return null;
      }
      return delay;
    }

    private boolean isWorthwhile(Failure failure) {
      if (failure.kind() != ErrorKind.REFUSED) {
        return kinds.contains(failure.kind());
      }
      Duration wait = failure.retryAfter();
      return refusals != null && wait != null && wait.compareTo(refusals) <= 0;
    }

    private void publish(ResilienceEvent.Type type, Failure failure, Duration delay) {
      caller.publish(
          0,
          ResilienceEvent.builder(type, caller.nameOf(0))
              .reason(failure.kind().label())
              .attempt(type == ResilienceEvent.Type.RETRY ? made : 0)
              .delay(delay),
          policy);
    }
  }

  /** Configures a {@link Retry}. Not thread-safe. */
  public static final class Builder {

    /** {@value}, the first one included. */
    public static final int DEFAULT_MAX_ATTEMPTS = 3;

    /** {@value} milliseconds. */
    public static final long DEFAULT_FIRST_DELAY_MILLIS = 500;

    /** {@value} seconds. */
    public static final long DEFAULT_MAX_DELAY_SECONDS = 20;

    /** {@value} seconds. */
    public static final long DEFAULT_MAX_RETRY_AFTER_SECONDS = 60;

    /** {@value}: one retry for five calls. */
    public static final double DEFAULT_BUDGET_SHARE = 0.2;

    /** {@value} retries. */
    public static final int DEFAULT_BUDGET_RESERVE = 10;

    private int maxAttempts = DEFAULT_MAX_ATTEMPTS;
    private Duration firstDelay = Duration.ofMillis(DEFAULT_FIRST_DELAY_MILLIS);
    private Duration maxDelay = Duration.ofSeconds(DEFAULT_MAX_DELAY_SECONDS);
    private Duration maxRetryAfter = Duration.ofSeconds(DEFAULT_MAX_RETRY_AFTER_SECONDS);
    private @Nullable Duration refusals;
    private Set<ErrorKind> kinds = EnumSet.noneOf(ErrorKind.class);
    private double budgetShare = DEFAULT_BUDGET_SHARE;
    private int budgetReserve = DEFAULT_BUDGET_RESERVE;
    private Clock clock = Clock.system();

    private Builder() {
      for (ErrorKind kind : ErrorKind.values()) {
        if (kind.isRetryable()) {
          kinds.add(kind);
        }
      }
    }

    /** How often a model is asked at most, {@value #DEFAULT_MAX_ATTEMPTS} times unless said. */
    public Builder maxAttempts(int attempts) {
      this.maxAttempts = Checks.atLeast(1, "maxAttempts", attempts);
      return this;
    }

    /**
     * The waits: anything from zero up to the first one, then up to twice as much each time, up to
     * the longest.
     *
     * @param first 500 milliseconds unless said
     * @param longest 20 seconds unless said
     * @throws IllegalArgumentException if one is not positive, or the first is the longer one
     */
    public Builder backoff(Duration first, Duration longest) {
      Checks.positive("first", first);
      Checks.positive("longest", longest);
      if (first.compareTo(longest) > 0) {
        throw new IllegalArgumentException(
            "first must not be longer than longest: " + first + " > " + longest);
      }
      this.firstDelay = first;
      this.maxDelay = longest;
      return this;
    }

    /**
     * The longest wait that a provider may ask for, 60 seconds unless said: where it asks for more,
     * there is no further attempt.
     */
    public Builder maxRetryAfter(Duration longest) {
      this.maxRetryAfter = Checks.notNegative("maxRetryAfter", longest);
      return this;
    }

    /**
     * Tries again what an interceptor refused, if that may succeed after such a wait; refusals are
     * final unless said.
     */
    public Builder retryRefusals(Duration longest) {
      this.refusals = Checks.notNegative("retryRefusals", longest);
      return this;
    }

    /**
     * The kinds of errors to try again after, in place of those that are {@linkplain
     * ErrorKind#isRetryable() retryable}; for refusals see {@link #retryRefusals}.
     */
    public Builder on(ErrorKind first, ErrorKind... others) {
      this.kinds = EnumSet.of(first, others);
      return this;
    }

    /**
     * Bounds retries to a share of all calls, for when a provider is in trouble.
     *
     * @param share from 0 to 1, {@value #DEFAULT_BUDGET_SHARE} unless said
     * @param reserve how many retries can be saved up, and are there at the start, {@value
     *     #DEFAULT_BUDGET_RESERVE} unless said
     */
    public Builder budget(double share, int reserve) {
      this.budgetShare = Checks.share("share", share);
      this.budgetReserve = Checks.atLeast(0, "reserve", reserve);
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public Retry build() {
      return new Retry(this);
    }
  }
}
