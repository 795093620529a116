package dev.agentops.ratelimit.redis;

import static dev.agentops.ratelimit.RateLimitStore.Cell;
import static dev.agentops.ratelimit.RateLimitStore.Decision;

import dev.agentops.ratelimit.Limit;
import dev.agentops.ratelimit.RateLimitStoreException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One key, of which as much is taken ahead as it lately used up in half the time that a batch is
 * kept: nothing when it is idle. Thread-safe.
 *
 * <p>What was refused is refused here until then, unless something was given back meanwhile: only
 * time can make room, or another process that gives back.
 */
final class HotKey {

  private final Steps steps;
  private final long most;
  private final long keptNanos;
  private final AtomicBoolean fetching = new AtomicBoolean();
  private volatile @Nullable Batch batch;
  private volatile @Nullable Refusal refusal;
  private volatile boolean used = true;

  private long size; // with the flag above
  private long fetchedNanos;

  HotKey(Steps steps, long most, long keptNanos) {
    this.steps = steps;
    this.most = most;
    this.keptNanos = keptNanos;
    this.fetchedNanos = System.nanoTime() - keptNanos;
  }

  Decision take(List<Cell> cells, long maxWaitNanos) {
    used = true;
    long now = System.nanoTime();
    Batch current = batch;
    if (current != null && current.isOf(cells)) {
      if (current.ageNanos(now) <= keptNanos && current.take(cells)) {
        return Decision.granted(0, null, new BatchTicket(current, cells));
      }
    } else {
      Refusal last = refusal;
      if (last != null && last.holdsFor(cells, maxWaitNanos, now)) {
        return Decision.refused(Math.max(1, last.fitsNanos - now), last.binding);
      }
    }
    if (!fetching.compareAndSet(false, true)) {
      return steps.take(cells, maxWaitNanos);
    }
    try {
      return fetch(cells, maxWaitNanos, now);
    } finally {
      fetching.set(false);
    }
  }

  boolean fits(List<Cell> cells) {
    Batch current = batch;
    return current != null
        && current.isOf(cells)
        && current.ageNanos(System.nanoTime()) <= keptNanos
        && current.fits(cells);
  }

  /** Gives back what nobody took in time; false if nobody took anything since this was asked. */
  boolean tidy() {
    Batch current = batch;
    if (current != null && current.ageNanos(System.nanoTime()) > keptNanos) {
      giveBack(current, steps::settle);
    }
    boolean wasUsed = used;
    used = false;
    return wasUsed || batch != null;
  }

  /** Gives back what is left. */
  void end() {
    refusal = null;
    Batch current = batch;
    if (current != null) {
      giveBack(current, steps::settle);
    }
  }

  /** Something was given back, so that what was refused may fit. */
  void changed() {
    refusal = null;
  }

  private Decision fetch(List<Cell> cells, long maxWaitNanos, long now) {
    Batch old = batch;
    if (old != null) {
      giveBack(old, steps::tell); // a caller waits for what comes next
    }
    long sinceLast = now - fetchedNanos;
    fetchedNanos = now;
    size = sinceLast < keptNanos / 2 ? Math.min(most - 1, 2 * size + 1) : size / 2;
    Steps.Taken taken = steps.takeAhead(cells, maxWaitNanos, size);
    Decision decision = taken.decision();
    if (decision.granted()) {
      if (taken.more() > 0) {
        batch = new Batch(taken.ticket(), cells, taken.more(), System.nanoTime());
      }
    } else if (!decision.full()) {
      refusal = Refusal.of(cells, decision, keptNanos);
    }
    size = Math.min(size, taken.more());
    return decision;
  }

  private void giveBack(Batch old, BiConsumer<RedisTicket, Changes> ending) {
    if (batch == old) {
      batch = null;
    }
    long[] changes = old.end();
    for (long change : changes) {
      if (change != 0) {
        try {
          ending.accept(steps.another(old.source()), new Changes(changes, false));
        } catch (RateLimitStoreException e) {
          // it leaks away
        }
        return;
      }
    }
  }

  /**
   * What was refused.
   *
   * @param fitsNanos when it fits
   * @param untilNanos how long that is to be believed
   */
  private record Refusal(List<Cell> cells, long fitsNanos, long untilNanos, String binding) {

    static Refusal of(List<Cell> cells, Decision refused, long keptNanos) {
      long now = System.nanoTime();
      long wait = refused.waitNanos();
      return new Refusal(
          cells,
          now + Math.min(wait, Long.MAX_VALUE / 2),
          now + Math.min(wait, keptNanos),
          Objects.requireNonNull(refused.binding()));
    }

    boolean holdsFor(List<Cell> asked, long maxWaitNanos, long now) {
      if (untilNanos - now <= 0 || fitsNanos - now <= maxWaitNanos) {
        return false;
      }
      for (int i = 0; i < cells.size(); i++) {
        Cell refused = cells.get(i);
        if (!refused.limits().equals(asked.get(i).limits())) {
          return false;
        }
        for (Limit limit : refused.limits().limits()) {
          if (limit.units(asked.get(i).demand()) < limit.units(refused.demand())) {
            return false;
          }
        }
      }
      return true;
    }
  }
}
