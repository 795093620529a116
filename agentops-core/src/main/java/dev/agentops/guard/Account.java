package dev.agentops.guard;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Cost;
import dev.agentops.event.RunGuardEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one run has spent and may spend; also an agent inside of it that has limits of its own has
 * an account, and what it spends counts in the accounts around it. Thread-safe: one lock for all
 * accounts of a run, so that a call is taken into all of them or none.
 */
final class Account {

  /** Below so many tokens a minute no velocity is too high. */
  static final long VELOCITY_FLOOR = 10_000;

  private final Object lock;
  private final String runId;
  private final String agent;
  private final RunLimits limits;
  private final @Nullable Account outer;
  private final Attributes attributes;
  private final Clock clock;
  private final VelocityNorms norms;
  private final Instant startTime;
  private final long startNanos;

  // all guarded by the lock
  private final MinuteWindow minute;
  private final Notices notices;
  private long modelCalls;
  private long toolCalls;
  private long tokens;
  private long pendingTokens;
  private Cost cost = Cost.ZERO;
  private long lastNanos;
  private int underWay;
  private boolean dispensable;
  private @Nullable Reading stop;
  private @Nullable RunSpending spentAtStop;

  Account(
      String runId,
      String agent,
      RunLimits limits,
      @Nullable Account outer,
      Attributes attributes,
      Clock clock,
      VelocityNorms norms) {
    this.lock = outer == null ? new Object() : outer.lock;
    this.runId = runId;
    this.agent = agent;
    this.limits = limits;
    this.outer = outer;
    this.attributes = attributes;
    this.clock = clock;
    this.norms = norms;
    this.startTime = clock.now();
    this.startNanos = clock.nanoTime();
    this.lastNanos = startNanos;
    this.minute = new MinuteWindow(startNanos);
    this.notices = new Notices(runId, agent, clock);
  }

  String runId() {
    return runId;
  }

  String agent() {
    return agent;
  }

  RunLimits limits() {
    return limits;
  }

  @Nullable Account outer() {
    return outer;
  }

  /** Those of the scopes in which the run began. */
  Attributes attributes() {
    return attributes;
  }

  Instant startTime() {
    return startTime;
  }

  /** Whether a call must be estimated for this account or one around it. */
  boolean limitsTokens() {
    return limits.maxTokens() > 0
        || limits.maxTokenVelocity() > 0
        || (outer != null && outer.limitsTokens());
  }

  /** Whether this account or one around it looks at answers. */
  boolean limitsStalledAnswers() {
    return limits.maxStalledAnswers() > 0 || (outer != null && outer.limitsStalledAnswers());
  }

  /**
   * Takes a call of a provider that is about to begin into all accounts.
   *
   * @param calls 1 for a chat model, 0 for another
   * @param canDoWithout whether the run goes on without the call, which is then only refused
   * @throws RunLimitExceededException if one of them has no room, which stops it
   */
  void beginCall(Place place, int calls, long estimatedTokens, boolean canDoWithout) {
    synchronized (lock) {
      try {
        for (Account each = this; each != null; each = each.outer) {
          each.dispensable = canDoWithout;
          each.check(calls, 0, estimatedTokens);
        }
        for (Loops each : place.loops()) {
          each.account.checkAnswers(each.answers);
        }
      } finally {
        for (Account each = this; each != null; each = each.outer) {
          each.dispensable = false;
        }
      }
      for (Account each = this; each != null; each = each.outer) {
        each.modelCalls += calls;
        each.pendingTokens += estimatedTokens;
        each.underWay++;
      }
    }
  }

  /**
   * A call has ended.
   *
   * @param takenBack how many calls of chat models never reached their model
   */
  void endCall(int takenBack, long estimatedTokens, long usedTokens, Cost usedCost) {
    synchronized (lock) {
      for (Account each = this; each != null; each = each.outer) {
        each.modelCalls -= takenBack;
        each.pendingTokens -= estimatedTokens;
        each.underWay--;
        each.lastNanos = clock.nanoTime();
        each.tokens += usedTokens;
        each.cost = each.cost.plus(usedCost);
        each.minute.add(each.lastNanos, usedTokens);
        if (each.stop == null) {
          each.warnOfSpending();
        }
      }
    }
  }

  /** A model has answered. */
  void answered(Place place, AnswerStep step) {
    synchronized (lock) {
      for (Loops each : place.loops()) {
        if (!step.polls(each.account.limits)) {
          each.answers.add(step.hash());
        }
      }
    }
  }

  /**
   * Takes a tool that is about to run into all accounts.
   *
   * @param fingerprint of the tool and its arguments
   * @throws RunLimitExceededException if one of them has no room, which stops it
   */
  void beginTool(Place place, String tool, long fingerprint) {
    synchronized (lock) {
      for (Account each = this; each != null; each = each.outer) {
        each.check(0, 1, 0);
      }
      for (Loops each : place.loops()) {
        if (!each.account.limits.isPolling(tool)) {
          each.tools.add(fingerprint);
          each.account.checkTools(each.tools, tool);
        }
      }
      for (Account each = this; each != null; each = each.outer) {
        each.toolCalls++;
        each.lastNanos = clock.nanoTime();
      }
    }
  }

  /** A tool that was to run did not. */
  void takeBackTool() {
    synchronized (lock) {
      for (Account each = this; each != null; each = each.outer) {
        each.toolCalls--;
      }
    }
  }

  /**
   * An agent is about to begin here; for each account its depth counts from that account's agent.
   *
   * @throws RunLimitExceededException if that is too deep, which stops the account
   */
  void beginAgent(Place place) {
    synchronized (lock) {
      for (Place each = place; each != null; each = each.outer()) {
        if (each.opensAccount()) {
          each.account().check(0, 0, 0);
          each.account().checkDepth(place.depthIn(each));
        }
      }
    }
  }

  /**
   * A call that was taken in is about to be made.
   *
   * @throws RunLimitExceededException if one of the accounts was stopped since
   */
  void refuseStopped() {
    synchronized (lock) {
      for (Account each = this; each != null; each = each.outer) {
        if (each.stop != null) {
          throw each.refusal(each.stop);
        }
      }
    }
  }

  /** The time of the run is over, whether or not it calls anything. */
  void timeUp() {
    synchronized (lock) {
      Duration longest = limits.maxDuration();
      if (stop == null && longest != null) {
        markStopped(Reading.duration(longest, elapsed()));
      }
    }
  }

  /** The refusal of a call that was under way when the account was stopped. */
  RunLimitExceededException refusal() {
    synchronized (lock) {
      return refusal(Objects.requireNonNull(stop, "not stopped"));
    }
  }

  boolean isStopped() {
    synchronized (lock) {
      return stop != null || (outer != null && outer.isStopped());
    }
  }

  /** The limit that stopped it; null for none. */
  @Nullable RunBound stoppedBy() {
    synchronized (lock) {
      return stop == null ? null : stop.bound();
    }
  }

  RunSpending spending() {
    synchronized (lock) {
      return new RunSpending(modelCalls, toolCalls, tokens, cost, elapsed());
    }
  }

  /** The most tokens that a minute of the run has had. */
  long busiestMinute() {
    synchronized (lock) {
      return minute.peak();
    }
  }

  /** How long nothing has begun or ended; zero while a call is under way. */
  Duration idle() {
    synchronized (lock) {
      return underWay > 0 ? Duration.ZERO : Duration.ofNanos(clock.nanoTime() - lastNanos);
    }
  }

  /** A call was refused by this switch, which is told once. */
  void killed(Kill kill) {
    synchronized (lock) {
      notices.add(kill, spending());
    }
  }

  /** What has happened and was not told yet, in this account and those around it. */
  List<RunGuardEvent.Builder> takeNotices() {
    synchronized (lock) {
      List<RunGuardEvent.Builder> taken = new ArrayList<>();
      for (Account each = this; each != null; each = each.outer) {
        each.notices.moveTo(taken);
      }
      return taken;
    }
  }

  /** Checks all that does not depend on the place, as it would be with one call more. */
  private void check(int moreModelCalls, int moreToolCalls, long moreTokens) {
    if (stop != null) {
      throw refusal(stop);
    }
    checkCount(RunBound.MODEL_CALLS, limits.maxModelCalls(), modelCalls, moreModelCalls, "model");
    checkCount(RunBound.TOOL_CALLS, limits.maxToolCalls(), toolCalls, moreToolCalls, "tool");
    long most = limits.maxTokens();
    long coming = pendingTokens + moreTokens;
    if (most > 0 && tokens + coming > most) {
      stop(Reading.tokens(most, tokens, coming));
    }
    Cost mostCost = limits.maxCost();
    if (mostCost != null && cost.compareTo(mostCost) >= 0) {
      stop(Reading.cost(mostCost, cost));
    }
    Duration longest = limits.maxDuration();
    if (longest != null) {
      Duration elapsed = elapsed();
      measure(
          RunBound.DURATION,
          elapsed.compareTo(longest) >= 0,
          Reading.share(longest, elapsed),
          () -> Reading.duration(longest, elapsed));
    }
    checkVelocity(coming);
  }

  private void checkCount(RunBound bound, long most, long used, int more, String what) {
    if (most > 0 && more > 0) {
      boolean exceeded = used + more > most;
      if (used == 0 && !exceeded) {
        return; // the first is nothing to warn of, also where it is the only one
      }
      long shown = exceeded ? used : used + more; // the call that is refused was not made
      measure(
          bound,
          exceeded,
          (double) (used + more) / most,
          () -> Reading.calls(bound, most, shown, what));
    }
  }

  private void checkVelocity(long coming) {
    double factor = limits.maxTokenVelocity();
    long norm = factor > 0 ? norms.norm(agent) : 0;
    if (norm > 0) {
      long now = minute.sum(clock.nanoTime()) + coming;
      double most = Math.max(factor * norm, VELOCITY_FLOOR);
      measure(
          RunBound.TOKEN_VELOCITY,
          now > most,
          now / most,
          () -> Reading.velocity(factor, norm, (long) most, now));
    }
  }

  private void checkDepth(int depth) {
    int most = limits.maxDepth();
    if (most > 0 && depth > most) {
      stop(Reading.depth(most, depth));
    }
  }

  private void checkTools(Repetition tools, String tool) {
    int identical = tools.identical();
    int most = limits.maxIdenticalToolCalls();
    checkTimes(
        RunBound.IDENTICAL_TOOL_CALLS,
        most,
        identical,
        () -> Reading.identical(most, identical, tool));
    int cycles = tools.cycles();
    int mostCycles = limits.maxRepeatedCycles();
    checkTimes(
        RunBound.REPEATED_CYCLES,
        mostCycles,
        cycles,
        () -> Reading.cycles(mostCycles, cycles, tools.cycleLength()));
  }

  private void checkAnswers(Stalling answers) {
    int stalled = answers.stalled();
    int most = limits.maxStalledAnswers();
    // with the answer that is to come
    checkTimes(RunBound.STALLED_ANSWERS, most, stalled + 1, () -> Reading.stalled(most, stalled));
  }

  private void checkTimes(RunBound bound, int most, int times, Supplier<Reading> reading) {
    if (most > 0 && times > 1) { // once is no repetition
      measure(bound, times > most, (double) times / most, reading);
    }
  }

  /** Tokens and cost are known after a call. */
  private void warnOfSpending() {
    long most = limits.maxTokens();
    if (most > 0) {
      measure(
          RunBound.TOKENS,
          false,
          (double) tokens / most,
          () -> Reading.tokens(most, tokens, pendingTokens));
    }
    Cost mostCost = limits.maxCost();
    if (mostCost != null) {
      measure(
          RunBound.COST, false, Reading.share(mostCost, cost), () -> Reading.cost(mostCost, cost));
    }
  }

  private void measure(RunBound bound, boolean exceeded, double share, Supplier<Reading> reading) {
    if (exceeded) {
      stop(reading.get());
    }
    if (share >= limits.warnAt() && notices.isFirstWarning(bound)) {
      notices.add(RunGuardEvent.Type.WARNED, reading.get());
    }
  }

  private void stop(Reading reading) {
    if (!dispensable) {
      markStopped(reading);
    }
    throw refusal(reading);
  }

  private void markStopped(Reading reading) {
    stop = reading;
    spentAtStop = spending();
    notices.add(RunGuardEvent.Type.STOPPED, reading);
  }

  private RunLimitExceededException refusal(Reading reading) {
    RunSpending spent = spentAtStop == null ? spending() : spentAtStop;
    return new RunLimitExceededException(runId, agent, reading, spent);
  }

  private Duration elapsed() {
    return Duration.ofNanos(clock.nanoTime() - startNanos);
  }
}
