package dev.agentops.ratelimit;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the buckets of a {@link RateLimiter} are kept that several processes share. Thread-safe.
 *
 * <p>A store decides by a time of its own, never by that of its callers, and does each step over
 * all cells at once, all or nothing. It keeps the limits of a cell apart by what they count and
 * their period; how large they are says each call anew, so that they can be changed at any time: a
 * bucket that was half full then still is.
 *
 * <p>Each method fails with a {@link RateLimitStoreException}, and returns within a time that is
 * bounded whatever becomes of the store. What a call has done that failed for another reason than a
 * {@linkplain RateLimitStoreException#refused() refusal} is unknown: a step may have been charged,
 * for which nobody has a ticket then. The buckets leak it like anything else, and what it held of a
 * concurrency limit ends with the store's lease.
 */
public interface RateLimitStore extends AutoCloseable {

  /**
   * Takes the demands of all cells, if all fit within the time: for the time when the wait is over,
   * which is the longest that any of them makes. A penalty comes before that of its cell's limits.
   *
   * @param cells at least one, of different keys
   * @param maxWait the longest wait that is worth it; zero for none
   */
  Decision take(List<Cell> cells, Duration maxWait);

  /** As {@link #take} without a wait would decide now; takes nothing. */
  Decision probe(List<Cell> cells);

  /**
   * Replaces the tokens of a demand by those that were used, and gives back what the ticket holds
   * of concurrency limits. What was too much is given back as far as it has not leaked since; what
   * was too little becomes a debt. The first settlement or cancellation of a ticket counts; another
   * one changes nothing, also one that is made because it is unknown what became of the first.
   *
   * @param ticket of this store
   * @throws RateLimitStoreException refusing, if it is made again so late that the store might have
   *     forgotten the first
   */
  void settle(Ticket ticket, long inputTokens, long outputTokens);

  /** Gives everything back as far as it has not leaked; otherwise as {@link #settle}. */
  void cancel(Ticket ticket);

  /** Lets nothing pass for a key for a time; where it is penalized already, the longer one wins. */
  void penalize(String key, Duration time);

  /**
   * Makes buckets of a key no fuller than this, because somebody who must know says that no more is
   * left.
   *
   * @param left how many units of which limits are left
   */
  void observe(String key, Map<Limit, Long> left);

  /**
   * Returns if the store takes requests; connects again if need be.
   *
   * @throws RateLimitStoreException if it does not
   */
  void check();

  /** Lets go of what the store holds. Never throws. */
  @Override
  void close();

  /** What a step was granted, for settling it. Only the store that issued it knows what it says. */
  interface Ticket {}

  /**
   * One key, its limits, and what is demanded of them. Immutable.
   *
   * <p>The key is unique among all that share the store: a limiter puts its name before its keys.
   */
  final class Cell {

    private final String key;
    private final RateLimits limits;
    private final Demand demand;

    private Cell(String key, RateLimits limits, Demand demand) {
      this.key = Objects.requireNonNull(key, "key");
      this.limits = Objects.requireNonNull(limits, "limits");
      this.demand = Objects.requireNonNull(demand, "demand");
    }

    public static Cell of(String key, RateLimits limits, Demand demand) {
      return new Cell(key, limits, demand);
    }

    public String key() {
      return key;
    }

    public RateLimits limits() {
      return limits;
    }

    public Demand demand() {
      return demand;
    }

    @Override
    public String toString() {
      return "Cell{" + key + ", " + limits + ", " + demand + '}';
    }
  }

  /** What became of a step. Immutable. */
  final class Decision {

    private static final Decision FITS = new Decision(true, false, 0, null, null);

    private final boolean granted;
    private final boolean full;
    private final long waitNanos;
    private final @Nullable String binding;
    private final @Nullable Ticket ticket;

    private Decision(
        boolean granted,
        boolean full,
        long waitNanos,
        @Nullable String binding,
        @Nullable Ticket ticket) {
      this.granted = granted;
      this.full = full;
      this.waitNanos = waitNanos;
      this.binding = binding;
      this.ticket = ticket;
    }

    /**
     * Charged.
     *
     * @param waitNanos after which it may be used, at most the longest wait; 0 for at once
     * @param binding what the wait is for, such as {@code 60 requests per minute}; null for none
     */
    public static Decision granted(long waitNanos, @Nullable String binding, Ticket ticket) {
      Objects.requireNonNull(ticket, "ticket");
      return new Decision(true, false, waitNanos, binding, ticket);
    }

    /** Nothing charged, for it was only asked; it would be granted at once. */
    public static Decision fits() {
      return FITS;
    }

    /**
     * Nothing charged.
     *
     * @param waitNanos when it fits if nobody else comes
     * @param binding the limit that takes longest, such as {@code 60 requests per minute}
     */
    public static Decision refused(long waitNanos, String binding) {
      return new Decision(
          false, false, waitNanos, Objects.requireNonNull(binding, "binding"), null);
    }

    /**
     * Nothing charged, since too many run at once, and nobody knows when one of them ends.
     *
     * @param waitNanos until the other limits have room; often 0
     * @param binding the limit, such as {@code 8 at once}
     */
    public static Decision full(long waitNanos, String binding) {
      return new Decision(false, true, waitNanos, Objects.requireNonNull(binding, "binding"), null);
    }

    public boolean granted() {
      return granted;
    }

    /** Whether it was refused since too many run at once. */
    public boolean full() {
      return full;
    }

    /** In nanoseconds, as {@link #granted}, {@link #refused} and {@link #full} say. */
    public long waitNanos() {
      return waitNanos;
    }

    /** The limit that takes longest; null if none does. */
    public @Nullable String binding() {
      return binding;
    }

    /** What to settle or cancel; null if nothing was charged. */
    public @Nullable Ticket ticket() {
      return ticket;
    }
  }
}
