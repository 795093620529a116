package dev.agentops.cost.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import com.zaxxer.hikari.HikariDataSource;
import dev.agentops.AgentOpsException;
import dev.agentops.cost.BudgetBalance;
import dev.agentops.cost.BudgetEntry;
import dev.agentops.cost.BudgetStore;
import dev.agentops.cost.BudgetStoreContract;
import dev.agentops.cost.BudgetStoreException;
import dev.agentops.cost.BudgetWindow;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

class JdbcBudgetStoreTest extends BudgetStoreContract {

  private static final Duration LEASE = Duration.ofMinutes(10);

  /** The machine that runs the tests may stand still for a while, its disks above all. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static @Nullable EmbeddedPostgres postgres;
  private static @Nullable HikariDataSource pool;
  private static @Nullable JdbcBudgetStore store;
  private static @Nullable JdbcBudgetStore other;

  @BeforeAll
  static void start() {
    try {
      postgres = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
    } catch (IOException | RuntimeException e) {
      System.err.println("SKIPPED: NO TEST OF POSTGRESQL, since its binaries do not start: " + e);
      abort("PostgreSQL does not start here: " + e);
    }
    pool = new HikariDataSource();
    pool.setDataSource(postgres.getPostgresDatabase());
    store = JdbcBudgetStore.builder(pool).timeout(PATIENCE).build();
    other = JdbcBudgetStore.builder(pool).timeout(PATIENCE).build();
  }

  @AfterAll
  static void stop() throws IOException {
    if (store != null) {
      store.close();
      other.close();
      pool.close();
      postgres.close();
    }
  }

  @Override
  protected BudgetStore store() {
    return Objects.requireNonNull(store);
  }

  @Override
  protected BudgetStore ofAnotherProcess() {
    return Objects.requireNonNull(other);
  }

  @Test
  void settle_databaseGone_isDeliveredOnceItIsBack(@TempDir Path folder) throws Exception {
    int port = freePort();
    EmbeddedPostgres server = server(folder, port);
    try (JdbcBudgetStore own = JdbcBudgetStore.of(server.getPostgresDatabase())) {
      own.reserve("a", List.of(lifetime("a")), LEASE);
      server.close();

      assertThat(own.settle("a", List.of(lifetime("a").withAmount(7)))).isEmpty();
      while (own.available()) {
        assertThatExceptionOfType(BudgetStoreException.class)
            .isThrownBy(() -> own.reserve("b", List.of(lifetime("a")), LEASE))
            .withMessageStartingWith("the budget store in PostgreSQL failed: ");
      }
      assertThatExceptionOfType(BudgetStoreException.class)
          .isThrownBy(() -> own.reserve("b", List.of(lifetime("a")), LEASE))
          .withMessage("the budget store in PostgreSQL is away");

      try (EmbeddedPostgres again = server(folder, port)) { // the same data
        await().until(() -> own.available() && own.pendingSettlements() == 0);
        BudgetBalance balance = own.balance(lifetime("a"));
        assertThat(List.of(balance.spent(), balance.reserved())).containsExactly(7L, 0L);
      }
    }
  }

  @Test
  void build_databaseGone_makesTheTablesOnceItIsThere(@TempDir Path folder) throws Exception {
    int port = freePort();
    EmbeddedPostgres server = server(folder, port);
    server.close();
    try (JdbcBudgetStore own = JdbcBudgetStore.of(server.getPostgresDatabase())) {
      assertThat(own.available()).isFalse();
      assertThat(own.settle("a", List.of(lifetime("a")))).isEmpty();

      try (EmbeddedPostgres again = server(folder, port)) {
        await().until(() -> own.available() && own.pendingSettlements() == 0);
        assertThat(own.balance(lifetime("a")).spent()).isEqualTo(10);
      }
    }
  }

  @Test
  void settle_accountLockedForLong_isDeliveredLater() throws SQLException {
    try (JdbcBudgetStore hasty =
            JdbcBudgetStore.builder(pool).timeout(Duration.ofMillis(200)).build();
        Connection blocker = pool.getConnection();
        Statement statement = blocker.createStatement()) {
      store().settle("before", List.of(lifetime("locked")));
      blocker.setAutoCommit(false);
      statement.execute("SELECT 1 FROM agentops_budget_accounts WHERE key = 'locked' FOR UPDATE");

      assertThat(hasty.settle("while", List.of(lifetime("locked")))).isEmpty();
      blocker.rollback();
      blocker.setAutoCommit(true);

      await().until(() -> hasty.available() && hasty.pendingSettlements() == 0);
      assertThat(hasty.balance(lifetime("locked")).spent()).isEqualTo(20);
    }
  }

  @Test
  void reserved_leasesThatEndMeanwhile_isTheSumOfWhatIsHeld() throws Exception {
    BudgetEntry all = lifetime("race").withAmount(1);
    store().reserve("running", List.of(all.withAmount(900_000)), LEASE);
    for (int i = 0; i < 300; i++) {
      store().reserve("dead" + i, List.of(all.withAmount(200)), Duration.ofMillis(500 + 5 * i));
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> calls = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        String thread = "race" + t + "-";
        calls.add(
            threads.submit(
                () -> {
                  for (int i = 0; count("agentops_budget_held WHERE id LIKE 'dead%'") > 0; i++) {
                    store().reserve(thread + i, List.of(all), LEASE);
                    store().settle(thread + i, List.of(all.withAmount(0)));
                  }
                  return null;
                }));
      }
      for (Future<?> call : calls) {
        call.get();
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(store().balance(all).reserved()).isEqualTo(900_000);
    assertThat(
            count(
                "agentops_budget_accounts AS a WHERE reserved <> (SELECT coalesce(sum(amount), 0)"
                    + " FROM agentops_budget_held WHERE budget = a.budget AND key = a.key)"))
        .isZero();
  }

  @Test
  void key_beyondWhatAnIndexTakes_isRefusedWithoutAnOutage() {
    StringBuilder key = new StringBuilder();
    new Random(1).ints(4_000, 33, 123).forEach(character -> key.append((char) character));
    BudgetEntry beyond = lifetime(key.toString());
    long lost = other.lostSettlements();
    for (int i = 0; i < 5; i++) {
      assertThatExceptionOfType(BudgetStoreException.class)
          .isThrownBy(() -> ofAnotherProcess().settle("beyond", List.of(beyond)))
          .satisfies(e -> assertThat(e.refused()).isTrue());
    }

    assertThat(other.available()).isTrue();
    assertThat(other.pendingSettlements()).isZero();
    assertThat(other.lostSettlements() - lost).isEqualTo(5);
  }

  @Test
  void key_loneSurrogate_isTaken() {
    BudgetEntry lone = lifetime("lone\ud800surrogate");

    store().settle("lone", List.of(lone));

    assertThat(ofAnotherProcess().balance(lone).spent()).isEqualTo(10);
  }

  @Test
  void accounts_keptLongEnough_areDeletedWithAllTheyHad() throws SQLException {
    store().settle("old", List.of(day("old", 1)));
    execute("UPDATE agentops_budget_accounts SET kept_until = 1 WHERE key = 'old'");

    store().settle("new", List.of(day("new", 1)));

    assertThat(store().keys("daily", 10)).containsExactly("new");
    assertThat(store().history("daily", "old", 10)).isEmpty();
  }

  @Test
  void ended_longAgo_isForgotten() throws SQLException {
    store().settle("ancient", List.of(lifetime("e")));
    execute("UPDATE agentops_budget_ended SET ended_millis = 1 WHERE id = 'ancient'");

    for (int i = 0; count("agentops_budget_ended WHERE id = 'ancient'") > 0; i++) {
      assertThat(i).isLessThan(2_000); // forgotten by one settlement of fifty
      store().settle("e" + i, List.of(lifetime("e")));
    }
  }

  @Test
  void amounts_beyondALong_areTheLargestOneAndStillExactInside() {
    BudgetEntry most = lifetime("most").withAmount(Long.MAX_VALUE);
    store().settle("most1", List.of(most));
    store().settle("most2", List.of(most));

    assertThat(store().balance(most).spent()).isEqualTo(Long.MAX_VALUE);
    store().settle("less", List.of(most.withAmount(Long.MIN_VALUE + 8)));
    assertThat(store().balance(most).spent()).isEqualTo(Long.MAX_VALUE);
    store().settle("evenLess", List.of(most.withAmount(Long.MIN_VALUE + 8)));
    assertThat(store().balance(most).spent()).isEqualTo(14);
  }

  @Test
  void build_manyAtOnce_makeTheTablesOnce() throws Exception {
    execute("CREATE DATABASE fresh");
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<JdbcBudgetStore>> stores = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        stores.add(
            threads.submit(() -> JdbcBudgetStore.of(postgres.getDatabase("postgres", "fresh"))));
      }
      for (Future<JdbcBudgetStore> each : stores) {
        try (JdbcBudgetStore opened = each.get()) {
          assertThat(opened.available()).isTrue();
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void build_anotherDatabase_isRefused() {
    SQLiteDataSource sqlite = new SQLiteDataSource();
    sqlite.setUrl("jdbc:sqlite::memory:");

    assertThatIllegalArgumentException()
        .isThrownBy(() -> JdbcBudgetStore.of(sqlite))
        .withMessageContaining("'SQLite'");
  }

  @Test
  void build_tablesOfANewerRelease_areLeftAlone() throws SQLException {
    execute("CREATE DATABASE newer");
    var database = postgres.getDatabase("postgres", "newer");
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE agentops_budget_schema (version INTEGER NOT NULL)");
      statement.execute("INSERT INTO agentops_budget_schema VALUES (99)");
    }

    assertThatExceptionOfType(AgentOpsException.class)
        .isThrownBy(() -> JdbcBudgetStore.of(database))
        .withMessageContaining("version 99");
  }

  @Test
  void builder_badValues_areQuoted() {
    JdbcBudgetStore.Builder builder = JdbcBudgetStore.builder(pool);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.timeout(Duration.ZERO))
        .withMessageContaining("PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maximumPending(-1))
        .withMessageContaining("-1");
  }

  private static BudgetEntry lifetime(String key) {
    return BudgetEntry.builder("life", key)
        .window(BudgetWindow.of(0, BudgetWindow.NEVER, 0, 0))
        .amount(10)
        .build();
  }

  private static BudgetEntry day(String key, long amount) {
    long start = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    return BudgetEntry.builder("daily", key)
        .window(BudgetWindow.of(start, start + 86_400_000, start, start))
        .amount(amount)
        .build();
  }

  private static EmbeddedPostgres server(Path folder, int port) throws IOException {
    return EmbeddedPostgres.builder()
        .setPort(port)
        .setDataDirectory(folder.resolve("data"))
        .setCleanDataDirectory(false)
        .start();
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long count(String from) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM " + from)) {
      row.next();
      return row.getLong(1);
    }
  }
}
