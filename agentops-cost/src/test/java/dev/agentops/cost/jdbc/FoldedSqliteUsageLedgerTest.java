package dev.agentops.cost.jdbc;

import dev.agentops.TestClock;
import java.time.Instant;

/** Where half of the days are over when their records come, and are in longer periods at once. */
class FoldedSqliteUsageLedgerTest extends SqliteUsageLedgerTest {

  @Override
  JdbcUsageLedger.Builder builder() {
    return super.builder().clock(TestClock.at(Instant.parse("2028-03-16T12:00:00Z")));
  }
}
