package dev.agentops.ratelimit;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/**
 * What a pool keeps of a permit: it outlives the permit that its holder has lost, and gives back
 * what that stood for. Thread-safe.
 */
final class Lease extends WeakReference<ConcurrencyLimiter.Permit> {

  private final PermitPool pool;
  private final @Nullable LeaseDetails details;
  private @Nullable PermitSlots slots;
  private int slot;

  Lease(ConcurrencyLimiter.Permit permit, PermitPool pool, @Nullable LeaseDetails details) {
    super(permit, Lost.QUEUE);
    this.pool = pool;
    this.details = details;
  }

  /** Said before it is put there. */
  void keptIn(PermitSlots slots, int slot) {
    this.slots = slots;
    this.slot = slot;
  }

  /** Ends it, the first time. */
  void close() {
    if (remove()) {
      pool.release(this);
    }
  }

  @Nullable LeaseDetails details() {
    return details;
  }

  private void lost() {
    if (remove()) {
      pool.recover(this);
    }
  }

  private boolean remove() {
    PermitSlots kept = slots;
    return kept != null && kept.remove(this, slot);
  }

  /**
   * Waits for permits that the garbage collector has found, on one daemon thread of the process.
   */
  private static final class Lost {

    static final ReferenceQueue<ConcurrencyLimiter.Permit> QUEUE = new ReferenceQueue<>();

    static {
      Thread thread = new Thread(Lost::watch, "agentops-lost-permits");
      thread.setDaemon(true);
      thread.start();
    }

    private static void watch() {
      while (true) {
        try {
          if (QUEUE.remove() instanceof Lease lease) {
            lease.lost();
          }
        } catch (InterruptedException ignored) {
          // nobody else has this thread; it ends with the process
        }
      }
    }
  }
}
