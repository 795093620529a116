package dev.agentops.cost;

import dev.agentops.Cost;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes a report for a terminal. */
final class CostReportText {

  private static final int LEAST_WIDTH = 60;
  private static final int NUMBER_WIDTH = 11;
  private static final int COST_WIDTH = 16;
  private static final int PAIR_WIDTH = 12;
  private static final int DECIMALS = 6;

  private final CostReport report;
  private final int width;
  private final StringBuilder text = new StringBuilder();

  CostReportText(CostReport report, int width) {
    if (width < LEAST_WIDTH) {
      throw new IllegalArgumentException(
          "a report needs at least " + LEAST_WIDTH + " characters: " + width);
    }
    this.report = report;
    this.width = width;
  }

  String text() {
    line("Cost " + range());
    totals(report.totals());
    report.forecast().ifPresent(this::forecast);
    for (CostReport.BudgetLine budget : report.budgets()) {
      pair("budget " + budget.name(), usd(budget.spent()) + " of " + usd(budget.limit()));
    }
    Map<String, CostStatistics> days = new LinkedHashMap<>();
    report.days().forEach((day, total) -> days.put(day.toString(), total));
    if (!report.earlier().equals(CostStatistics.NONE)) {
      days.put("(earlier)", report.earlier());
    }
    table("day", days, false);
    report.dimensions().forEach(this::table);
    if (!report.unpricedModels().isEmpty()) {
      line("");
      row("model without a price", List.of(), "requests");
      report
          .unpricedModels()
          .forEach((model, total) -> row(model, List.of(), grouped(total.unpricedRequests())));
    }
    if (!report.notes().isEmpty()) {
      line("");
      report.notes().forEach(this::line);
    }
    return text.toString();
  }

  private void totals(CostStatistics totals) {
    List<String> requests = new ArrayList<>(List.of(grouped(totals.totalRequests())));
    if (totals.estimatedRequests() > 0) {
      requests.add(grouped(totals.estimatedRequests()) + " estimated");
    }
    pair("requests", String.join(", ", requests));
    pair(
        "tokens",
        grouped(totals.totalInputTokens())
            + " in ("
            + grouped(totals.cacheReadTokens())
            + " from the cache), "
            + grouped(totals.totalOutputTokens())
            + " out");
    pair("cost", cost(totals));
    if (totals.unpricedRequests() == 0 && !totals.lowestCost().equals(totals.highestCost())) {
      pair("between", usd(totals.lowestCost()) + " and " + usd(totals.highestCost()));
    }
    if (!totals.reportedCost().isZero()) {
      pair(
          "reported",
          usd(totals.reportedCost()) + ", of which unexplained " + usd(totals.unexplainedCost()));
    }
    if (totals.cacheHits() > 0) {
      pair(
          "saved",
          usd(totals.savedCost()) + " by " + grouped(totals.cacheHits()) + " cached answers");
    }
    if (totals.tasks() > 0) {
      boolean unpriced = totals.unpricedRequests() > 0;
      pair(
          "tasks",
          grouped(totals.succeededTasks())
              + " of "
              + grouped(totals.tasks())
              + " succeeded"
              + totals
                  .costPerSuccessfulTask()
                  .map(cost -> ", " + (unpriced ? "at least " : "") + usd(cost) + " each")
                  .orElse(unpriced && totals.succeededTasks() > 0 ? ", unknown each" : ""));
    }
  }

  /** What is known of the cost: where prices are missing, no more than how much it is at least. */
  private static String cost(CostStatistics totals) {
    if (totals.unpricedRequests() == 0) {
      return usd(totals.totalCost());
    }
    String without = " (" + grouped(totals.unpricedRequests()) + " without a price)";
    if (totals.isCostUnknown()) {
      return "unknown" + without;
    }
    String least = "at least " + usd(totals.lowestCost()) + without;
    return totals.lowestCost().equals(totals.totalCost())
        ? least
        : least + ", " + usd(totals.totalCost()) + " as estimated";
  }

  private void forecast(CostForecast forecast) {
    pair(
        "forecast",
        usd(forecast.expected())
            + " for "
            + forecast.month()
            + ", between "
            + usd(forecast.lowest())
            + " and "
            + usd(forecast.highest()));
  }

  /** A task has no model: in a table of models it would be a line without any call. */
  private void table(String name, Map<String, CostStatistics> all) {
    boolean ofModels = name.contains(UsageLedger.MODEL) || name.contains(UsageLedger.PROVIDER);
    Map<String, CostStatistics> lines = new LinkedHashMap<>(all);
    if (ofModels) {
      lines.values().removeIf(line -> line.totalRequests() == 0 && line.cacheHits() == 0);
    }
    table(name, lines, !ofModels && lines.values().stream().anyMatch(line -> line.tasks() > 0));
  }

  private void table(String name, Map<String, CostStatistics> lines, boolean tasks) {
    if (lines.isEmpty()) {
      return;
    }
    boolean tokens = width >= LEAST_WIDTH + 2 * NUMBER_WIDTH;
    line("");
    List<String> columns = new ArrayList<>(List.of("requests"));
    if (tokens) {
      columns.addAll(List.of("input", "output"));
    }
    if (tasks) {
      columns.add("tasks");
    }
    row(name, columns, "cost");
    lines.forEach(
        (value, total) -> {
          List<String> numbers = new ArrayList<>(List.of(grouped(total.totalRequests())));
          if (tokens) {
            numbers.add(grouped(total.totalInputTokens()));
            numbers.add(grouped(total.totalOutputTokens()));
          }
          if (tasks) {
            numbers.add(grouped(total.tasks()));
          }
          row(value, numbers, lineCost(total));
        });
  }

  private static String lineCost(CostStatistics total) {
    if (total.totalRequests() == 0) {
      return "-";
    }
    if (total.isCostUnknown()) {
      return "unknown";
    }
    return (total.unpricedRequests() > 0 ? "≥ " : "") + aligned(total.totalCost());
  }

  private String range() {
    UsageQuery query = report.query();
    String days =
        query.from().isEmpty()
            ? "of all days"
            : query.from().get() + " to " + query.until().orElseThrow().minusDays(1);
    return days
        + " ("
        + (report.zone().equals(ZoneOffset.UTC) ? "UTC" : report.zone())
        + ")"
        + query.dimension().map(name -> ", " + name + " " + query.value().orElseThrow()).orElse("");
  }

  private void pair(String name, String value) {
    line("  " + padRight(name + "  ", PAIR_WIDTH) + value);
  }

  private void row(String name, List<String> numbers, String last) {
    int nameWidth = width - numbers.size() * NUMBER_WIDTH - COST_WIDTH;
    StringBuilder row = new StringBuilder(padRight(cut(plain(name), nameWidth - 1), nameWidth));
    numbers.forEach(number -> row.append(padLeft(number, NUMBER_WIDTH)));
    line(row.append(padLeft(last, COST_WIDTH)).toString());
  }

  private void line(String line) {
    text.append(cut(plain(line), width).stripTrailing()).append('\n');
  }

  /** Without what would break the line or steer a terminal. */
  private static String plain(String text) {
    StringBuilder plain = new StringBuilder();
    text.codePoints()
        .map(
            c ->
                switch (Character.getType(c)) {
                  case Character.CONTROL,
                      Character.FORMAT,
                      Character.LINE_SEPARATOR,
                      Character.PARAGRAPH_SEPARATOR,
                      Character.SURROGATE ->
                      '?';
                  default -> c;
                })
        .forEach(plain::appendCodePoint);
    return plain.toString();
  }

  private static String cut(String text, int width) {
    if (text.codePointCount(0, text.length()) <= width) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, width - 1)) + '…';
  }

  private static String padRight(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.codePointCount(0, text.length())));
  }

  private static String padLeft(String text, int width) {
    return " ".repeat(Math.max(1, width - text.length())) + text;
  }

  private static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String usd(Cost cost) {
    return Cost.usd(rounded(cost)).toString();
  }

  /** With all decimals, so that points stand below each other. */
  private static String aligned(Cost cost) {
    BigDecimal amount = rounded(cost);
    return (amount.signum() < 0 ? "-$" : "$") + amount.abs().toPlainString();
  }

  private static BigDecimal rounded(Cost cost) {
    return cost.usd().setScale(DECIMALS, RoundingMode.HALF_EVEN);
  }
}
