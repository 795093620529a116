package dev.agentops.guard;

import dev.agentops.Clock;
import dev.agentops.event.RunGuardEvent;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is to be told of an account, until somebody can tell it. Bounded, as each limit warns and
 * stops once. Not thread-safe.
 */
final class Notices {

  private final String runId;
  private final String agent;
  private final Clock clock;
  private final Set<RunBound> warned = EnumSet.noneOf(RunBound.class);
  private final List<RunGuardEvent.Builder> untold = new ArrayList<>();
  private @Nullable Kill toldKill;

  Notices(String runId, String agent, Clock clock) {
    this.runId = runId;
    this.agent = agent;
    this.clock = clock;
  }

  /** Whether a limit has not warned yet; it is taken to have done so now. */
  boolean isFirstWarning(RunBound bound) {
    return warned.add(bound);
  }

  void add(RunGuardEvent.Type type, Reading reading) {
    untold.add(
        notice(type)
            .limit(reading.bound().limitName())
            .allowed(reading.allowed())
            .spent(reading.used())
            .detail(reading.detail()));
  }

  /** That a switch has refused a call, once for each switch. */
  void add(Kill kill, RunSpending spent) {
    if (toldKill != kill) {
      toldKill = kill;
      untold.add(
          notice(RunGuardEvent.Type.KILLED)
              .target(kill.target().toString())
              .spent(spent.toString())
              .detail(kill.reason()));
    }
  }

  void moveTo(List<RunGuardEvent.Builder> others) {
    others.addAll(untold);
    untold.clear();
  }

  private RunGuardEvent.Builder notice(RunGuardEvent.Type type) {
    return RunGuardEvent.builder().timestamp(clock.now()).type(type).runId(runId).agent(agent);
  }
}
