package dev.agentops.cost.jdbc;

import dev.agentops.cost.UsageLedger;
import dev.agentops.cost.UsageLedgerContract;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.io.TempDir;

class SqliteUsageLedgerTest extends UsageLedgerContract {

  @TempDir private Path folder;
  private int files;

  @Override
  protected UsageLedger create(ZoneId zone, int maximumValues) {
    return builder()
        .sqlite(folder.resolve("usage-" + files++ + ".db"))
        .zone(zone)
        .maximumWait(Duration.ofSeconds(30))
        .maximumValues(maximumValues)
        .cross("team", UsageLedger.MODEL)
        .retention(ChronoUnit.FOREVER.getDuration())
        .hourRetention(ChronoUnit.FOREVER.getDuration())
        .build();
  }

  JdbcUsageLedger.Builder builder() {
    return JdbcUsageLedger.builder();
  }
}
