package dev.agentops.cost;

import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * What was recorded and is not yet in the rollup. Thread-safe.
 *
 * <p>A record counts in a dozen places. Most records of a thread equal an earlier one in all
 * dimensions, so that a thread sums those in one place of its own, and whoever reads totals moves
 * the sums on first. A reader hence sees all that was added before, and a writer shares nothing
 * with others.
 */
final class PendingTallies {

  private static final int SLOTS = 128;
  private static final int PROBES = 8;

  private final Rollup rollup;
  private final ZoneId zone;
  private final Stripe[] stripes;
  private volatile Hour latest;

  PendingTallies(Rollup rollup, ZoneId zone) {
    this.rollup = rollup;
    this.zone = zone;
    this.latest = Hour.of(Instant.EPOCH, zone);
    int count = Integer.highestOneBit(Runtime.getRuntime().availableProcessors() * 4 - 1) * 2;
    stripes = new Stripe[Math.min(64, count)];
    for (int i = 0; i < stripes.length; i++) {
      stripes[i] = new Stripe();
    }
  }

  /**
   * The hour of a moment.
   *
   * @throws LedgerException if the moment lies beyond what dates can tell
   */
  Hour hour(Instant moment) {
    Hour hour = latest;
    if (!hour.holds(moment)) {
      hour = Hour.of(moment, zone);
      latest = hour;
    }
    return hour;
  }

  void add(Hour hour, UsageRecord record) {
    stripes[(int) Thread.currentThread().getId() & (stripes.length - 1)].add(hour, record);
  }

  /** Moves everything that was added before into the rollup. */
  void settle() {
    for (Stripe stripe : stripes) {
      if (stripe.dirty) {
        stripe.settle();
      }
    }
  }

  private static int hash(Hour hour, UsageRecord record) {
    int hash = hour.hashCode();
    hash = 31 * hash + record.model().hashCode();
    hash = 31 * hash + record.provider().hashCode();
    hash = 31 * hash + record.operation().hashCode();
    hash = 31 * hash + record.attributes().hashCode();
    hash *= 0x9E3779B9;
    return hash ^ (hash >>> 16);
  }

  /** The sums of the threads that share it, by all dimensions at once. */
  private final class Stripe {

    private final @Nullable Pending[] slots = new Pending[SLOTS];
    private volatile boolean dirty;

    synchronized void add(Hour hour, UsageRecord record) {
      int hash = hash(hour, record);
      Pending pending = find(hash, hour, record);
      if (pending == null) {
        pending = insert(hash, hour, record);
      }
      pending.tally.add(record);
      if (!dirty) {
        dirty = true;
      }
    }

    synchronized void settle() {
      for (int i = 0; i < SLOTS; i++) {
        Pending pending = slots[i];
        if (pending == null) {
          continue;
        }
        if (pending.tally.records() == 0) {
          slots[i] = null; // nothing came since the last time
        } else {
          rollup.add(pending.hour, pending.route, pending.tally);
          pending.tally.clear();
        }
      }
      dirty = false;
    }

    private @Nullable Pending find(int hash, Hour hour, UsageRecord record) {
      for (int i = 0; i < PROBES; i++) {
        Pending pending = slots[(hash + i) & (SLOTS - 1)];
        if (pending != null && pending.hash == hash && pending.isOf(hour, record)) {
          return pending;
        }
      }
      return null;
    }

    private Pending insert(int hash, Hour hour, UsageRecord record) {
      Pending made = new Pending(hash, hour, record, rollup.route(record));
      for (int i = 0; i < PROBES; i++) {
        int slot = (hash + i) & (SLOTS - 1);
        if (slots[slot] == null) {
          slots[slot] = made;
          return made;
        }
      }
      settle();
      slots[hash & (SLOTS - 1)] = made;
      return made;
    }
  }

  /** The sum of records that are the same in all dimensions and of one hour. */
  private static final class Pending {

    private final int hash;
    private final Hour hour;
    private final UsageRecord example;
    private final Rollup.Route route;
    private final Tally tally = new Tally();

    Pending(int hash, Hour hour, UsageRecord example, Rollup.Route route) {
      this.hash = hash;
      this.hour = hour;
      this.example = example;
      this.route = route;
    }

    boolean isOf(Hour hour, UsageRecord record) {
      return this.hour.equals(hour) && UsageDimensions.same(example, record);
    }
  }
}
