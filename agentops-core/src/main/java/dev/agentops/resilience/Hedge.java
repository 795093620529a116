package dev.agentops.resilience;

import dev.agentops.Attributes;
import dev.agentops.CallRejectedException;
import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.event.ResilienceEvent;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Asks a slow model a second time while the first answer is awaited, and takes what comes first:
 * for callers that would rather pay twice than wait. The other attempt is given up.
 *
 * <pre>{@code
 * ChatModel model = Hedge.after(Duration.ofSeconds(4)).wrap(ops.wrap(openAi));
 * ChatModel model = Hedge.slowerThan(0.95).wrap(ops.wrap(openAi)); // than 95 % of the last 128
 * }</pre>
 *
 * <p>Both attempts are calls of their own, traced and paid; the second has the attribute {@value
 * #HEDGE}. A stream is hedged until its first chunk. A share of all calls is hedged at most ({@link
 * Builder#share}). An attempt that fails is not hedged, and its error counts only if the other one
 * fails, too. A {@link dev.agentops.guard.RunGuard} counts both, but a second attempt that a run
 * has no room for is only refused, and does not stop the run. Calls that do not stream run on
 * daemon threads, in the {@link Context} of their caller. The loser is broken off if its HTTP
 * client is one of {@code dev.agentops.http}, else interrupted, or cancelled once it streams.
 * Thread-safe.
 */
public final class Hedge {

  /** The attribute of a second attempt: {@value}, which is true. */
  public static final String HEDGE = Attributes.HEDGE;

  private final @Nullable Duration delay;
  private final double slowerThan;
  private final AttemptBudget budget;
  private final Clock clock;
  private final LongAdder hedged = new LongAdder();

  private Hedge(Builder from) {
    delay = from.delay;
    slowerThan = from.slowerThan;
    budget = new AttemptBudget(from.share, Builder.RESERVE);
    clock = from.clock;
  }

  /** A second attempt when there is no answer after so long. */
  public static Hedge after(Duration delay) {
    return builder().after(delay).build();
  }

  /**
   * A second attempt when there is no answer after so long as this share of the last 128 answers
   * took; none before there were 20. Of streams, the time to the first chunk counts.
   *
   * @param share such as 0.95
   */
  public static Hedge slowerThan(double share) {
    return builder().slowerThan(share).build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The model, asked twice when it is slow. */
  public ChatModel wrap(ChatModel model) {
    Targets targets = Targets.of(List.of(model));
    Latencies latencies = new Latencies();
    return new Decorated(
        targets,
        (request, ask) ->
            new HedgedChat(this, latencies, new Caller(Context.current(), request, targets))
                .run(() -> ask.ask(model, request)));
  }

  /** The model, asked twice when a stream is slow to begin. */
  public StreamingChatModel wrap(StreamingChatModel model) {
    Targets targets = Targets.of(List.of(model));
    Latencies latencies = new Latencies();
    return new DecoratedStreaming(
        targets,
        (request, handler, ask) ->
            new HedgedStream(
                    this,
                    latencies,
                    new Caller(Context.current(), request, targets),
                    handler,
                    relay -> ask.ask(model, request, relay))
                .start());
  }

  /** How many second attempts were made. */
  public long hedged() {
    return hedged.sum();
  }

  /** A call begins: when to ask a second time; null for never. */
  @Nullable Duration begin(Latencies latencies) {
    budget.call();
    return delay != null ? delay : latencies.percentile(slowerThan);
  }

  /** Whether a second attempt may be made, which is then told. */
  boolean take(Caller caller, Duration delay) {
    if (caller.isTooLate(Duration.ZERO) || !budget.take()) {
      return false;
    }
    hedged.increment();
    caller
        .targets()
        .listener(0)
        .onEvent(
            ResilienceEvent.builder(ResilienceEvent.Type.HEDGE, caller.nameOf(0))
                .timestamp(clock.now())
                .attributes(caller.context().attributes())
                .reason("slow")
                .attempt(2)
                .delay(delay)
                .build());
    return true;
  }

  static Attributes attributes(int attempt) {
    return attempt == 1 ? Attributes.empty() : Attributes.of(HEDGE, true);
  }

  /**
   * What to tell the caller when one more attempt has failed: its error, with the earlier one
   * suppressed; but that a second attempt was refused is no reason for a failure.
   */
  static Throwable told(@Nullable Throwable earlier, int attempt, Throwable error) {
    if (earlier == null) {
      return error;
    }
    boolean refused = attempt > 1 && error instanceof CallRejectedException;
    return refused ? Throwables.caused(earlier, error) : Throwables.caused(error, earlier);
  }

  /** Whether an error of one attempt ends the other, too: what stops a run does. */
  static boolean ends(int attempt, Throwable error) {
    return attempt == 1 && Failure.isFinal(error);
  }

  Clock clock() {
    return clock;
  }

  /** Configures a {@link Hedge}. Not thread-safe. */
  public static final class Builder {

    /** {@value}: one call of twenty. */
    public static final double DEFAULT_SHARE = 0.05;

    private static final int RESERVE = 5;

    private @Nullable Duration delay;
    private double slowerThan = 0.95;
    private double share = DEFAULT_SHARE;
    private Clock clock = Clock.system();

    private Builder() {}

    /** See {@link Hedge#after}; in place of {@link #slowerThan}. */
    public Builder after(Duration delay) {
      this.delay = Checks.positive("delay", delay);
      return this;
    }

    /** See {@link Hedge#slowerThan}, 0.95 unless said; in place of {@link #after}. */
    public Builder slowerThan(double share) {
      this.slowerThan = Checks.share("slowerThan", share);
      this.delay = null;
      return this;
    }

    /**
     * How large a share of the calls is hedged at most, {@value #DEFAULT_SHARE} unless said; five
     * in a row at most besides.
     */
    public Builder share(double share) {
      this.share = Checks.share("share", share);
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public Hedge build() {
      return new Hedge(this);
    }
  }
}
