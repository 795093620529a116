package dev.agentops.cost.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Usage;
import dev.agentops.cost.CostStatistics;
import dev.agentops.cost.UsageLedger;
import dev.agentops.cost.UsageQuery;
import dev.agentops.cost.UsageRecord;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills processes that add. {@code -Dagentops.kills=100} does it more often than usual. */
class KilledLedgerTest {

  private static final int KILLS = Integer.getInteger("agentops.kills", 4);
  private static final int THREADS = 4;

  @TempDir private Path folder;

  @Test
  void killed_losesNothingAcknowledgedAndCountsNothingTwice() throws Exception {
    Path file = folder.resolve("usage.db");
    Random random = new Random(4);
    List<String> acknowledged = new ArrayList<>();
    for (int kill = 0; kill < KILLS; kill++) {
      acknowledged.addAll(runAndKill(file, "k" + kill + '-', 1 + random.nextInt(400)));
      check(file, acknowledged);
    }
    assertThat(acknowledged).hasSizeGreaterThan(KILLS);
  }

  private static List<String> runAndKill(Path file, String prefix, int lines) throws Exception {
    List<String> acknowledged = new ArrayList<>();
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                AddsForEver.class.getName(),
                file.toString(),
                prefix)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      String line = reader.readLine();
      while (line != null) {
        if (line.startsWith(prefix) && line.endsWith(";")) { // not half a line
          acknowledged.add(line.substring(0, line.length() - 1));
        }
        if (acknowledged.size() == lines) {
          child.toHandle().destroyForcibly(); // SIGKILL; what it said is still read below
        }
        line = reader.readLine();
      }
    } finally {
      child.destroyForcibly();
      child.waitFor();
    }
    assertThat(child.exitValue()).isEqualTo(128 + 9);
    return acknowledged;
  }

  private static void check(Path file, List<String> acknowledged) {
    try (UsageLedger ledger = JdbcUsageLedger.sqlite(file)) {
      List<UsageRecord> records = new ArrayList<>();
      ledger.records(Instant.MIN, Instant.MAX, records::add);
      Set<String> ids = new HashSet<>();
      records.forEach(record -> ids.add(record.id()));
      assertThat(ids).hasSameSizeAs(records);
      assertThat(ids.containsAll(acknowledged)).isTrue();
      Map<String, CostStatistics> byUser = new TreeMap<>();
      CostStatistics all = CostStatistics.NONE;
      for (UsageRecord record : records) {
        CostStatistics one = CostStatistics.of(record);
        all = all.plus(one);
        byUser.merge(record.attributes().text("user.id"), one, CostStatistics::plus);
      }
      assertThat(ledger.totals(UsageQuery.all())).isEqualTo(all);
      assertThat(ledger.totalsBy("user.id", UsageQuery.all())).isEqualTo(byUser);
    }
  }

  /** Adds records, and says which are safe. */
  static final class AddsForEver {

    public static void main(String[] args) {
      UsageLedger ledger = JdbcUsageLedger.sqlite(Path.of(args[0]));
      for (int t = 0; t < THREADS; t++) {
        int thread = t;
        new Thread(
                () -> {
                  for (int i = 0; ; i++) {
                    String id = args[1] + thread + '-' + i;
                    ledger.add(record(id, i));
                    synchronized (System.out) {
                      System.out.println(id + ';');
                    }
                  }
                })
            .start();
      }
    }

    private static UsageRecord record(String id, int i) {
      return UsageRecord.builder()
          .id(id)
          .timestamp(Instant.now())
          .attributes(Attributes.of("user.id", "user-" + i % 7))
          .usage(Usage.of(i, 2))
          .cost(Cost.ofPicoUsd(i))
          .build();
    }
  }
}
