package dev.agentops.cost.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.TestClock;
import dev.agentops.Usage;
import dev.agentops.UsageGap;
import dev.agentops.cost.CostStatistics;
import dev.agentops.cost.LedgerException;
import dev.agentops.cost.UsageDimensions;
import dev.agentops.cost.UsageLedger;
import dev.agentops.cost.UsageQuery;
import dev.agentops.cost.UsageRecord;
import dev.agentops.testing.WithoutJars;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

class JdbcUsageLedgerTest {

  private static final Instant NOON = Instant.parse("2028-03-01T12:00:00Z");

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("usage.db");
  }

  @Test
  void builder_badValues_areQuoted() {
    JdbcUsageLedger.Builder builder = JdbcUsageLedger.builder();
    assertThatThrownBy(() -> builder.lossWindow(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("lossWindow must not be negative: PT-0.001S");
    assertThatThrownBy(() -> builder.maximumWait(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maximumWait must be positive: PT0S");
    assertThatThrownBy(() -> builder.retention(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("retention must be positive: PT0S");
    assertThatThrownBy(() -> builder.hourRetention(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("hourRetention must be positive: PT0S");
    assertThatThrownBy(() -> builder.maximumValues(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maximumValues must be positive: 0");
    assertThatThrownBy(() -> builder.maximumWaiting(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maximumWaiting must be positive: -1");
    assertThatThrownBy(() -> builder.sqlite(Path.of("a?b")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the path must not contain '?': 'a?b'");
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("either a file or a data source");
  }

  @Test
  void of_anotherDatabase_isRefused() throws SQLException {
    DataSource dataSource = mock(DataSource.class);
    Connection connection = mock(Connection.class);
    DatabaseMetaData metaData = mock(DatabaseMetaData.class);
    when(dataSource.getConnection()).thenReturn(connection);
    when(connection.getMetaData()).thenReturn(metaData);
    when(metaData.getDatabaseProductName()).thenReturn("Oracle");

    assertThatThrownBy(() -> JdbcUsageLedger.of(dataSource))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a usage ledger can be SQLite or PostgreSQL, not 'Oracle'");
  }

  @Test
  void sqlite_makesFoldersAndAFileForItsOwnerOnly() throws Exception {
    Path below = folder.resolve("a/b/usage.db");
    JdbcUsageLedger.sqlite(below).close();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(below)))
        .isEqualTo("rw-------");
  }

  @Test
  void zone_isStoredAndMustNotDiffer() {
    builder().zone(ZoneId.of("Europe/Berlin")).build().close();

    try (UsageLedger ledger = builder().build()) {
      assertThat(ledger.zone()).isEqualTo(ZoneId.of("Europe/Berlin"));
    }
    assertThatThrownBy(() -> builder().zone(ZoneId.of("Asia/Tokyo")).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("Europe/Berlin")
        .hasMessageContaining("Asia/Tokyo");
  }

  @Test
  void zone_sameByAnotherName_isTaken() {
    builder().zone(ZoneId.of("UTC")).build().close();

    builder().zone(ZoneOffset.UTC).build().close();
  }

  @Test
  void record_everyPart_isWritten() throws Exception {
    UsageRecord full =
        UsageRecord.builder()
            .id("i")
            .timestamp(NOON.plusNanos(123_456_789))
            .operation("embeddings")
            .provider("p")
            .model("m")
            .usage(Usage.builder().inputTokens(3).units("pages", new BigDecimal("1.50")).build())
            .attributes(
                Attributes.of(
                    "nan", Double.NaN, "double", 1e300, "none", List.of(), "odd", "\0\ud800ü"))
            .cost(Cost.usd("1e-30"))
            .calculatedCost(Cost.usd("2"))
            .reportedCost(Cost.usd("3"))
            .lowestCost(Cost.usd("4"))
            .highestCost(Cost.usd("5"))
            .estimated(true)
            .priceVersion("v")
            .priceRule("r")
            .serviceTier("s")
            .region("g")
            .speed("f")
            .gaps(Set.of(UsageGap.CACHE_READS, UsageGap.OUTPUT))
            .cacheHit(true)
            .savedCost(Cost.usd("6"))
            .succeeded(false)
            .traceId("t")
            .spanId("n")
            .build();
    UsageRecord plain = UsageRecord.builder().id("j").timestamp(NOON).build();
    for (Field field : UsageRecord.class.getDeclaredFields()) {
      if (!Modifier.isStatic(field.getModifiers())) {
        field.setAccessible(true);
        assertThat(field.get(full)).as("%s, which this test lacks", field).isNotNull();
        assertThat(field.get(full))
            .as("%s, which this test lacks", field)
            .isNotEqualTo(field.get(plain));
      }
    }
    try (UsageLedger ledger = builder().build()) {
      ledger.add(full);
    }

    try (UsageLedger ledger = builder().build()) {
      assertThat(records(ledger)).containsExactly(full);
    }
  }

  @Test
  void totals_everyPart_isWritten() throws Exception {
    Totals totals = Totals.of(CostStatistics.NONE);
    int fields = 0;
    for (Field field : CostStatistics.class.getDeclaredFields()) {
      fields += Modifier.isStatic(field.getModifiers()) ? 0 : 1;
    }
    assertThat(totals.toString().split(" ")).hasSize(fields);
    assertThat(Totals.NAMES).hasSize(fields);
  }

  @Test
  void texts_thatNoDatabaseTakes_areToldApart() {
    List<String> odd =
        List.of("\0", "a\0", "\ud800", "\udc00", "x".repeat(10_000), "x".repeat(9_999), "ü");
    try (UsageLedger ledger = builder().build()) {
      for (String text : odd) {
        UsageRecord record = record("id" + text).attributes(Attributes.of("user", text)).build();
        assertThat(ledger.add(record)).isTrue();
        assertThat(ledger.add(record)).isFalse();
      }

      for (String text : odd) {
        assertThat(ledger.totals(UsageQuery.all().where("user", text)).totalRequests())
            .isEqualTo(1);
      }
      assertThat(records(ledger))
          .extracting(record -> record.attributes().text("user"))
          .containsExactlyInAnyOrderElementsOf(odd);
    }
  }

  @Test
  void add_timeWithoutADay_isRefused() {
    try (UsageLedger ledger = builder().build()) {
      assertThatThrownBy(() -> ledger.add(record("a").timestamp(Instant.MIN).build()))
          .isInstanceOf(LedgerException.class)
          .hasMessageContaining("record a");
    }
  }

  @Test
  void retention_removesRecordsAndHoursAndKeepsTotals() {
    TestClock clock = TestClock.at(NOON);
    try (UsageLedger ledger =
        builder()
            .clock(clock)
            .retention(Duration.ofDays(10))
            .hourRetention(Duration.ofDays(5))
            .build()) {
      for (int day = 0; day < 20; day++) {
        ledger.add(priced("r" + day, clock.now()));
        clock.advance(Duration.ofDays(1));
      }
      ledger.add(priced("last", clock.now()));

      await().until(() -> ledger.removedRecords() == 10);
      assertThat(records(ledger)).hasSize(11);
      assertThat(ledger.hours(Instant.MIN, Instant.MAX)).hasSize(6);
      assertThat(ledger.totals(UsageQuery.all()).totalCost()).isEqualTo(Cost.usd("21"));
      assertThat(ledger.days(UsageQuery.all())).hasSize(21);
      clock.setWallTime(NOON.minus(Duration.ofDays(400)));
      clock.advance(Duration.ofMinutes(2));
      ledger.add(priced("back", clock.now()));
      assertThat(records(ledger)).hasSize(12);
    }
    try (UsageLedger ledger = builder().clock(clock).build()) {
      assertThat(ledger.removedRecords()).isEqualTo(10);
    }
  }

  @Test
  void add_olderThanTheRetention_isRefusedRatherThanCountedTwice() {
    TestClock clock = TestClock.at(NOON);
    try (UsageLedger ledger = builder().clock(clock).retention(Duration.ofDays(10)).build()) {
      UsageRecord record = priced("r1", NOON);
      ledger.add(record);
      clock.advance(Duration.ofDays(11));
      ledger.add(priced("r2", clock.now()));
      await().until(() -> ledger.removedRecords() == 1);

      assertThatThrownBy(() -> ledger.add(record))
          .isInstanceOf(LedgerException.class)
          .hasMessageContaining("record r1 of 2028-03-01T12:00:00Z is older")
          .hasMessageContaining("PT240H")
          .extracting(failure -> ((LedgerException) failure).isPending())
          .isEqualTo(false);
      assertThat(ledger.totals(UsageQuery.all()).totalRequests()).isEqualTo(2);
      assertThat(ledger.lostRecords()).isEqualTo(1);
    }
  }

  @Test
  void replace_afterOtherBounds_movesWhereTheRecordWasCounted() {
    UsageRecord first = priced("ra", NOON);
    UsageRecord second = priced("rb", NOON);
    try (UsageLedger ledger = builder().maximumValues(1).build()) {
      ledger.add(first);
      ledger.add(second);
    }
    String crossed = UsageLedger.crossed("user", UsageLedger.MODEL);
    try (UsageLedger ledger = builder().cross("user", UsageLedger.MODEL).build()) {
      ledger.add(priced("nb", NOON));
      ledger.replace(second.toBuilder().cost(Cost.usd("0.25")).build());

      assertThat(costs(ledger.totalsBy("user", UsageQuery.all())))
          .isEqualTo(
              Map.of(
                  "user-a",
                  Cost.usd("1"),
                  "user-b",
                  Cost.usd("1"),
                  UsageLedger.OVERFLOW,
                  Cost.usd("0.25")));
      assertThat(costs(ledger.totalsBy(crossed, UsageQuery.all())))
          .isEqualTo(Map.of("user-b x unknown", Cost.usd("1")));
    }
    try (UsageLedger ledger = builder().maximumValues(1).build()) {
      ledger.replace(priced("nb", NOON).toBuilder().cost(Cost.usd("3")).build());

      assertThat(costs(ledger.totalsBy("user", UsageQuery.all())))
          .containsEntry("user-b", Cost.usd("3"));
      assertThat(costs(ledger.totalsBy(crossed, UsageQuery.all())))
          .isEqualTo(Map.of("user-b x unknown", Cost.usd("3")));
    }
  }

  @Test
  void replace_hourThatIsGone_bringsNoneBack() {
    TestClock clock = TestClock.at(NOON);
    try (UsageLedger ledger = builder().clock(clock).hourRetention(Duration.ofDays(1)).build()) {
      UsageRecord record = priced("ra", NOON);
      ledger.add(record);
      clock.advance(Duration.ofDays(3));
      ledger.add(priced("rb", clock.now()));
      await().until(() -> ledger.hours(Instant.MIN, Instant.MAX).size() == 1);

      ledger.replace(record.toBuilder().cost(Cost.usd("0.25")).build());

      assertThat(ledger.hours(Instant.MIN, Instant.MAX)).hasSize(1);
      assertThat(ledger.totals(UsageQuery.all()).totalCost()).isEqualTo(Cost.usd("1.25"));
    }
  }

  @Test
  void fold_inSteps_changesNoTotalInBetween() throws Exception {
    try (JdbcUsageLedger ledger = builder().clock(TestClock.at(NOON)).build()) {
      for (int i = 0; i < 300; i++) {
        Attributes users = Attributes.of("user", "u" + i, "a", "a" + i, "z", "z" + i);
        Instant time = NOON.minus(Duration.ofDays(i % 50));
        ledger.add(record("r" + i).timestamp(time).attributes(users).cost(Cost.usd("1")).build());
      }
    }
    execute("DELETE FROM agentops_usage_totals WHERE grain < " + Grain.DAY.code());
    execute("UPDATE agentops_usage_settings SET number = 0 WHERE name = 'folded_until'");
    SQLiteDataSource source = new SQLiteDataSource();
    source.setUrl("jdbc:sqlite:" + file);
    long day = LocalDate.of(2028, 3, 1).toEpochDay();
    UsageQuery march = UsageQuery.month(YearMonth.of(2028, 2));
    int steps = 0;
    try (UsageLedger reader = builder().build();
        UsageDatabase database = UsageDatabase.open(ConnectionSource.of(source), null);
        WriteSession session = database.openSession(1_000)) {
      boolean more = true;
      while (more) {
        more = session.fold(day);
        steps++;
        session.write(
            List.of(
                new Entry(
                    priced("late" + steps, NOON.minus(Duration.ofDays(2))),
                    false,
                    ZoneOffset.UTC,
                    UsageDimensions.plain())));
        for (String dimension : List.of("a", "user", "z", UsageLedger.MODEL)) {
          long late = dimension.length() == 1 ? 0 : steps;
          assertThat(requests(reader.totalsBy(dimension, UsageQuery.all())))
              .as("%s after step %s", dimension, steps)
              .isEqualTo(300 + late);
          assertThat(requests(reader.totalsBy(dimension, march))).isEqualTo(174 + late);
        }
        assertThat(reader.totals(UsageQuery.all()).totalRequests()).isEqualTo(300 + steps);
      }
    }
    assertThat(steps).isGreaterThan(1);
    assertThat(query("SELECT name FROM agentops_usage_settings WHERE name LIKE 'folded_until%'"))
        .isEqualTo("folded_until\n");
  }

  @Test
  void fold_daysThatAreOver_changesNoTotal() throws Exception {
    TestClock clock = TestClock.at(NOON);
    UsageQuery march = UsageQuery.month(YearMonth.of(2028, 3));
    UsageQuery middle = UsageQuery.between(LocalDate.of(2028, 2, 20), LocalDate.of(2028, 4, 5));
    try (UsageLedger ledger = builder().clock(clock).maximumValues(3).build()) {
      for (int day = 0; day < 60; day++) {
        ledger.add(priced("r" + day, clock.now()));
        ledger.add(priced("late" + day, NOON.plus(Duration.ofDays(day / 2))));
        clock.advance(Duration.ofDays(1));
        assertThat(ledger.totals(UsageQuery.all()).totalRequests()).isEqualTo(2 * day + 2);
        assertThat(
                ledger.totalsBy("user", UsageQuery.all()).values().stream()
                    .mapToLong(CostStatistics::totalRequests)
                    .sum())
            .isEqualTo(2 * day + 2);
      }
      // 31 days of their own, and two that are late for each
      assertThat(ledger.totals(march).totalRequests()).isEqualTo(31 + 60);
      assertThat(ledger.totals(middle).totalRequests()).isEqualTo(35 + 60);
      assertThat(ledger.totalsBy("user", UsageQuery.all()))
          .containsOnlyKeys("user-0", "user-1", "user-2", UsageLedger.OVERFLOW);
    }
    assertThat(
            query(
                "SELECT COUNT(*) FROM agentops_usage_totals WHERE dimension = '' AND grain = "
                    + Grain.MONTH.code()))
        .isEqualTo("2\n");
  }

  @Test
  void totals_walkAnIndex() throws Exception {
    JdbcUsageLedger.sqlite(file).close();
    for (String condition : List.of("value = 'v' AND ", "")) {
      assertThat(
              query(
                  "EXPLAIN QUERY PLAN SELECT totals FROM agentops_usage_totals"
                      + " WHERE dimension = 'd' AND "
                      + condition
                      + "grain = 1 AND period >= 1 AND period < 9"))
          .contains("SEARCH")
          .contains("period>? AND period<?");
    }
    assertThat(
            query(
                "EXPLAIN QUERY PLAN SELECT document FROM agentops_usage_records WHERE"
                    + " (epoch_second, nano, seq) > (1, 2, 3) AND (epoch_second, nano) < (4, 5)"
                    + " ORDER BY epoch_second, nano, seq LIMIT 9"))
        .contains("agentops_usage_records_by_time")
        .doesNotContain("TEMP B-TREE");
  }

  @Test
  void optionalJars_missing_areNamed() throws Exception {
    assertThat(WithoutJars.call(OpensSqlite.class, "HikariCP"))
        .isEqualTo("JdbcUsageLedger.sqlite needs com.zaxxer:HikariCP on the class path");
    assertThat(WithoutJars.call(OpensSqlite.class, "sqlite-jdbc"))
        .isEqualTo("JdbcUsageLedger.sqlite needs org.xerial:sqlite-jdbc on the class path");
    assertThat(WithoutJars.call(OpensDataSource.class, "HikariCP", "postgresql")).isEqualTo(1L);
  }

  /** Says what is missing. */
  public static final class OpensSqlite implements Callable<String> {

    @Override
    public String call() {
      try {
        JdbcUsageLedger.sqlite(Path.of("never-made.db"));
        return "opened";
      } catch (IllegalStateException e) {
        return e.getMessage();
      }
    }
  }

  /** Needs no pool. */
  public static final class OpensDataSource implements Callable<Long> {

    @Override
    public Long call() throws Exception {
      Path file = Files.createTempFile("usage", ".db");
      SQLiteDataSource dataSource = new SQLiteDataSource();
      dataSource.setUrl("jdbc:sqlite:" + file);
      try (UsageLedger ledger = JdbcUsageLedger.of(dataSource)) {
        ledger.add(record("a").build());
        return ledger.totals(UsageQuery.all()).totalRequests();
      } finally {
        Files.delete(file);
      }
    }
  }

  private JdbcUsageLedger.Builder builder() {
    return JdbcUsageLedger.builder().sqlite(file).maximumWait(Duration.ofSeconds(30));
  }

  private static UsageRecord priced(String id, Instant time) {
    return record(id)
        .timestamp(time)
        .cost(Cost.usd("1"))
        .attributes(Attributes.of("user", "user-" + id.charAt(id.length() - 1)))
        .build();
  }

  private static UsageRecord.Builder record(String id) {
    return UsageRecord.builder().id(id).timestamp(NOON);
  }

  private static List<UsageRecord> records(UsageLedger ledger) {
    List<UsageRecord> records = new ArrayList<>();
    ledger.records(Instant.MIN, Instant.MAX, records::add);
    return records;
  }

  private static Map<String, Cost> costs(Map<String, CostStatistics> totals) {
    Map<String, Cost> costs = new TreeMap<>();
    totals.forEach((value, total) -> costs.put(value, total.totalCost()));
    return costs;
  }

  private static long requests(Map<String, CostStatistics> totals) {
    return totals.values().stream().mapToLong(CostStatistics::totalRequests).sum();
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The last column of each row. */
  private String query(String sql) throws SQLException {
    StringBuilder answer = new StringBuilder();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        answer.append(rows.getString(rows.getMetaData().getColumnCount())).append('\n');
      }
    }
    return answer.toString();
  }
}
