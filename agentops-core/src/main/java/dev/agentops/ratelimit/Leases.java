package dev.agentops.ratelimit;

import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The permits that reservations hold: those of a reservation that was collected by the garbage
 * collector before it ended are given back. Thread-safe.
 */
final class Leases {

  private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

  private final String limiter;
  private final Consumer<String> returned;
  private final ReferenceQueue<Reservation> collected = new ReferenceQueue<>();
  private final Set<Lease> open = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean told = new AtomicBoolean();
  private final LongAdder leaked = new LongAdder();

  Leases(String limiter, Consumer<String> returned) {
    this.limiter = limiter;
    this.returned = returned;
  }

  void watch(Reservation reservation, Charge charge) {
    Lease lease = new Lease(reservation, charge);
    open.add(lease);
    reservation.lease(lease);
  }

  void ended(Lease lease) {
    open.remove(lease);
    lease.clear();
  }

  /** Gives back what has leaked. Costs next to nothing where nothing has. */
  void collect() {
    for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
      if (gone instanceof Lease lease && open.remove(lease)) {
        leaked.increment();
        if (told.compareAndSet(false, true)) {
          LOG.warn(
              "rate limit '{}': a reservation for '{}' was neither settled nor cancelled; its"
                  + " permit is given back now. Further ones are only counted",
              limiter,
              lease.charge.key);
        }
        lease.charge.settle(lease.charge.demand.inputTokens(), lease.charge.demand.outputTokens());
        returned.accept(lease.charge.key);
      }
    }
  }

  long leakedCount() {
    return leaked.sum();
  }

  /** A reservation that holds a permit. */
  final class Lease extends PhantomReference<Reservation> {

    private final Charge charge;

    private Lease(Reservation reservation, Charge charge) {
      super(reservation, collected);
      this.charge = charge;
    }

    void end() {
      ended(this);
    }
  }
}
