package dev.agentops.cost.jdbc;

import com.sun.management.OperatingSystemMXBean;
import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Usage;
import dev.agentops.cost.UsageLedger;
import dev.agentops.cost.UsageQuery;
import dev.agentops.cost.UsageRecord;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.NullMarked;

/**
 * How many records a second a SQLite file takes, and how long totals take then. No JMH: what counts
 * is a long run with many callers and the disk, not one call.
 *
 * <pre>
 * java -cp ... dev.agentops.cost.jdbc.LedgerBenchmark [records to fill with [records per round]]
 * </pre>
 */
@NullMarked
public final class LedgerBenchmark {

  private static final String FILL = "fill a year, 10 ms window";

  private LedgerBenchmark() {}

  public static void main(String[] args) throws Exception {
    long fill = args.length == 0 ? 1_000_000 : Long.parseLong(args[0]);
    long each = args.length < 2 ? 200_000 : Long.parseLong(args[1]);
    Path folder = Files.createTempDirectory("ledger-benchmark");
    for (int round = 0; round < 2; round++) { // the first warms up
      add(folder, "no window, 64 callers", Duration.ZERO, false, 64, each);
      add(folder, "no window, 256 callers", Duration.ZERO, false, 256, each);
      add(folder, "no window, power loss, 256 callers", Duration.ZERO, true, 256, each / 2);
      add(folder, "10 ms window, 4 callers", Duration.ofMillis(10), false, 4, 5 * each);
    }
    Path file = add(folder, FILL, Duration.ofMillis(10), false, 4, fill);
    read(file);
    Files.delete(file);
    Files.delete(folder);
  }

  private static Path add(
      Path folder, String what, Duration window, boolean powerLoss, int callers, long records)
      throws Exception {
    Path file = folder.resolve(what.replaceAll("\\W+", "-") + ".db");
    Files.deleteIfExists(file);
    Duration span = what.equals(FILL) ? Duration.ofDays(365) : Duration.ofMinutes(1);
    Instant from = Instant.now().minus(span);
    long nanos;
    long cpu;
    try (JdbcUsageLedger ledger =
        JdbcUsageLedger.builder()
            .sqlite(file)
            .lossWindow(window)
            .survivesPowerLoss(powerLoss)
            .cross("team", UsageLedger.MODEL)
            .maximumWait(Duration.ofMinutes(1))
            .build()) {
      AtomicLong next = new AtomicLong();
      List<Thread> threads = new ArrayList<>();
      long begin = System.nanoTime();
      long cpuBegin = cpuNanos();
      for (int t = 0; t < callers; t++) {
        Random random = new Random(t);
        Thread thread =
            new Thread(
                () -> {
                  for (long i = next.getAndIncrement(); i < records; i = next.getAndIncrement()) {
                    ledger.add(record(random, from.plusSeconds(i * span.toSeconds() / records)));
                  }
                });
        thread.start();
        threads.add(thread);
      }
      for (Thread thread : threads) {
        thread.join();
      }
      while (ledger.totals(UsageQuery.all()).totalRequests() < records) {
        Thread.sleep(1);
      }
      nanos = System.nanoTime() - begin;
      cpu = cpuNanos() - cpuBegin;
      if (ledger.lostRecords() + ledger.delayedRecords() > 0) {
        throw new IllegalStateException("lost " + ledger.lostRecords());
      }
    }
    print(
        what,
        String.format(
            Locale.ROOT,
            "%,d records/s, %.1f us of CPU each",
            records * 1_000_000_000L / nanos,
            cpu / 1e3 / records));
    if (!what.equals(FILL)) {
      Files.delete(file);
    }
    return file;
  }

  /** Of all threads: what a loaded machine does not distort. */
  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static void read(Path file) {
    try (JdbcUsageLedger ledger = JdbcUsageLedger.sqlite(file)) {
      LocalDate today = LocalDate.now(ZoneOffset.UTC);
      UsageQuery year = UsageQuery.between(today.minusDays(339), today);
      UsageQuery month = UsageQuery.month(YearMonth.from(today).minusMonths(3));
      time("totals of all", () -> ledger.totals(UsageQuery.all()));
      time("totals of a day", () -> ledger.totals(UsageQuery.day(today.minusDays(99))));
      time("totals of a month", () -> ledger.totals(month));
      time("totals of 339 days", () -> ledger.totals(year));
      time("totals of 339 days, one user", () -> ledger.totals(year.where("user.id", "user-7")));
      time("totals by model, 339 days", () -> ledger.totalsBy(UsageLedger.MODEL, year));
      time(
          "totals by team and model, a month",
          () -> ledger.totalsBy(UsageLedger.crossed("team", UsageLedger.MODEL), month));
      time("totals by user (500), a month", () -> ledger.totalsBy("user.id", month));
      time("365 days", () -> ledger.days(UsageQuery.all()));
    }
  }

  private static void time(String what, Runnable query) {
    long[] nanos = new long[2_000];
    for (int i = 0; i < nanos.length; i++) {
      long begin = System.nanoTime();
      query.run();
      nanos[i] = System.nanoTime() - begin;
    }
    long[] warm = Arrays.copyOfRange(nanos, nanos.length / 2, nanos.length);
    Arrays.sort(warm);
    print(
        what,
        String.format(
            Locale.ROOT,
            "p50 %.3f ms, p99 %.3f ms",
            warm[warm.length / 2] / 1e6,
            warm[warm.length * 99 / 100] / 1e6));
  }

  private static UsageRecord record(Random random, Instant time) {
    int model = random.nextInt(10);
    return UsageRecord.builder()
        .timestamp(time)
        .provider("provider-" + model % 3)
        .model("model-" + model)
        .usage(
            Usage.builder()
                .inputTokens(1_000 + random.nextInt(9_000))
                .cacheReadTokens(random.nextInt(1_000))
                .outputTokens(random.nextInt(2_000))
                .build())
        .attributes(
            Attributes.of(
                "team", "team-" + random.nextInt(20), "user.id", "user-" + random.nextInt(500)))
        .cost(Cost.ofPicoUsd(random.nextInt(1_000_000_000)))
        .priceVersion("2026-11-22")
        .priceRule("provider/model#1")
        .build();
  }

  private static void print(String what, String figure) {
    System.out.printf(Locale.ROOT, "%-40s %s%n", what, figure);
  }
}
