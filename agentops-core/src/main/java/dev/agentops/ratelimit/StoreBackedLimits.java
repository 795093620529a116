package dev.agentops.ratelimit;

import dev.agentops.Clock;
import dev.agentops.event.OpsEventListener;
import dev.agentops.ratelimit.RateLimitStore.Cell;
import dev.agentops.ratelimit.RateLimitStore.Decision;
import dev.agentops.ratelimit.RateLimitStore.Ticket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The limits that processes share, and what becomes of calls while their store is away. */
final class StoreBackedLimits implements LimitEngine {

  /** How soon to ask again where calls are refused because the store is away. */
  private static final Duration AWAY_RETRY = Duration.ofSeconds(1);

  private final String name;
  private final RateLimitStore store;
  private final StoreFailure onFailure;
  private final LocalLimits local;
  private final LimitsBook book;
  private final StoreCircuit circuit;
  private final LongAdder fallbacks = new LongAdder();

  StoreBackedLimits(
      String name,
      RateLimitStore store,
      StoreFailure onFailure,
      LocalLimits local,
      LimitsBook book,
      OpsEventListener listener,
      Clock clock) {
    this.name = name;
    this.store = store;
    this.onFailure = onFailure;
    this.local = local;
    this.book = book;
    this.circuit = new StoreCircuit(name, store, listener, clock);
  }

  @Override
  public Charge take(String key, Demand demand, long maxWaitNanos, boolean holds) {
    long closed = local.closedNanos();
    if (closed > maxWaitNanos) {
      return new FreeCharge(key, demand, false, closed, LocalCharge.PENALTY);
    }
    Duration maxWait = Duration.ofNanos(maxWaitNanos);
    Decision decision = circuit.ask("asking", () -> store.take(cells(key, demand, holds), maxWait));
    if (decision != null) {
      return new StoreCharge(key, demand, decision, closed, holds);
    }
    fallbacks.increment();
    return onFailure == StoreFailure.LOCAL
        ? local.take(key, demand, maxWaitNanos, holds)
        : whileAway(key, demand);
  }

  @Override
  public Charge probe(String key, Demand demand) {
    long closed = local.closedNanos();
    Decision decision = circuit.ask("probing", () -> store.probe(cells(key, demand, true)));
    if (decision != null) {
      return new StoreCharge(key, demand, decision, closed, true);
    }
    return onFailure == StoreFailure.LOCAL ? local.probe(key, demand) : whileAway(key, demand);
  }

  @Override
  public void penalize(String key, long nanos) {
    local.penalize(key, nanos); // for while the store is away
    told("penalizing in", () -> store.penalize(cellKey(key), Duration.ofNanos(nanos)));
  }

  @Override
  public void penalizeAll(long nanos) {
    local.penalizeAll(nanos);
    if (book.total() != null) {
      told("penalizing in", () -> store.penalize(totalKey(), Duration.ofNanos(nanos)));
    }
  }

  @Override
  public void observe(String key, List<Left> left) {
    local.observe(key, left);
    Map<Limit, Long> units = new HashMap<>();
    left.forEach(one -> units.put(one.limit(), one.units()));
    told("telling", () -> store.observe(cellKey(key), units));
  }

  void addTo(RateLimiterStats.Builder stats) {
    stats
        .storeFailures(circuit.failureCount())
        .storeOutages(circuit.outageCount())
        .fallbacks(fallbacks.sum())
        .lostSettlements(circuit.lostCount())
        .storeAway(circuit.away());
  }

  private Charge whileAway(String key, Demand demand) {
    return onFailure == StoreFailure.ALLOW
        ? new FreeCharge(key, demand, true, 0, null)
        : new FreeCharge(key, demand, false, AWAY_RETRY.toNanos(), "the store is away");
  }

  private void told(String what, Runnable telling) {
    circuit.ask(
        what,
        () -> {
          telling.run();
          return true;
        });
  }

  private List<Cell> cells(String key, Demand demand, boolean holds) {
    RateLimits total = book.total();
    Cell own = Cell.of(cellKey(key), forThis(book.of(key), holds), demand);
    return total == null
        ? List.of(own)
        : List.of(own, Cell.of(totalKey(), forThis(total, holds), demand));
  }

  /** Who cannot hold a permit is not counted among those who do. */
  private static RateLimits forThis(RateLimits limits, boolean holds) {
    return holds || !limits.limitsConcurrency() ? limits : new RateLimits(limits.limits(), 0);
  }

  private String cellKey(String key) {
    return name + ":key:" + key;
  }

  private String totalKey() {
    return name + ":total";
  }

  /** A step of the store. */
  private final class StoreCharge extends Charge {

    private final Decision decision;
    private final long closedNanos;
    private final boolean holds;

    StoreCharge(String key, Demand demand, Decision decision, long closedNanos, boolean holds) {
      super(key, demand);
      this.decision = decision;
      this.closedNanos = closedNanos;
      this.holds = holds;
    }

    @Override
    boolean granted() {
      return decision.granted() && decision.ticket() != null;
    }

    @Override
    boolean full() {
      return decision.full();
    }

    @Override
    long waitNanos() {
      return Math.max(decision.waitNanos(), closedNanos);
    }

    @Override
    long ownWaitNanos() {
      return bindsTotal() ? 0 : waitNanos();
    }

    @Override
    boolean ownFull() {
      return full() && !bindsTotal();
    }

    @Override
    @Nullable String binding() {
      return decision.binding();
    }

    @Override
    boolean holdsPermit() {
      RateLimits total = book.total();
      return holds
          && (book.of(key).limitsConcurrency() || (total != null && total.limitsConcurrency()));
    }

    @Override
    void settle(long inputTokens, long outputTokens) {
      Ticket ticket = ticket();
      circuit.end(() -> store.settle(ticket, inputTokens, outputTokens));
    }

    @Override
    void cancel() {
      Ticket ticket = ticket();
      circuit.end(() -> store.cancel(ticket));
    }

    /** A store names the limit alone; where both have one of that name, it is the key's own. */
    private boolean bindsTotal() {
      RateLimits total = book.total();
      String limit = decision.binding();
      return total != null && limit != null && total.has(limit) && !book.of(key).has(limit);
    }

    private Ticket ticket() {
      return Objects.requireNonNull(decision.ticket(), "ticket");
    }
  }

  /** A step that nobody counts: passed or refused whatever the limits say. */
  private static final class FreeCharge extends Charge {

    private final boolean granted;
    private final long waitNanos;
    private final @Nullable String binding;

    FreeCharge(
        String key, Demand demand, boolean granted, long waitNanos, @Nullable String binding) {
      super(key, demand);
      this.granted = granted;
      this.waitNanos = waitNanos;
      this.binding = binding;
    }

    @Override
    boolean granted() {
      return granted;
    }

    @Override
    boolean full() {
      return false;
    }

    @Override
    long waitNanos() {
      return waitNanos;
    }

    @Override
    @Nullable String binding() {
      return binding;
    }

    @Override
    boolean holdsPermit() {
      return false;
    }

    @Override
    void settle(long inputTokens, long outputTokens) {
      // nothing was taken
    }

    @Override
    void cancel() {
      // nothing was taken
    }
  }
}
