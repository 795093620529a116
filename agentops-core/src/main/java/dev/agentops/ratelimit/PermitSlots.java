package dev.agentops.ratelimit;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The leases that are in use: what keeps them from being collected before their permits are.
 * Thread-safe, without a lock but where it grows.
 *
 * <p>Each thread begins to look for a free slot at a place of its own. Where some in a row are
 * taken, it goes on at random places of other tables, each of twice the size, for one thread may
 * hold many.
 */
final class PermitSlots {

  private static final int FIRST_SIZE = 8;
  private static final int PROBES = 4;

  private final AtomicReferenceArray<@Nullable Lease> table;
  private volatile @Nullable PermitSlots more;

  PermitSlots() {
    this(FIRST_SIZE);
  }

  private PermitSlots(int size) {
    table = new AtomicReferenceArray<>(size);
  }

  /** A new permit, and a lease for it that is kept here. */
  ConcurrencyLimiter.Permit lease(PermitPool pool, @Nullable LeaseDetails details) {
    ConcurrencyLimiter.Permit permit = new ConcurrencyLimiter.Permit();
    Lease lease = new Lease(permit, pool, details);
    permit.lease = lease;
    PermitSlots slots = this;
    int place = (int) Thread.currentThread().getId() * 0x9E3779B9 >>> 16; // the golden ratio
    while (!slots.claim(lease, place)) {
      slots = slots.more();
      place = ThreadLocalRandom.current().nextInt();
    }
    return permit;
  }

  /** Whether it was there: true once only for each lease. */
  boolean remove(Lease lease, int slot) {
    return table.compareAndSet(slot, lease, null);
  }

  private boolean claim(Lease lease, int first) {
    for (int i = 0; i < PROBES; i++) {
      int slot = (first + i) & (table.length() - 1);
      if (table.get(slot) == null) {
        lease.keptIn(this, slot);
        if (table.compareAndSet(slot, null, lease)) {
          return true;
        }
      }
    }
    return false;
  }

  private PermitSlots more() {
    PermitSlots next = more;
    return next == null ? grow() : next;
  }

  private synchronized PermitSlots grow() {
    PermitSlots next = more;
    if (next == null) {
      next = new PermitSlots(2 * table.length());
      more = next;
    }
    return next;
  }
}
