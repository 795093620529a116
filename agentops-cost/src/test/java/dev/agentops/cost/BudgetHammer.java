package dev.agentops.cost;

import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.agentops.cost.jdbc.JdbcBudgetStore;
import dev.agentops.cost.redis.RedisBudgetStore;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A process whose threads make calls within shared budgets. Says each settlement before it makes
 * it, as a line of id, agent and cost, so that nothing is unknown when it is killed.
 */
public final class BudgetHammer {

  /** Of an estimate, in pico-dollars: a thousand calls are more than a double holds exactly. */
  private static final long MOST = 20_000_000_000_000L;

  static final int AGENTS = 3;

  /** The machine that runs the tests may be busy. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private BudgetHammer() {}

  /**
   * Runs until all calls are made, with some more under way that never end.
   *
   * @param args the address of the store, limit, threads, calls a thread, lease in milliseconds,
   *     calls that never end
   */
  public static void main(String[] args) throws Exception {
    long limit = Long.parseLong(args[1]);
    int threads = Integer.parseInt(args[2]);
    int calls = Integer.parseInt(args[3]);
    Duration lease = Duration.ofMillis(Long.parseLong(args[4]));
    int endless = Integer.parseInt(args[5]);
    AtomicInteger refused = new AtomicInteger();
    try (BudgetStore store = open(args[0])) {
      for (int i = 0; i < endless; i++) {
        store.reserve(UUID.randomUUID().toString(), entries(i % AGENTS, MOST, limit), lease);
      }
      System.out.println("ready");
      System.in.read(); // until all processes are: who came first would spend all
      ExecutorService pool = Executors.newFixedThreadPool(threads);
      for (int t = 0; t < threads; t++) {
        Random random = new Random(t);
        pool.execute(
            () -> {
              for (int i = 0; i < calls; i++) {
                if (!call(store, random, limit, lease)) {
                  refused.incrementAndGet();
                }
              }
            });
      }
      pool.shutdown();
      pool.awaitTermination(5, TimeUnit.MINUTES);
      System.out.println("refused " + refused.get());
    }
  }

  static RemoteBudgetStore open(String address) {
    RemoteBudgetStore store;
    if (address.startsWith("redis:")) {
      store = RedisBudgetStore.builder(address).timeout(PATIENCE).build();
    } else {
      HikariDataSource pool = new HikariDataSource(); // ends with the process
      pool.setJdbcUrl(address);
      pool.setMaximumPoolSize(8);
      store = JdbcBudgetStore.builder(pool).timeout(PATIENCE).build();
    }
    await().atMost(Duration.ofMinutes(1)).until(store::available);
    return store;
  }

  /** What a call of an agent takes from a budget of all, one of the agent, and one that tells. */
  static List<BudgetEntry> entries(int agent, long amount, long limit) {
    return List.of(
        entry("all", "", amount).limit(limit).rejecting(true).build(),
        entry("agent", "agent-" + agent, amount).limit(limit / 2 + 1).rejecting(true).build(),
        entry("told", "", amount).limit(1).build());
  }

  private static BudgetEntry.Builder entry(String budget, String key, long amount) {
    return BudgetEntry.builder(budget, key)
        .window(BudgetWindow.of(0, BudgetWindow.NEVER, 0, 0))
        .amount(amount);
  }

  private static boolean call(BudgetStore store, Random random, long limit, Duration lease) {
    String id = UUID.randomUUID().toString();
    int agent = random.nextInt(AGENTS);
    long estimate = random.nextLong(MOST);
    if (!store.reserve(id, entries(agent, estimate, limit), lease).granted()) {
      return false;
    }
    boolean cancelled = random.nextInt(5) == 0;
    long cost = cancelled ? 0 : random.nextLong(estimate + 1);
    System.out.println(id + ' ' + agent + ' ' + cost);
    List<BudgetBalance> unused = store.settle(id, entries(agent, cost, limit));
    return true;
  }
}
