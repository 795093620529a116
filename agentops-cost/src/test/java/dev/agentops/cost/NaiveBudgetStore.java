package dev.agentops.cost;

import dev.agentops.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The semantics of a store in the plainest words there are: the model of the others. */
final class NaiveBudgetStore implements BudgetStore {

  private final Clock clock;
  private final Map<List<String>, Account> accounts = new HashMap<>();
  private final Set<String> settled = new HashSet<>();

  NaiveBudgetStore(Clock clock) {
    this.clock = clock;
  }

  @Override
  public synchronized BudgetDecision reserve(String id, List<BudgetEntry> entries, Duration lease) {
    Instant until = clock.now().plus(lease);
    for (int i = 0; i < entries.size(); i++) {
      BudgetEntry entry = entries.get(i);
      if (!account(entry).held.containsKey(id) && entry.rejecting() && !fits(entry)) {
        return BudgetDecision.refused(i, entries.stream().map(this::balance).toList());
      }
    }
    for (BudgetEntry entry : entries) {
      BudgetBalance balance = balance(entry);
      long left = balance.limit() - balance.spent() - balance.reserved();
      long amount = entry.rejecting() ? Math.min(entry.amount(), left) : entry.amount();
      account(entry).held.putIfAbsent(id, new Held(amount, until));
    }
    return BudgetDecision.granted(entries.stream().map(this::balance).toList());
  }

  @Override
  public synchronized List<BudgetBalance> settle(String id, List<BudgetEntry> entries) {
    boolean first = settled.add(id);
    List<BudgetBalance> balances = new ArrayList<>();
    for (BudgetEntry entry : entries) {
      Account account = account(entry);
      long before = balance(entry).spent();
      account.held.remove(id);
      if (first && entry.amount() != 0) {
        account.spent.merge(entry.window().startMillis(), entry.amount(), Long::sum);
      }
      BudgetBalance now = balance(entry);
      balances.add(BudgetBalance.settled(before, now.spent(), now.reserved(), now.limit()));
    }
    return balances;
  }

  @Override
  public synchronized BudgetBalance balance(BudgetEntry entry) {
    Account account = account(entry);
    Instant now = clock.now();
    account.held.values().removeIf(held -> !held.until.isAfter(now));
    BudgetWindow window = entry.window();
    return BudgetBalance.of(
        sum(account.spent.subMap(window.countsFromMillis(), window.countsToMillis() + 1).values()),
        sum(account.held.values().stream().map(Held::amount).toList()),
        entry.limit() + (account.increasedUntil.isAfter(now) ? account.increase : 0));
  }

  @Override
  public synchronized List<String> keys(String budget, int most) {
    return accounts.keySet().stream()
        .filter(name -> name.get(0).equals(budget))
        .map(name -> name.get(1))
        .sorted()
        .limit(most)
        .toList();
  }

  @Override
  public synchronized SortedMap<Instant, Long> history(String budget, String key, int most) {
    SortedMap<Instant, Long> latest = new TreeMap<>();
    Account account = accounts.get(List.of(budget, key));
    if (account != null) {
      account.spent.descendingMap().entrySet().stream()
          .limit(most)
          .forEach(spent -> latest.put(Instant.ofEpochMilli(spent.getKey()), spent.getValue()));
    }
    return latest;
  }

  @Override
  public synchronized void increase(String budget, String key, long amount, Instant until) {
    Account account = account(budget, key);
    account.increase = amount;
    account.increasedUntil = until;
  }

  @Override
  public synchronized void reset(String budget, String key, BudgetWindow window) {
    account(budget, key)
        .spent
        .subMap(window.countsFromMillis(), window.countsToMillis() + 1)
        .clear();
  }

  @Override
  public void close() {}

  private boolean fits(BudgetEntry entry) {
    BudgetBalance balance = balance(entry);
    long taken = balance.spent() + balance.reserved();
    return taken == 0 || (taken < balance.limit() && taken + entry.amount() <= balance.limit());
  }

  private Account account(BudgetEntry entry) {
    return account(entry.budget(), entry.key());
  }

  private Account account(String budget, String key) {
    return Objects.requireNonNull(
        accounts.computeIfAbsent(List.of(budget, key), name -> new Account()));
  }

  private static long sum(Iterable<Long> amounts) {
    long sum = 0;
    for (long amount : amounts) {
      sum += amount;
    }
    return sum;
  }

  private record Held(long amount, Instant until) {}

  private static final class Account {
    private final TreeMap<Long, Long> spent = new TreeMap<>();
    private final Map<String, Held> held = new HashMap<>();
    private long increase;
    private Instant increasedUntil = Instant.MIN;
  }
}
