package dev.agentops.cost.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.cost.CostStatistics;
import dev.agentops.cost.LedgerException;
import dev.agentops.cost.UsageLedger;
import dev.agentops.cost.UsageQuery;
import dev.agentops.cost.UsageRecord;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a ledger does when others write to its PostgreSQL, and when it is away. */
class PostgresFaultTest {

  private static final Instant NOON = Instant.parse("2028-03-01T12:00:00Z");

  @TempDir private Path folder;

  @Test
  void serverStopsAndStarts_recordsWaitAndAreWrittenOnce() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    PostgresServer server = PostgresServer.start(server(port));
    String schema = server.schema();
    try (HikariDataSource pool = server.pool(schema);
        JdbcUsageLedger ledger =
            JdbcUsageLedger.builder()
                .dataSource(pool)
                .maximumWait(Duration.ofMillis(300))
                .build()) {
      await().until(() -> addedOrThere(ledger, "before"));
      server.close();

      assertThatThrownBy(() -> ledger.add(priced("meanwhile")))
          .isInstanceOf(LedgerException.class)
          .hasMessageContaining("not yet in the usage ledger");
      assertThatThrownBy(() -> ledger.totals(UsageQuery.all())).isInstanceOf(LedgerException.class);

      try (PostgresServer again = PostgresServer.start(server(port))) { // the same data
        await().atMost(Duration.ofSeconds(30)).until(() -> addedOrThere(ledger, "after"));
        assertThat(ledger.totals(UsageQuery.all()).totalRequests()).isEqualTo(3);
        assertThat(ledger.lostRecords()).isZero();
      }
    }
  }

  @Test
  void severalLedgers_sameRecordsAndTotals_noneIsLostOrCountedTwice() throws Exception {
    int ledgers = 4;
    try (PostgresServer server = PostgresServer.start()) {
      String schema = server.schema();
      ExecutorService threads = Executors.newFixedThreadPool(ledgers * 4);
      List<JdbcUsageLedger> opened = new ArrayList<>();
      List<HikariDataSource> pools = new ArrayList<>();
      List<Future<Integer>> added = new ArrayList<>();
      for (int l = 0; l < ledgers; l++) {
        HikariDataSource pool = server.pool(schema);
        pools.add(pool);
        JdbcUsageLedger ledger =
            JdbcUsageLedger.builder()
                .dataSource(pool)
                .maximumValues(5)
                .maximumWait(Duration.ofMinutes(1))
                .build();
        opened.add(ledger);
        for (int t = 0; t < 4; t++) {
          int seed = 10 * l + t;
          added.add(threads.submit(() -> addRandomly(ledger, seed)));
        }
      }
      int fresh = 0;
      for (Future<Integer> one : added) {
        fresh += one.get();
      }
      threads.shutdown();

      JdbcUsageLedger ledger = opened.get(0);
      List<UsageRecord> records = new ArrayList<>();
      ledger.records(Instant.MIN, Instant.MAX, records::add);
      assertThat(records).hasSize(fresh);
      CostStatistics sum =
          records.stream()
              .map(CostStatistics::of)
              .reduce(CostStatistics.NONE, CostStatistics::plus);
      assertThat(ledger.totals(UsageQuery.all())).isEqualTo(sum);
      assertThat(ledger.totalsBy("user", UsageQuery.all())).hasSize(6);
      assertThat(
              ledger.totalsBy("user", UsageQuery.all()).values().stream()
                  .reduce(CostStatistics.NONE, CostStatistics::plus))
          .isEqualTo(sum);
      opened.forEach(UsageLedger::close);
      pools.forEach(HikariDataSource::close);
    }
  }

  @Test
  void add_refusedOrOdd_othersAreWritten() throws Exception {
    try (PostgresServer server = PostgresServer.start();
        HikariDataSource pool = server.pool(server.schema());
        JdbcUsageLedger ledger = JdbcUsageLedger.of(pool)) {
      try (Connection connection = pool.getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute(
            """
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.document LIKE '%SECRET%' THEN RAISE EXCEPTION 'refused %', NEW.document;
            END IF; RETURN NEW; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON agentops_usage_records
            FOR EACH ROW EXECUTE FUNCTION refuse()
            """);
      }

      assertThatThrownBy(() -> ledger.add(user("a", "SECRET")))
          .isInstanceOf(LedgerException.class)
          .hasMessageContaining("record a")
          .hasRootCauseMessage("org.postgresql.util.PSQLException, SQL state P0001");
      for (String text : List.of("\0", "\ud800", "\udc00", "x".repeat(10_000))) {
        assertThat(ledger.add(user("id" + text, text))).isTrue();
        assertThat(ledger.totals(UsageQuery.all().where("user", text)).totalRequests())
            .isEqualTo(1);
      }
      assertThat(ledger.lostRecords()).isEqualTo(1);
    }
  }

  private static int addRandomly(UsageLedger ledger, int seed) {
    Random random = new Random(seed);
    int fresh = 0;
    for (int i = 0; i < 100; i++) {
      String id = "r" + random.nextInt(600); // that others add, too
      UsageRecord record =
          user(id, "user-" + id.length() * 3 + id.charAt(1)).toBuilder()
              .cost(Cost.usd("9223372.036854775807"))
              .build();
      fresh += ledger.add(record) ? 1 : 0;
      if (i % 10 == 0) {
        ledger.replace(record.toBuilder().cost(Cost.ofPicoUsd(seed)).build());
      }
    }
    return fresh;
  }

  private static boolean addedOrThere(UsageLedger ledger, String id) {
    try {
      ledger.add(priced(id));
      return true;
    } catch (LedgerException e) {
      return false;
    }
  }

  private EmbeddedPostgres.Builder server(int port) {
    return EmbeddedPostgres.builder()
        .setPort(port)
        .setDataDirectory(folder.resolve("data"))
        .setCleanDataDirectory(false);
  }

  private static UsageRecord priced(String id) {
    return UsageRecord.builder().id(id).timestamp(NOON).cost(Cost.ofPicoUsd(1)).build();
  }

  private static UsageRecord user(String id, String user) {
    return UsageRecord.builder()
        .id(id)
        .timestamp(NOON)
        .attributes(Attributes.of("user", user))
        .build();
  }
}
