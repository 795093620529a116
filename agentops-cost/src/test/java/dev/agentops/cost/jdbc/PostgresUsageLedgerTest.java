package dev.agentops.cost.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import dev.agentops.cost.UsageLedger;
import dev.agentops.cost.UsageLedgerContract;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** On a real PostgreSQL, started once. */
class PostgresUsageLedgerTest extends UsageLedgerContract {

  private static @Nullable PostgresServer server;

  private final List<HikariDataSource> pools = new ArrayList<>();

  @BeforeAll
  static void start() {
    server = PostgresServer.start();
  }

  @AfterAll
  static void stop() throws IOException {
    if (server != null) {
      server.close();
    }
  }

  @AfterEach
  void closePools() {
    pools.forEach(HikariDataSource::close);
  }

  @Override
  protected UsageLedger create(ZoneId zone, int maximumValues) {
    HikariDataSource pool;
    try {
      pool = server.pool(server.schema());
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    pools.add(pool);
    return JdbcUsageLedger.builder()
        .dataSource(pool)
        .zone(zone)
        .maximumWait(Duration.ofSeconds(30))
        .maximumValues(maximumValues)
        .cross("team", UsageLedger.MODEL)
        .retention(ChronoUnit.FOREVER.getDuration())
        .hourRetention(ChronoUnit.FOREVER.getDuration())
        .build();
  }
}
