package dev.agentops.guard;

import dev.agentops.AgentCall;
import dev.agentops.Attributes;
import dev.agentops.Call;
import dev.agentops.CallRejectedException;
import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.FaultLog;
import dev.agentops.Key;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.OpsEventListener;
import dev.agentops.event.RunGuardEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops runs of agents that pass their limits, and what somebody kills.
 *
 * <pre>{@code
 * RunGuard guard = RunGuard.builder()
 *     .limits(RunLimits.standard())
 *     .limits("researcher", RunLimits.builder().maxModelCalls(20).maxCost(Cost.usd("0.50")).build())
 *     .build();
 * AgentOps ops = AgentOps.with(GuardInterceptor.of(guard), ...).build();
 * }</pre>
 *
 * <p>A run is one call of an agent that {@code AgentOps.aiServices} built, with the agents inside
 * of it; or what happens inside {@link #run}. What several agents of a run spend is added up; an
 * agent inside for which limits are given by name has to keep these besides. A run that a limit has
 * stopped stays stopped: each further call of a model or tool is refused with a {@link
 * RunLimitExceededException}. LangChain4j tells the model of a refused tool and goes on, until its
 * next call of the model is refused.
 *
 * <p>For calls outside of any run there are the kill switches only. Thread-safe; holds no
 * resources.
 */
public final class RunGuard {

  private static final Logger log = LoggerFactory.getLogger(RunGuard.class);
  private static final Duration GRACE = Duration.ofMillis(100);

  private final Accounts accounts;
  private final boolean tracesAreRuns;
  private final Clock clock;
  private final GuardNews news;
  private final Runs runs;
  private final KillSwitches switches;
  private final ToolCircuits circuits;
  private final CallsUnderWay underWay;
  private final GuardCounters counters = new GuardCounters();
  private final AtomicBoolean closedElsewhere = new AtomicBoolean();
  private final Key<Place> here = Key.of("place in a guarded run");

  private RunGuard(Builder from) {
    accounts = new Accounts(from.limits, from.limitsOf, from.clock, counters);
    tracesAreRuns = from.tracesAreRuns;
    clock = from.clock;
    FaultLog faults = new FaultLog(RunGuard.class, clock);
    news =
        new GuardNews(OpsEventListener.all(List.copyOf(from.listeners), faults), counters, clock);
    runs = new Runs(from.maximumRuns);
    switches = new KillSwitches(clock, counters, id -> runs.find(id) != null);
    circuits = new ToolCircuits(from.toolBreaker, from.toolBreakers, clock);
    underWay = new CallsUnderWay(counters, faults);
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Begins a run of an agent whose loop is written by hand, or, inside of a run, an agent of that.
   *
   * @param agent its name
   * @throws RunKilledException if somebody has killed the agent, user or tenant
   * @throws RunLimitExceededException inside of a run that is stopped, or too deep
   */
  public Run run(String agent) {
    if (agent.isBlank()) {
      throw new IllegalArgumentException("the agent's name must not be blank: '" + agent + "'");
    }
    Context around = Context.current();
    Opening opening =
        begin(
            notLeft(around.get(here)),
            agent,
            UUID.randomUUID().toString(),
            around.attributes(),
            null);
    Context inside = around.with(here, opening.place());
    Deadline deadline = deadline(opening);
    return new Run(this, opening, (deadline == null ? inside : deadline.in(inside)).makeCurrent());
  }

  /**
   * Throws a kill switch: calls that fall under it are refused with a {@link RunKilledException}
   * until it is taken back, and those under way are broken off, as far as their clients allow that.
   * Their callers are told on threads of their own: this does not wait for them. That of a run is
   * taken back when the run ends.
   *
   * @param reason for those who are refused; may be empty
   * @throws IllegalStateException if 1,000 are thrown already, none of them for a run that is not
   *     going on, which would make room; never for {@link KillTarget#all()}
   */
  public Kill kill(KillTarget target, String reason) {
    return kill(target, reason, null);
  }

  /**
   * As {@link #kill(KillTarget, String)}, for a while.
   *
   * @param timeToLive after which it takes itself back; null for never
   */
  public Kill kill(KillTarget target, String reason, @Nullable Duration timeToLive) {
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(reason, "reason");
    if (timeToLive != null && (timeToLive.isZero() || timeToLive.isNegative())) {
      throw new IllegalArgumentException("timeToLive must be positive: " + timeToLive);
    }
    KillTarget dropped = switches.makeRoom(target);
    Kill kill = switches.kill(target, reason, timeToLive);
    underWay.breakOff(
        (call, place) -> {
          Kill mine = switches.find(place, call.attributes(), call.agent());
          return mine == null ? null : switches.refusal(mine, place);
        });
    if (dropped != null) {
      news.tell(RunGuardEvent.Type.REVIVED, dropped, "made room for that of " + target);
    }
    news.tell(RunGuardEvent.Type.KILLED, target, reason);
    return kill;
  }

  /** Takes a kill switch back; false where it was not thrown. */
  public boolean revive(KillTarget target) {
    boolean was = switches.revive(Objects.requireNonNull(target, "target"));
    if (was) {
      news.tell(RunGuardEvent.Type.REVIVED, target, "");
    }
    return was;
  }

  /** The kill switches that are thrown, the oldest first. */
  public List<Kill> killed() {
    return switches.all();
  }

  /** The runs that are going on, the oldest first, mostly. */
  public List<RunStatus> runs() {
    return runs.all().stream()
        .map(
            run ->
                new RunStatus(run.account(), switches.find(run, run.account().attributes(), null)))
        .toList();
  }

  /** The tools that are withdrawn, each with when it is tried again. */
  public Map<String, Instant> withdrawnTools() {
    return circuits.open();
  }

  public RunGuardStats stats() {
    return new RunGuardStats(counters, runs.all().size(), runs.forgotten());
  }

  KillSwitches switches() {
    return switches;
  }

  ToolCircuits circuits() {
    return circuits;
  }

  CallsUnderWay underWay() {
    return underWay;
  }

  GuardNews news() {
    return news;
  }

  /** Says once in the log that a run was closed where it was not opened. */
  void closedElsewhere(Place place) {
    if (closedElsewhere.compareAndSet(false, true)) {
      log.warn(
          "the run {} of the agent '{}' was not closed on the thread that opened it; calls of that"
              + " thread no longer count in it, but its deadline stays there; others will be"
              + " closed so without a word",
          place.account().runId(),
          place.agent());
    }
  }

  GuardCounters counters() {
    return counters;
  }

  Key<Place> here() {
    return here;
  }

  /** Where in which run a call is made; null outside of all. */
  @Nullable Place place(Call call) {
    Place place = notLeft(call.callerContext().get(here));
    if (place != null) {
      return place;
    }
    AgentCall agent = call.agent(); // of an AgentOps without this guard
    String runId = agent != null ? agent.runId() : tracesAreRuns ? call.traceId() : null;
    return runId == null ? null : known(call, agent, runId);
  }

  /** The place, or that around it of a run that was not closed on another thread meanwhile. */
  @Nullable Place notLeft(@Nullable Place place) {
    Place found = place;
    while (found != null && found.isLeftHere()) {
      found = found.outer();
    }
    return found;
  }

  private Place known(Call call, @Nullable AgentCall agent, String runId) {
    Place known = runs.find(runId);
    if (known != null) {
      return known;
    }
    Place begun = runs.getOrAdd(runId, () -> accounts.newRun(call, runId));
    if (agent != null) {
      Opening opening = new Opening(begun, null, new AtomicBoolean());
      outermost(agent).whenEnded(() -> end(opening, false, event -> {}));
    }
    return begun;
  }

  private static AgentCall outermost(AgentCall agent) {
    AgentCall found = agent;
    for (AgentCall outer = found.agent(); outer != null; outer = found.agent()) {
      found = outer;
    }
    return found;
  }

  /**
   * Begins an agent.
   *
   * @param around where the agent is called; null for a run of its own
   * @param runId of a run of its own
   * @param publish null to leave what is to be told to the next call
   */
  Opening begin(
      @Nullable Place around,
      String agent,
      String runId,
      Attributes attributes,
      @Nullable Consumer<OpsEvent> publish) {
    Place place;
    if (around == null) {
      switches.refuse(agent, attributes);
      place = accounts.newRun(agent, runId, attributes);
      runs.add(place);
    } else {
      place = accounts.inside(agent, around);
      try {
        switches.refuse(place, attributes, null);
        refuseExceeded(() -> place.account().beginAgent(place));
      } finally {
        if (publish != null) {
          news.tell(place.account(), attributes, publish);
        }
      }
    }
    Duration time = place.opensAccount() ? place.account().limits().maxDuration() : null;
    Clock.Timer timer = time == null ? null : clock.schedule(time, () -> timeUp(place.account()));
    return new Opening(place, timer, new AtomicBoolean());
  }

  /**
   * The deadline of what an agent does; null where it has none of its own. A moment after its time,
   * so that the caller of what is broken off is told of the limit.
   */
  @Nullable Deadline deadline(Opening opening) {
    Place place = opening.place();
    Duration time = place.account().limits().maxDuration();
    return time == null || !place.opensAccount()
        ? null
        : Deadline.after(Duration.ofNanos(Clock.nanos(time)).plus(GRACE), clock);
  }

  /**
   * Ends an agent.
   *
   * @param well whether it ended as it should, so that others are measured by it
   */
  void end(Opening opening, boolean well, Consumer<OpsEvent> publish) {
    if (!opening.ended().compareAndSet(false, true)) {
      return;
    }
    Clock.Timer timer = opening.timer();
    if (timer != null) {
      timer.cancel();
    }
    Place place = opening.place();
    Account account = place.account();
    news.tell(account, account.attributes(), publish);
    if (place.opensAccount() && well && !account.isStopped()) {
      accounts.learn(account);
    }
    if (place.outer() == null) {
      runs.remove(account.runId());
      KillTarget itself = KillTarget.run(account.runId());
      if (switches.revive(itself)) {
        news.tell(RunGuardEvent.Type.REVIVED, itself, "the run has ended");
      }
    }
  }

  /**
   * Takes something into an account.
   *
   * @throws RunLimitExceededException as that does
   */
  void refuseExceeded(Runnable account) {
    try {
      account.run();
    } catch (CallRejectedException e) {
      counters.refusedByLimit.increment();
      throw e;
    }
  }

  private void timeUp(Account account) {
    account.timeUp();
    underWay.breakOff(
        (call, place) -> place != null && place.countsIn(account) ? account.refusal() : null);
  }

  /** Configures a {@link RunGuard}. Not thread-safe. */
  public static final class Builder {

    /** {@value}: how many runs are remembered at once. */
    public static final int DEFAULT_MAXIMUM_RUNS = 10_000;

    private RunLimits limits = RunLimits.standard();
    private final Map<String, RunLimits> limitsOf = new HashMap<>();
    private @Nullable ToolBreaker toolBreaker;
    private final Map<String, ToolBreaker> toolBreakers = new HashMap<>();
    private final List<OpsEventListener> listeners = new ArrayList<>();
    private boolean tracesAreRuns;
    private int maximumRuns = DEFAULT_MAXIMUM_RUNS;
    private Clock clock = Clock.system();

    private Builder() {}

    /** The limits of every run; {@link RunLimits#standard()} unless said. */
    public Builder limits(RunLimits limits) {
      this.limits = Objects.requireNonNull(limits, "limits");
      return this;
    }

    /**
     * The limits of an agent, in place of those of every run where its run is the outermost, and
     * besides those of the run where it is inside of one.
     */
    public Builder limits(String agent, RunLimits limits) {
      if (agent.isBlank()) {
        throw new IllegalArgumentException("the agent's name must not be blank: '" + agent + "'");
      }
      limitsOf.put(agent, Objects.requireNonNull(limits, "limits"));
      return this;
    }

    /** Withdraws tools that keep failing, for all runs together; no tool unless said. */
    public Builder toolBreaker(ToolBreaker breaker) {
      this.toolBreaker = Objects.requireNonNull(breaker, "breaker");
      return this;
    }

    /** As {@link #toolBreaker(ToolBreaker)}, for one tool, in place of the rule of all. */
    public Builder toolBreaker(String tool, ToolBreaker breaker) {
      if (tool.isBlank()) {
        throw new IllegalArgumentException("the tool's name must not be blank: '" + tool + "'");
      }
      toolBreakers.put(tool, Objects.requireNonNull(breaker, "breaker"));
      return this;
    }

    /**
     * Makes each trace a run, where the interceptor stands inside of one that traces, and nothing
     * else tells of a run: for agentic systems that are traced as a whole. A trace around a long
     * job of many tasks would be one run, too; so this is off unless said. Nobody says when such a
     * run is over: its time is looked at when it calls something, and it is forgotten after an hour
     * without a call.
     */
    public Builder tracesAreRuns() {
      this.tracesAreRuns = true;
      return this;
    }

    /**
     * Adds a listener that is told of all that the guard does. Those of the {@code AgentOps} are
     * told of what happens at their calls anyway, but not of kill switches as they are thrown.
     */
    public Builder listener(OpsEventListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /**
     * How many runs are remembered at once, for {@link RunGuard#runs()} and those without a context
     * of their own; {@value #DEFAULT_MAXIMUM_RUNS} unless said. Beyond, the oldest are forgotten,
     * which {@link RunGuardStats#forgottenRuns()} counts.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder maximumRuns(int runs) {
      if (runs <= 0) {
        throw new IllegalArgumentException("maximumRuns must be positive: " + runs);
      }
      this.maximumRuns = runs;
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public RunGuard build() {
      return new RunGuard(this);
    }
  }
}
