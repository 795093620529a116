package dev.agentops.cache;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import dev.agentops.Scope;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests by at most one load of a key at a time, in this process and, where a store
 * leases keys, in all of them. Thread-safe.
 */
final class Loads<V> {

  private static final Duration FIRST_POLL = Duration.ofMillis(50);
  private static final Duration LONGEST_POLL = Duration.ofMillis(250);

  /** How long a loader that failed is left alone where there is a value to be served yet. */
  private static final long RETRY_NANOS = 10_000_000_000L;

  /** How long to wait before another try where nobody had the time, or another process is at it. */
  private static final long BUSY_NANOS = 250_000_000L;

  final Levels<V> levels;
  final LoadCounters counters;
  private final ConcurrentMap<String, Flight<V>> flights = new ConcurrentHashMap<>();
  private final Clock clock;
  private final FaultLog faults;
  final LoadPools pools;
  private final Lifetimes lifetimes;
  private final StaleWindows windows;
  private final Duration lease;
  private final Duration maximumWait;

  Loads(
      Levels<V> levels,
      LoadCounters counters,
      LoadPools pools,
      Lifetimes lifetimes,
      StaleWindows windows,
      Duration lease,
      Duration maximumWait,
      Clock clock,
      FaultLog faults) {
    this.levels = levels;
    this.counters = counters;
    this.pools = pools;
    this.lifetimes = lifetimes;
    this.windows = windows;
    this.lease = lease;
    this.maximumWait = maximumWait;
    this.clock = clock;
    this.faults = faults;
  }

  /** The answer, on the calling thread; what its loader or the one it waited for throws. */
  Optional<V> get(Request<V> request) {
    boolean counted = false;
    while (true) {
      LocalEntry<V> here = answer(request, counted);
      if (here != null) {
        return here.answer;
      }
      Flight<V> running = begun(request.key());
      if (running == null) {
        Flight<V> mine = begin(request.key(), false);
        if (mine != null) {
          return lead(mine, request, counted);
        }
        continue;
      }
      if (!counted) {
        countWait();
        counted = true;
      }
      Flight.Outcome<V> outcome = await(running, request);
      if (outcome.failure() != null) {
        throw outcome.thrown();
      }
      Optional<V> answer = outcome.answer();
      if (answer != null && request.accepts(answer.orElse(null))) {
        return answer;
      }
    }
  }

  /** What the local level can answer; counted as a hit unless the request was counted before. */
  @Nullable LocalEntry<V> answer(Request<V> request, boolean counted) {
    LocalEntry<V> entry = levels.local().peek(request.key());
    long now = clock.nanoTime();
    if (entry == null || !serves(entry, request, now)) {
      return null;
    }
    if (!counted) {
      levels.local().count(true);
    }
    if (!entry.isFresh(now)) {
      counters.stale.increment();
    }
    refreshIfWanted(entry, request, now);
    return entry;
  }

  private boolean serves(LocalEntry<V> entry, Request<V> request, long now) {
    if (!request.accepts(entry.value)) {
      return false;
    }
    long over = entry.overNanos(now);
    return over < 0
        || windows.servesWhileRevalidating(over)
        || (!entry.mayRetry(now) && windows.servesIfError(over));
  }

  /** The flight of this key that may be waited for; null where there is none. */
  @Nullable Flight<V> running(String key) {
    Flight<V> running = flights.get(key);
    if (running != null && running.outdated()) {
      flights.remove(key, running);
      return null;
    }
    return running;
  }

  /** The same, but for one that has not got a thread yet: the caller is to begin in its place. */
  @Nullable Flight<V> begun(String key) {
    Flight<V> running = running(key);
    if (running != null && running.take()) {
      flights.remove(key, running);
      running.abandon();
      return null;
    }
    return running;
  }

  /** A flight that the caller is to lead; null if somebody else was faster. */
  @Nullable Flight<V> begin(String key, boolean queued) {
    Flight<V> mine = new Flight<>(levels.watch(key), clock, maximumWait, queued);
    if (flights.putIfAbsent(key, mine) == null) {
      return mine;
    }
    mine.abandon();
    return null;
  }

  void countWait() {
    levels.local().count(false);
    counters.misses.increment();
    counters.waits.increment();
  }

  private Flight.Outcome<V> await(Flight<V> running, Request<V> request) {
    Load waiter = Load.running();
    if (running.isMine() || (waiter != null && !waiter.reserve(running.load()))) {
      return ownWay(request);
    }
    try {
      return running.result().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ownWay(request);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a flight's result never fails", e);
    } finally {
      if (waiter != null) {
        waiter.release(running.load());
      }
    }
  }

  /**
   * As it would be without a cache, for who would wait for itself, or is interrupted, and stays so.
   */
  private Flight.Outcome<V> ownWay(Request<V> request) {
    return new Flight.Outcome<>(Optional.ofNullable(counters.load(request.loader()).value()), null);
  }

  private Optional<V> lead(Flight<V> flight, Request<V> request, boolean counted) {
    try {
      // another flight may have landed between our miss and our start
      LocalEntry<V> here = answer(request, counted);
      Optional<V> answer = here != null ? here.answer : lookAndLoad(flight, request, counted);
      finish(request.key(), flight, answer);
      return answer;
    } catch (Throwable t) {
      flights.remove(request.key(), flight);
      flight.fail(t);
      throw t;
    }
  }

  private Optional<V> lookAndLoad(Flight<V> flight, Request<V> request, boolean counted) {
    Lookup<V> lookup = claimPatiently(flight, request);
    Optional<V> found = found(flight, request, lookup, counted);
    if (found != null) {
      return found;
    }
    try {
      return Optional.ofNullable(load(flight, request, lookup).value());
    } catch (Throwable t) {
      LocalEntry<V> old = insteadOf(t, flight, request, lookup);
      if (old == null) {
        throw t;
      }
      return old.answer;
    }
  }

  void finish(String key, Flight<V> flight, Optional<V> answer) {
    flights.remove(key, flight);
    flight.complete(answer);
  }

  void fail(String key, Flight<V> flight, Throwable failure) {
    flights.remove(key, flight);
    flight.fail(failure);
  }

  /**
   * Asks the stores for a key, or for the right to load it.
   *
   * @param first whether they are to count it
   */
  Lookup<V> claim(Request<V> request, boolean first) {
    return levels.remotes().claim(request.key(), lease, found -> isGood(found, request), first);
  }

  private boolean isGood(Found<V> found, Request<V> request) {
    return request.accepts(found.value())
        && (!found.stale()
            || windows.servesWhileRevalidating(Clock.nanos(found.remaining().negated())));
  }

  /** The same, and waits where another process loads. */
  private Lookup<V> claimPatiently(Flight<V> flight, Request<V> request) {
    Lookup<V> first = claim(request, true);
    if (!first.held()) {
      return first;
    }
    Semaphore woken = new Semaphore(0);
    Runnable wake = woken::release;
    LeasePoll poll = newPoll();
    flight.watch().onChange(wake);
    try {
      while (true) {
        flight.restamp();
        Lookup<V> lookup = claim(request, false);
        Duration pause = lookup.held() ? poll.next() : Duration.ZERO;
        if (!lookup.held() || pause.isZero()) {
          return lookup;
        }
        Clock.Timer timer = clock.schedule(pause, wake);
        woken.acquire();
        timer.cancel();
        woken.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Lookup.nothing();
    } finally {
      flight.watch().forget(wake);
    }
  }

  LeasePoll newPoll() {
    return new LeasePoll(clock, FIRST_POLL, LONGEST_POLL, maximumWait);
  }

  /** The answer that a lookup is, and counted; null if it is none, and the caller is to load. */
  @Nullable Optional<V> found(
      Flight<V> flight, Request<V> request, Lookup<V> lookup, boolean counted) {
    if (!counted) {
      levels.local().count(false);
      (lookup.good() ? counters.hits : counters.misses).increment();
    }
    if (lookup.find() == null || !lookup.good()) {
      return null;
    }
    LocalEntry<V> entry =
        levels.promote(request.key(), lookup.find(), flight.watch(), flight.stamp());
    if (!entry.isFresh(clock.nanoTime())) {
      counters.stale.increment(); // who asks next starts the refresh
    }
    return entry.answer;
  }

  private Loaded<V> load(Flight<V> flight, Request<V> request, Lookup<V> lookup) {
    Loaded<V> loaded;
    try (LeaseRenewal ignored = renewal(flight, lookup)) {
      loaded = flight.load(() -> counters.load(request.loader()));
    } catch (Throwable t) {
      release(lookup);
      throw t;
    }
    land(flight, request, lookup, loaded);
    return loaded;
  }

  LeaseRenewal renewal(Flight<V> flight, Lookup<V> lookup) {
    return new LeaseRenewal(
        lookup.lease(), lease, () -> !flight.hasEnded(), clock, pools.renewers());
  }

  void release(Lookup<V> lookup) {
    if (lookup.lease() != null) {
      lookup.lease().release();
    }
  }

  void land(Flight<V> flight, Request<V> request, Lookup<V> lookup, Loaded<V> loaded) {
    levels.land(flight, request.key(), loaded, loaded.lifetime(lifetimes), lookup.lease());
  }

  /** The older value that serves where the loader failed; null if there is none. */
  @Nullable LocalEntry<V> insteadOf(
      Throwable failure, Flight<V> flight, Request<V> request, Lookup<V> lookup) {
    if (failure instanceof Error) {
      return null;
    }
    LocalEntry<V> old = levels.local().peek(request.key());
    if (old == null && lookup.find() != null) {
      old = levels.promote(request.key(), lookup.find(), flight.watch(), flight.stamp());
    }
    long now = clock.nanoTime();
    if (old == null || old.value == null || !windows.servesIfError(old.overNanos(now))) {
      return null;
    }
    old.retryAfter(now + RETRY_NANOS);
    counters.stale.increment();
    faults.report("loading a newer value", failure);
    return old;
  }

  /** Loads a newer value in the background, if it is time and nobody is at it. */
  private void refreshIfWanted(LocalEntry<V> entry, Request<V> request, long now) {
    if (!entry.wantsRefresh(now) || running(request.key()) != null) {
      return;
    }
    Flight<V> mine = begin(request.key(), true);
    if (mine == null) {
      return;
    }
    try {
      pools
          .refreshers()
          .execute(
              () -> {
                if (mine.take()) {
                  try (Scope ignored = request.context().makeCurrent()) {
                    refresh(mine, request);
                  }
                }
              });
    } catch (RejectedExecutionException e) {
      entry.retryAfter(now + BUSY_NANOS);
      if (mine.take()) {
        flights.remove(request.key(), mine);
        mine.abandon();
      }
    }
  }

  private void refresh(Flight<V> flight, Request<V> request) {
    long now = clock.nanoTime();
    LocalEntry<V> old = levels.local().peek(request.key());
    try {
      if (old != null && !old.wantsRefresh(now)) { // somebody was faster
        finish(request.key(), flight, old.answer);
        return;
      }
      Predicate<Found<V>> newer =
          found -> request.accepts(found.value()) && !levels.entry(found).wantsRefresh(now);
      Lookup<V> lookup = levels.remotes().claim(request.key(), lease, newer, true);
      if (lookup.held()) { // by another process, of whose value this one will hear
        if (old != null) {
          old.retryAfter(now + BUSY_NANOS);
        }
        flights.remove(request.key(), flight);
        flight.abandon();
      } else if (lookup.find() != null && lookup.good()) {
        LocalEntry<V> entry =
            levels.promote(request.key(), lookup.find(), flight.watch(), flight.stamp());
        finish(request.key(), flight, entry.answer);
      } else {
        counters.refreshes.increment();
        Loaded<V> loaded = load(flight, request, lookup);
        finish(request.key(), flight, Optional.ofNullable(loaded.value()));
      }
    } catch (Throwable t) {
      if (old != null) {
        old.retryAfter(clock.nanoTime() + RETRY_NANOS);
      }
      fail(request.key(), flight, t);
      faults.report("loading a newer value in the background", t);
    }
  }
}
