package dev.agentops.guard;

import dev.agentops.AgentCall;
import dev.agentops.Attributes;
import dev.agentops.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The kill switches that are thrown. Thread-safe; a look-up while there is none takes no lock. */
final class KillSwitches {

  /** How many can be thrown at once: {@value}. */
  static final int MAXIMUM = 1_000;

  private final Clock clock;
  private final GuardCounters counters;
  private final Predicate<String> isGoingOn;
  private final Map<KillTarget, Kill> thrown = new LinkedHashMap<>(); // guarded by this
  private volatile boolean any;

  /**
   * As told.
   *
   * @param isGoingOn whether there is a run of this id
   */
  KillSwitches(Clock clock, GuardCounters counters, Predicate<String> isGoingOn) {
    this.clock = clock;
    this.counters = counters;
    this.isGoingOn = isGoingOn;
  }

  /**
   * Makes room for a switch, by taking back the oldest one of a run that is not known, if there are
   * too many; that of everybody always has room.
   *
   * @return what was taken back; null for nothing
   * @throws IllegalStateException if there is no room
   */
  synchronized @Nullable KillTarget makeRoom(KillTarget target) {
    dropExpired();
    if (thrown.size() < MAXIMUM || thrown.containsKey(target) || target.equals(KillTarget.all())) {
      return null;
    }
    for (KillTarget each : thrown.keySet()) {
      if (each.kind() == KillTarget.Kind.RUN && !isGoingOn.test(each.value())) {
        thrown.remove(each);
        return each;
      }
    }
    throw new IllegalStateException("no more than " + MAXIMUM + " kills at once: " + target);
  }

  /**
   * Throws a switch, in place of an earlier one of the same target.
   *
   * @param timeToLive null for until it is taken back
   */
  synchronized Kill kill(KillTarget target, String reason, @Nullable Duration timeToLive) {
    Kill kill =
        new Kill(
            target,
            reason,
            clock.now(),
            timeToLive == null ? null : clock.now().plusNanos(Clock.nanos(timeToLive)),
            timeToLive == null ? 0 : clock.nanoTime() + Clock.nanos(timeToLive));
    thrown.remove(target);
    thrown.put(target, kill);
    any = true;
    return kill;
  }

  synchronized boolean revive(KillTarget target) {
    dropExpired();
    boolean was = thrown.remove(target) != null;
    any = !thrown.isEmpty();
    return was;
  }

  synchronized List<Kill> all() {
    dropExpired();
    return List.copyOf(thrown.values());
  }

  /**
   * Refuses a call that falls under a switch.
   *
   * @param place in a run; null outside
   * @param attributes of the call
   * @param agent whose call it is; null where that is not known
   * @throws RunKilledException if it does
   */
  void refuse(@Nullable Place place, Attributes attributes, @Nullable AgentCall agent) {
    Kill kill = find(place, attributes, agent);
    if (kill != null) {
      counters.refusedByKill.increment();
      throw refusal(kill, place);
    }
  }

  /** As above, for an agent that is about to begin a run. */
  void refuse(String agent, Attributes attributes) {
    refuse(null, attributes, null);
    Kill kill = any ? get(KillTarget.agent(agent)) : null;
    if (kill != null) {
      counters.refusedByKill.increment();
      throw refusal(kill, null);
    }
  }

  /** What a caller gets to whom this happens, and a note in the account of the run. */
  RunKilledException refusal(Kill kill, @Nullable Place place) {
    if (place != null) {
      place.account().killed(kill);
    }
    return new RunKilledException(kill, remaining(kill));
  }

  /**
   * A switch that a call falls under, or null.
   *
   * @param place in a run; null outside
   * @param attributes of the call
   * @param agent whose call it is; null where that is not known
   */
  @Nullable Kill find(@Nullable Place place, Attributes attributes, @Nullable AgentCall agent) {
    if (!any) {
      return null;
    }
    List<KillTarget> targets = new ArrayList<>();
    targets.add(KillTarget.all());
    addOwners(targets, attributes);
    if (agent != null) {
      targets.add(KillTarget.agent(agent.agentName()));
      targets.add(KillTarget.run(agent.runId()));
    }
    if (place != null) {
      targets.add(KillTarget.run(place.account().runId()));
      addOwners(targets, place.account().attributes());
    }
    for (Place each = place; each != null; each = each.outer()) {
      targets.add(KillTarget.agent(each.agent()));
    }
    for (KillTarget target : targets) {
      Kill kill = get(target);
      if (kill != null) {
        return kill;
      }
    }
    return null;
  }

  /** How long a switch stays; null where that is until it is taken back. */
  private @Nullable Duration remaining(Kill kill) {
    return kill.until().isEmpty()
        ? null
        : Duration.ofNanos(Math.max(1, kill.untilNanos - clock.nanoTime()));
  }

  private synchronized @Nullable Kill get(KillTarget target) {
    Kill kill = thrown.get(target);
    return kill == null || isOver(kill) ? null : kill;
  }

  private static void addOwners(List<KillTarget> targets, Attributes attributes) {
    add(targets, attributes.text(Attributes.USER_ID), KillTarget::user);
    add(targets, attributes.text(Attributes.TENANT), KillTarget::tenant);
    add(targets, attributes.text(Attributes.AGENT_NAME), KillTarget::agent);
  }

  private static void add(
      List<KillTarget> targets, @Nullable String name, Function<String, KillTarget> target) {
    if (name != null && !name.isBlank()) {
      targets.add(target.apply(name));
    }
  }

  private boolean isOver(Kill kill) {
    return kill.until().isPresent() && kill.untilNanos - clock.nanoTime() <= 0;
  }

  private void dropExpired() {
    thrown.values().removeIf(this::isOver);
    any = !thrown.isEmpty();
  }
}
