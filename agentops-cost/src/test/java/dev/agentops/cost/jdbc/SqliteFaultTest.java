package dev.agentops.cost.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.cost.LedgerException;
import dev.agentops.cost.UsageLedger;
import dev.agentops.cost.UsageQuery;
import dev.agentops.cost.UsageRecord;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** What a ledger does when its file is in the way. */
class SqliteFaultTest {

  private static final Instant NOON = Instant.parse("2028-03-01T12:00:00Z");

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("usage.db");
  }

  @Test
  void open_noDatabase_isSaid() throws Exception {
    Path text = Files.writeString(folder.resolve("text"), "no database".repeat(1_000));

    assertThatThrownBy(() -> JdbcUsageLedger.sqlite(text))
        .isInstanceOf(LedgerException.class)
        .hasMessageContaining(text.toString())
        .hasMessageContaining("not a database");
    assertThatThrownBy(() -> JdbcUsageLedger.sqlite(text.resolve("below")))
        .isInstanceOf(LedgerException.class)
        .hasMessageContaining("below");
  }

  @Test
  void open_corruptTables_isSaid() throws Exception {
    try (UsageLedger ledger = JdbcUsageLedger.sqlite(file)) {
      ledger.add(record("a").build());
    }
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 100; i < bytes.length; i++) { // all but the header
      bytes[i] = 'x';
    }
    Files.write(file, bytes);

    assertThatThrownBy(() -> JdbcUsageLedger.sqlite(file))
        .isInstanceOf(LedgerException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("malformed");
  }

  @Test
  void open_tablesOfANewerRelease_isRefused() throws Exception {
    JdbcUsageLedger.sqlite(file).close();
    execute("UPDATE agentops_usage_schema SET version = 99");

    assertThatThrownBy(() -> JdbcUsageLedger.sqlite(file))
        .isInstanceOf(LedgerException.class)
        .hasMessage(
            "the tables of the usage ledger have version 99, made by a newer agentops;"
                + " this one knows versions up to 1");
  }

  @Test
  void add_whileAnotherHoldsTheLock_waitsBoundedAndIsWrittenLater() throws Exception {
    try (JdbcUsageLedger ledger = builder().maximumWait(Duration.ofMillis(50)).build()) {
      try (Connection other = connect()) {
        other.createStatement().execute("BEGIN IMMEDIATE");
        assertThatThrownBy(() -> ledger.add(record("a").build()))
            .isInstanceOf(LedgerException.class)
            .hasMessageContaining("PT0.05S")
            .hasMessageContaining("record a")
            .extracting(failure -> ((LedgerException) failure).isPending())
            .isEqualTo(true);
        assertThat(ledger.delayedRecords()).isEqualTo(1);
        assertThat(ledger.totals(UsageQuery.all()).totalRequests()).isZero();
        other.createStatement().execute("ROLLBACK");
      }

      await().until(() -> requests(ledger) == 1);
      assertThat(ledger.add(record("a").build())).isFalse();
      assertThat(ledger.lostRecords()).isZero();
    }
  }

  @Test
  void add_afterOneWaitedInVain_doesNotWaitUntilSomethingIsWritten() throws Exception {
    try (JdbcUsageLedger ledger = builder().maximumWait(Duration.ofMillis(300)).build()) {
      try (Connection other = connect()) {
        other.createStatement().execute("BEGIN IMMEDIATE");
        List<String> messages = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          UsageRecord record = record("r" + i).build();
          assertThatThrownBy(() -> ledger.add(record))
              .isInstanceOf(LedgerException.class)
              .satisfies(failure -> messages.add(failure.getMessage()))
              .extracting(failure -> ((LedgerException) failure).isPending())
              .isEqualTo(true);
        }
        assertThat(messages.get(0)).contains("after PT0.3S");
        assertThat(messages.subList(1, 50))
            .allMatch(message -> message.contains("which does not answer"));
        other.createStatement().execute("ROLLBACK");
      }

      await().until(() -> requests(ledger) == 50);
      await().until(() -> addsAtOnce(ledger));
      assertThat(ledger.lostRecords()).isZero();
    }
  }

  @Test
  void close_moreThanAGroupWaits_countsAllAsLostWhenItReturns() throws Exception {
    JdbcUsageLedger ledger =
        builder().lossWindow(Duration.ofMillis(1)).maximumWait(Duration.ofMillis(50)).build();
    try (Connection other = connect()) {
      other.createStatement().execute("BEGIN IMMEDIATE");
      for (int i = 0; i < 10_000; i++) {
        ledger.add(record("r" + i).build());
      }

      ledger.close();

      assertThat(ledger.lostRecords()).isEqualTo(10_000);
      assertThat(ledger.waitingRecords()).isZero();
    }
  }

  @Test
  void add_noMoreRoomToWait_isLostAndCounted() throws Exception {
    try (JdbcUsageLedger ledger =
        builder()
            .lossWindow(Duration.ofMillis(1))
            .maximumWait(Duration.ofMillis(50))
            .maximumWaiting(5)
            .build()) {
      int refused = 0;
      try (Connection other = connect()) {
        other.createStatement().execute("BEGIN IMMEDIATE");
        for (int i = 0; i < 20; i++) {
          try {
            ledger.add(record("r" + i).build());
          } catch (LedgerException e) {
            assertThat(e).hasMessageContaining("5 records wait");
            refused++;
          }
        }
        other.createStatement().execute("ROLLBACK");
      }

      assertThat(refused).isPositive();
      assertThat(ledger.lostRecords()).isEqualTo(refused);
      int kept = 20 - refused;
      await().until(() -> requests(ledger) == kept);
    }
  }

  @Test
  void close_whileAnotherHoldsTheLock_isBoundedAndCounts() throws Exception {
    JdbcUsageLedger ledger =
        builder().lossWindow(Duration.ofMillis(1)).maximumWait(Duration.ofMillis(50)).build();
    try (Connection other = connect()) {
      other.createStatement().execute("BEGIN IMMEDIATE");
      ledger.add(record("a").build());

      ledger.close();

      assertThat(ledger.lostRecords()).isEqualTo(1);
    }
    assertThatThrownBy(() -> ledger.add(record("b").build()))
        .isInstanceOf(LedgerException.class)
        .hasMessage("the usage ledger is closed");
    assertThatThrownBy(() -> ledger.totals(UsageQuery.all()))
        .isInstanceOf(LedgerException.class)
        .hasMessage("the usage ledger is closed");
  }

  @Test
  void close_longLossWindow_writesWhatWaits() {
    try (JdbcUsageLedger ledger = builder().lossWindow(Duration.ofDays(1)).build()) {
      for (int i = 0; i < 10; i++) {
        assertThat(ledger.add(record("r" + i).build())).isTrue();
      }
    }

    try (UsageLedger ledger = builder().build()) {
      assertThat(requests(ledger)).isEqualTo(10);
    }
  }

  @Test
  void add_databaseFull_isTriedUntilThereIsRoom() throws Exception {
    AtomicInteger pages = new AtomicInteger(60);
    SQLiteDataSource small =
        new SQLiteDataSource() {
          @Override
          public Connection getConnection() throws SQLException {
            SQLiteConfig config = new SQLiteConfig();
            config.setMaxPageCount(pages.get());
            return DriverManager.getConnection("jdbc:sqlite:" + file, config.toProperties());
          }
        };
    try (JdbcUsageLedger ledger =
        JdbcUsageLedger.builder().dataSource(small).maximumWait(Duration.ofMillis(100)).build()) {
      int acknowledged = 0;
      int added = 0;
      while (ledger.delayedRecords() == 0 || pages() < 55) { // not just slow
        try {
          ledger.add(record("r" + added++).traceId("x".repeat(2_000)).build());
          acknowledged++;
        } catch (LedgerException e) {
          assertThat(e).hasMessageContaining("not yet in the usage ledger");
        }
      }
      assertThat(requests(ledger)).isGreaterThanOrEqualTo(acknowledged);

      pages.set(10_000);

      int all = added;
      await().until(() -> requests(ledger) == all);
      assertThat(ledger.lostRecords()).isZero();
    }
  }

  @Test
  void add_fileDeleted_beginsANewOne() throws Exception {
    try (UsageLedger ledger = builder().build()) {
      ledger.add(record("a").build());
      try (var files = Files.list(folder)) {
        for (Path each : files.toList()) {
          Files.delete(each);
        }
      }

      assertThat(ledger.add(record("b").build())).isTrue();
    }

    try (UsageLedger ledger = builder().build()) {
      assertThat(requests(ledger)).isEqualTo(1);
      assertThat(ledger.add(record("b").build())).isFalse();
    }
  }

  @Test
  void add_oneIsRefused_othersAreWritten() throws Exception {
    try (UsageLedger ledger = builder().build()) {
      execute(
          "CREATE TRIGGER refuse BEFORE INSERT ON agentops_usage_records"
              + " WHEN NEW.document LIKE '%SECRET%'"
              + " BEGIN SELECT RAISE(ABORT, 'refused ' || NEW.document); END");
      ExecutorService threads = Executors.newFixedThreadPool(20);
      List<Future<Boolean>> outcomes = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        UsageRecord record =
            record("r" + i).attributes(Attributes.of("user.id", i == 7 ? "SECRET" : "u")).build();
        outcomes.add(threads.submit(() -> ledger.add(record)));
      }
      for (int i = 0; i < 20; i++) {
        Future<Boolean> outcome = outcomes.get(i);
        if (i == 7) {
          assertThatThrownBy(outcome::get)
              .hasCauseInstanceOf(LedgerException.class)
              .hasStackTraceContaining("record r7")
              .extracting(SqliteFaultTest::stackTrace)
              .asString()
              .doesNotContain("SECRET");
        } else {
          assertThat(outcome.get()).isTrue();
        }
      }
      threads.shutdown();

      assertThat(requests(ledger)).isEqualTo(19);
      assertThat(ledger.lostRecords()).isEqualTo(1);
      assertThat(ledger.totalsBy("user.id", UsageQuery.all())).containsOnlyKeys("u");
    }
  }

  @Test
  void add_severalLedgersOnOneFile_sumIsExact() throws Exception {
    int ledgers = 4;
    int each = 300;
    ExecutorService threads = Executors.newFixedThreadPool(ledgers);
    List<Future<Integer>> added = new ArrayList<>();
    for (int l = 0; l < ledgers; l++) {
      String own = "own-" + l + '-';
      added.add(
          threads.submit(
              () -> {
                int fresh = 0;
                try (UsageLedger ledger = builder().maximumWait(Duration.ofMinutes(1)).build()) {
                  for (int i = 0; i < each; i++) {
                    fresh += ledger.add(priced(own + i)) ? 1 : 0;
                    fresh += ledger.add(priced("shared-" + i)) ? 1 : 0;
                  }
                }
                return fresh;
              }));
    }
    int fresh = 0;
    for (Future<Integer> one : added) {
      fresh += one.get();
    }
    threads.shutdown();

    assertThat(fresh).isEqualTo((ledgers + 1) * each);
    try (UsageLedger ledger = builder().build()) {
      assertThat(ledger.totals(UsageQuery.all()).totalCost())
          .isEqualTo(Cost.usd("0.000000000001").times(fresh));
      assertThat(requests(ledger)).isEqualTo(fresh);
    }
  }

  private JdbcUsageLedger.Builder builder() {
    return JdbcUsageLedger.builder().sqlite(file).maximumWait(Duration.ofSeconds(30));
  }

  private static boolean addsAtOnce(UsageLedger ledger) {
    try {
      ledger.add(record("last").build());
      return true;
    } catch (LedgerException e) {
      return false;
    }
  }

  private static UsageRecord priced(String id) {
    return record(id).cost(Cost.ofPicoUsd(1)).build();
  }

  private static UsageRecord.Builder record(String id) {
    return UsageRecord.builder().id(id).timestamp(NOON);
  }

  private static long requests(UsageLedger ledger) {
    return ledger.totals(UsageQuery.all()).totalRequests();
  }

  private static String stackTrace(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + file);
  }

  private int pages() throws SQLException {
    try (Connection connection = connect();
        ResultSet row = connection.createStatement().executeQuery("PRAGMA page_count")) {
      return row.getInt(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
