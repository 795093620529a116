package dev.agentops.resilience;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.event.ResilienceEvent;
import dev.agentops.http.ProviderLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The state of a {@link LoadBalancer} over some models. */
final class Balance implements Policy {

  private final LoadBalancer config;
  private final Clock clock;
  private final List<Deployment> deployments = new ArrayList<>();

  /** Where to begin to look, so that equals take turns. */
  private final AtomicInteger turn = new AtomicInteger();

  private final Object choosing = new Object();

  Balance(LoadBalancer config, int targets) {
    this.config = config;
    this.clock = config.clock();
    for (int target = 0; target < targets; target++) {
      deployments.add(new Deployment(config.weight(target), clock.nanoTime()));
    }
  }

  @Override
  public Course begin(Caller caller) {
    return new Attempts(caller);
  }

  @Override
  public Clock clock() {
    return clock;
  }

  /** The best that is ready and was not asked, which has begun then; -1 for none. */
  private int choose(BitSet asked) {
    long now = clock.nanoTime();
    synchronized (choosing) {
      List<Integer> ready = new ArrayList<>();
      int first = turn.getAndIncrement();
      for (int i = 0; i < deployments.size(); i++) {
        int target = Math.floorMod(first + i, deployments.size());
        if (!asked.get(target) && awayNanos(target, now) <= 0) {
          ready.add(target);
        }
      }
      int chosen = ready.isEmpty() ? -1 : best(ready, now);
      if (chosen >= 0) {
        deployments.get(chosen).begin();
      }
      return chosen;
    }
  }

  private int best(List<Integer> ready, long now) {
    int best = ready.get(0);
    if (config.choice() == LoadBalancer.Choice.ROUND_ROBIN) {
      return nextInTurn(ready);
    }
    for (int target : ready) {
      if (score(target, now) > score(best, now)) {
        best = target;
      }
    }
    return best;
  }

  private double score(int target, long now) {
    Deployment deployment = deployments.get(target);
    return config.choice() == LoadBalancer.Choice.MOST_LEFT
        ? deployment.room(now)
        : 1 / deployment.load();
  }

  /** Smooth weighted round robin, as nginx does it. */
  private int nextInTurn(List<Integer> ready) {
    int best = -1;
    long most = Long.MIN_VALUE;
    long sum = 0;
    for (int target : ready) {
      int weight = deployments.get(target).weight();
      sum += weight;
      long credit = deployments.get(target).credit(weight);
      if (credit > most) {
        most = credit;
        best = target;
      }
    }
    long unused = deployments.get(best).credit(-sum);
    return best;
  }

  private long awayNanos(int target, long now) {
    return Math.max(deployments.get(target).awayNanos(now), Clock.nanos(config.readyIn(target)));
  }

  /** The one that is back first. */
  private int soonest(long now) {
    int soonest = 0;
    for (int target = 1; target < deployments.size(); target++) {
      if (awayNanos(target, now) < awayNanos(soonest, now)) {
        soonest = target;
      }
    }
    return soonest;
  }

  /** The attempts of one call. */
  private final class Attempts implements Course {

    private final Caller caller;
    private final BitSet asked = new BitSet();
    private int current;

    Attempts(Caller caller) {
      this.caller = caller;
    }

    @Override
    public @Nullable Step next(@Nullable Failure failure) {
      if (failure == null) {
        return first();
      }
      deployments.get(current).end();
      judge(failure);
      boolean another =
          (failure.kind().isFailureOfModel() || failure.kind() == ErrorKind.REFUSED)
              && failure.mayRepeat()
              && !caller.isTooLate(Duration.ZERO);
      int chosen = another ? choose(asked) : -1;
      return chosen < 0 ? null : ask(chosen, Duration.ZERO);
    }

    @Override
    public void answered(Answered answer) {
      deployments.get(current).end();
      observe(ProviderSignals.limits(answer.attempt(), null));
    }

    @Override
    public void cancelled() {
      deployments.get(current).end();
    }

    private Step first() {
      int chosen = choose(asked);
      if (chosen >= 0) {
        return ask(chosen, Duration.ZERO);
      }
      long now = clock.nanoTime();
      int soonest = soonest(now);
      Duration wait = Duration.ofNanos(Math.max(0, awayNanos(soonest, now)));
      if (wait.compareTo(config.maxWait()) > 0 || caller.isTooLate(wait)) {
        throw new NoTargetAvailableException(deployments.size(), wait);
      }
      deployments.get(soonest).begin();
      return ask(soonest, wait);
    }

    private Step ask(int target, Duration delay) {
      current = target;
      asked.set(target);
      return new Step(target, delay, Attributes.empty());
    }

    private void judge(Failure failure) {
      ProviderLimits limits = failure.limits();
      observe(limits);
      Duration away = awayAfter(failure, limits);
      if (away != null) {
        deployments.get(current).setAside(clock.nanoTime(), away);
        caller.publish(
            current,
            ResilienceEvent.builder(ResilienceEvent.Type.SET_ASIDE, caller.nameOf(current))
                .reason(failure.kind().label())
                .delay(away),
            Balance.this);
      }
    }

    /** For how long it gets no calls; null where the failure does not speak against that. */
    private @Nullable Duration awayAfter(Failure failure, ProviderLimits limits) {
      if (failure.kind() == ErrorKind.REFUSED) { // by a limit of its own, perhaps
        return Failure.isFinal(failure.error()) ? null : failure.retryAfter();
      }
      return failure.kind().isFailureOfModel() && failure.kind() != ErrorKind.TIMEOUT
          ? limits.retryAfter().orElse(config.setAside())
          : null;
    }

    private void observe(ProviderLimits limits) {
      deployments.get(current).observe(limits, clock.nanoTime());
    }
  }
}
