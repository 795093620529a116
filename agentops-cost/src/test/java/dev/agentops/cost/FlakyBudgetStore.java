package dev.agentops.cost;

import dev.agentops.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;

/** A store that goes away, or breaks its word, when a test says so. */
final class FlakyBudgetStore implements BudgetStore {

  private final BudgetStore store;
  volatile boolean away;
  volatile boolean broken;
  volatile boolean answersLost;
  volatile boolean refusing;
  volatile int asked;
  volatile boolean closed;

  FlakyBudgetStore(Clock clock) {
    store = new NaiveBudgetStore(clock);
  }

  @Override
  public BudgetDecision reserve(String id, List<BudgetEntry> entries, Duration lease) {
    check();
    BudgetDecision decision = store.reserve(id, entries, lease);
    if (answersLost) {
      throw new BudgetStoreException("too late", null);
    }
    return decision;
  }

  @Override
  public List<BudgetBalance> settle(String id, List<BudgetEntry> entries) {
    if (away) {
      return List.of();
    }
    check();
    return store.settle(id, entries);
  }

  @Override
  public BudgetBalance balance(BudgetEntry entry) {
    check();
    return store.balance(entry);
  }

  @Override
  public List<String> keys(String budget, int most) {
    check();
    return store.keys(budget, most);
  }

  @Override
  public SortedMap<Instant, Long> history(String budget, String key, int most) {
    check();
    return store.history(budget, key, most);
  }

  @Override
  public void increase(String budget, String key, long amount, Instant until) {
    check();
    store.increase(budget, key, amount, until);
  }

  @Override
  public void reset(String budget, String key, BudgetWindow window) {
    check();
    store.reset(budget, key, window);
  }

  @Override
  public void close() {
    closed = true;
  }

  private void check() {
    asked++;
    if (refusing) {
      throw BudgetStoreException.refusing("never", null);
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new BudgetStoreException("cancelled", new InterruptedException());
    }
    if (away) {
      throw new BudgetStoreException("nobody answers", null);
    }
    if (broken) {
      throw new IllegalStateException("broken");
    }
  }
}
