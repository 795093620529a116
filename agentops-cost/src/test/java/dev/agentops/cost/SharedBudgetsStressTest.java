package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.agentops.testing.TestRedis;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Processes that share budgets of one server, some of them killed: never is more taken than there
 * is, and in the end everything is counted once and nothing is held.
 */
class SharedBudgetsStressTest {

  /** Of those that are killed: what they held is given back while others still call. */
  private static final long LEASE_MILLIS = 2_000;

  @Test
  void redis_twoProcessesOf32ThreadsAndTwoKilled() throws Exception {
    try (TestRedis redis = TestRedis.start()) {
      new Stress(redis.uri(), 32, 40).run(2);

      assertThat(redis.commands().exists("{agentops:budgets}:held", "{agentops:budgets}:leases"))
          .isZero();
    }
  }

  @Test
  void postgres_twoProcessesOf16ThreadsAndOneKilled() throws Exception {
    EmbeddedPostgres postgres;
    try {
      postgres = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
    } catch (IOException | RuntimeException e) {
      System.err.println("SKIPPED: NO TEST OF POSTGRESQL, since its binaries do not start: " + e);
      abort("PostgreSQL does not start here: " + e);
      return;
    }
    try (EmbeddedPostgres server = postgres) {
      new Stress(server.getJdbcUrl("postgres", "postgres"), 16, 20).run(1);
    }
  }

  /** Two processes that end, and some that do not. */
  private static final class Stress {

    private final String address;
    private final int threads;
    private final int calls;
    private final long limit;
    private final List<Child> children = new ArrayList<>();

    Stress(String address, int threads, int calls) {
      this.address = address;
      this.threads = threads;
      this.calls = calls;
      this.limit = 2L * threads * calls * 3_000_000_000_000L; // some calls are refused
    }

    void run(int kills) throws Exception {
      AtomicBoolean over = new AtomicBoolean();
      List<String> overspent = new ArrayList<>();
      try (BudgetStore store = BudgetHammer.open(address)) {
        Thread observer = new Thread(() -> observe(store, over, overspent));
        observer.start();
        try {
          work(kills);
        } finally {
          children.forEach(child -> child.process.destroyForcibly());
          over.set(true);
          observer.join();
        }
        assertThat(overspent).isEmpty();
        assertBalances(store);
      }
    }

    private void work(int kills) throws Exception {
      for (int i = 0; i < kills; i++) {
        children.add(new Child(address, limit, threads, 1_000_000, LEASE_MILLIS, 5));
      }
      Child first = new Child(address, limit, threads, calls, 600_000, 0);
      Child second = new Child(address, limit, threads, calls, 600_000, 0);
      children.add(first);
      children.add(second);
      for (Child child : children) {
        await().atMost(Duration.ofSeconds(60)).until(() -> child.ready);
      }
      for (Child child : children) {
        child.go();
      }
      for (Child child : children.subList(0, kills)) {
        await().atMost(Duration.ofSeconds(60)).until(() -> child.settled.size() > 20);
        child.kill();
      }
      assertThat(first.refused() + second.refused()).isPositive();
    }

    /** All costs are at most what was reserved, hence nothing may ever be above the limit. */
    private void observe(BudgetStore store, AtomicBoolean over, List<String> overspent) {
      BudgetEntry entry = BudgetHammer.entries(0, 0, limit).get(0);
      while (!over.get()) {
        BudgetBalance balance = store.balance(entry);
        if (balance.spent() + balance.reserved() > limit) {
          overspent.add(balance.toString());
        }
        LockSupport.parkNanos(1_000_000);
      }
    }

    private void assertBalances(BudgetStore store) {
      long[] spent = new long[BudgetHammer.AGENTS];
      for (Child child : children) {
        child.settled.forEach(
            (id, settled) -> {
              spent[settled.agent] += settled.cost;
              if (child.killed) { // it said so, and may have done so
                store.settle(id, BudgetHammer.entries(settled.agent, settled.cost, limit));
              }
            });
      }
      long all = LongStream.of(spent).sum();
      assertThat(all).isPositive();
      for (int agent = 0; agent < BudgetHammer.AGENTS; agent++) {
        List<BudgetEntry> entries = BudgetHammer.entries(agent, 0, limit);
        assertBalance(store, entries.get(0), all);
        assertBalance(store, entries.get(1), spent[agent]);
        assertBalance(store, entries.get(2), all);
      }
    }
  }

  private static void assertBalance(BudgetStore store, BudgetEntry entry, long spent) {
    await()
        .atMost(Duration.ofMillis(3 * LEASE_MILLIS))
        .untilAsserted(
            () -> {
              BudgetBalance balance = store.balance(entry);
              assertThat(balance.reserved()).isZero();
              assertThat(balance.spent()).isEqualTo(spent);
            });
  }

  private record Settled(int agent, long cost) {}

  /** A process and what it has said to settle, by id. */
  private static final class Child {

    private final Process process;
    private final Thread reader;
    private final Map<String, Settled> settled = new ConcurrentHashMap<>();
    private volatile boolean ready;
    private volatile int refused = -1;
    private boolean killed;

    Child(String address, long limit, int threads, int calls, long leaseMillis, int endless)
        throws IOException {
      List<String> command =
          List.of(
              System.getProperty("java.home") + "/bin/java",
              "-XX:TieredStopAtLevel=1",
              "-XX:+UseSerialGC",
              "-cp",
              System.getProperty("java.class.path"),
              BudgetHammer.class.getName(),
              address,
              Long.toString(limit),
              Integer.toString(threads),
              Integer.toString(calls),
              Long.toString(leaseMillis),
              Integer.toString(endless));
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      reader = new Thread(this::read);
      reader.start();
    }

    void go() throws IOException {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
    }

    /** Ends it in the midst of its calls; what it said is still read. */
    void kill() throws InterruptedException {
      killed = true;
      process.toHandle().destroyForcibly(); // SIGKILL
      reader.join();
      assertThat(process.waitFor()).isEqualTo(128 + 9);
    }

    /** Waits until it has ended, and says how many of its calls were refused. */
    int refused() throws InterruptedException {
      reader.join();
      assertThat(process.waitFor()).isZero();
      assertThat(refused).isNotNegative();
      return refused;
    }

    private void read() {
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          String[] words = line.split(" ");
          if (words[0].equals("ready")) {
            ready = true;
          } else if (words[0].equals("refused")) {
            refused = Integer.parseInt(words[1]);
          } else {
            settled.put(
                words[0], new Settled(Integer.parseInt(words[1]), Long.parseLong(words[2])));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
