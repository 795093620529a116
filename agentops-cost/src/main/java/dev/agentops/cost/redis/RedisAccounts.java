package dev.agentops.cost.redis;

import dev.agentops.cost.BudgetBalance;
import dev.agentops.cost.BudgetDecision;
import dev.agentops.cost.BudgetEntry;
import dev.agentops.cost.BudgetStore;
import dev.agentops.cost.BudgetWindow;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** The accounts in Redis, asked directly: what fails, throws. Thread-safe. */
final class RedisAccounts implements BudgetStore {

  private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);

  /** 9999-12-31, since Redis counts milliseconds in a double. */
  private static final long LATEST_MILLIS = 253_402_300_799_999L;

  private final BudgetScript script;
  private final RedisKeys keys;

  /** For how long the ids of ended reservations are remembered: an hour, or the longest lease. */
  private final AtomicLong hours = new AtomicLong(1);

  RedisAccounts(BudgetScript script, RedisKeys keys) {
    this.script = script;
    this.keys = keys;
  }

  /** Asks for nothing, to see whether there is an answer. */
  void connect(Duration timeout) {
    String index = keys.index("");
    List<String> unused = script.call(keys.with(index, index), List.of("accounts"), timeout);
  }

  @Override
  public BudgetDecision reserve(String id, List<BudgetEntry> entries, Duration lease) {
    long remembered = hours.accumulateAndGet(lease.toHours() + 1, Math::max);
    List<String> arguments = new ArrayList<>();
    arguments.add("reserve");
    arguments.add(id);
    arguments.add(Long.toString(remembered));
    arguments.add(Long.toString(lease.toMillis()));
    entries.forEach(entry -> addArguments(entry, arguments));
    List<String> reply = script.call(keysOf(entries), arguments);
    int refused = Integer.parseInt(text(reply, 0));
    List<BudgetBalance> balances = balances(reply);
    return refused == 0
        ? BudgetDecision.granted(balances)
        : BudgetDecision.refused(refused - 1, balances);
  }

  @Override
  public List<BudgetBalance> settle(String id, List<BudgetEntry> entries) {
    List<String> arguments = new ArrayList<>();
    arguments.add("settle");
    arguments.add(id);
    arguments.add(Long.toString(hours.get()));
    entries.forEach(entry -> addArguments(entry, arguments));
    return balances(script.call(keysOf(entries), arguments));
  }

  @Override
  public BudgetBalance balance(BudgetEntry entry) {
    List<String> arguments = new ArrayList<>();
    arguments.add("balance");
    addArguments(entry, arguments);
    return balances(script.call(keysOf(List.of(entry)), arguments)).get(0);
  }

  @Override
  public List<String> keys(String budget, int most) {
    String index = keys.index(budget);
    List<String> accounts = script.call(keys.with(index, index), List.of("accounts"));
    String start = keys.account(budget, "");
    return accounts.stream()
        .map(account -> account.substring(start.length()))
        .sorted(Comparator.naturalOrder())
        .limit(most)
        .toList();
  }

  @Override
  public SortedMap<Instant, Long> history(String budget, String key, int most) {
    List<String> reply =
        script.call(keys.with(keys.account(budget, key), keys.index(budget)), List.of("history"));
    TreeMap<Instant, Long> windows = new TreeMap<>();
    for (int i = 0; i < reply.size(); i += 2) {
      windows.put(Instant.ofEpochMilli(Long.parseLong(text(reply, i))), amount(text(reply, i + 1)));
    }
    while (windows.size() > most) {
      windows.pollFirstEntry();
    }
    return windows;
  }

  @Override
  public void increase(String budget, String key, long amount, Instant until) {
    script.call(
        keys.with(keys.account(budget, key), keys.index(budget)),
        List.of("increase", Long.toString(amount), Long.toString(millis(until))));
  }

  @Override
  public void reset(String budget, String key, BudgetWindow window) {
    script.call(
        keys.with(keys.account(budget, key), keys.index(budget)),
        List.of(
            "reset",
            Long.toString(window.countsFromMillis()),
            Long.toString(window.countsToMillis())));
  }

  @Override
  public void close() {
    script.close();
  }

  private List<String> keysOf(List<BudgetEntry> entries) {
    List<String> names = keys.common();
    for (BudgetEntry entry : entries) {
      names.add(keys.account(entry.budget(), entry.key()));
      names.add(keys.index(entry.budget()));
    }
    return names;
  }

  private static void addArguments(BudgetEntry entry, List<String> arguments) {
    BudgetWindow window = entry.window();
    arguments.add(Long.toString(entry.amount()));
    arguments.add(Long.toString(entry.limit()));
    arguments.add(entry.rejecting() ? "1" : "0");
    arguments.add(Long.toString(window.startMillis()));
    arguments.add(Long.toString(window.countsFromMillis()));
    arguments.add(Long.toString(window.countsToMillis()));
    arguments.add(Long.toString(window.keepFromMillis()));
    arguments.add(expires(window));
  }

  /** An account is kept for as long after its window as windows before it are kept. */
  private static String expires(BudgetWindow window) {
    if (window.endMillis() == BudgetWindow.NEVER) {
      return "never";
    }
    long kept = window.startMillis() - window.keepFromMillis();
    return Long.toString(Math.min(LATEST_MILLIS, window.endMillis() + kept));
  }

  private static long millis(Instant time) {
    return time.isAfter(Instant.ofEpochMilli(LATEST_MILLIS)) ? LATEST_MILLIS : time.toEpochMilli();
  }

  private static List<BudgetBalance> balances(List<String> reply) {
    List<BudgetBalance> balances = new ArrayList<>();
    for (int i = 1; i < reply.size(); i += 4) {
      balances.add(
          BudgetBalance.settled(
              amount(text(reply, i)),
              amount(text(reply, i + 1)),
              amount(text(reply, i + 2)),
              amount(text(reply, i + 3))));
    }
    return balances;
  }

  /** Numbers come as numbers or as texts. */
  private static String text(List<?> reply, int index) {
    return String.valueOf(reply.get(index));
  }

  /** The script adds without bounds; beyond those of a long is the nearest one. */
  private static long amount(String text) {
    return new BigInteger(text).min(MOST).max(LEAST).longValue();
  }
}
