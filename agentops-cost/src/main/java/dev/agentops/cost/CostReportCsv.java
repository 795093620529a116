package dev.agentops.cost;

import dev.agentops.Cost;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a report as CSV. */
final class CostReportCsv {

  private static final List<String> COLUMNS =
      List.of(
          "section",
          "value",
          "requests",
          "unpriced_requests",
          "estimated_requests",
          "input_tokens",
          "output_tokens",
          "cache_read_tokens",
          "cache_write_tokens",
          "reasoning_tokens",
          "cost_usd",
          "lowest_cost_usd",
          "highest_cost_usd",
          "reported_cost_usd",
          "calculated_cost_usd",
          "cache_hits",
          "saved_cost_usd",
          "tasks",
          "succeeded_tasks",
          "limit_usd");

  private final StringBuilder text = new StringBuilder();
  private final Csv csv = new Csv(text);

  private CostReportCsv() {}

  static String of(CostReport report) {
    try {
      return new CostReportCsv().write(report);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringBuilder throws none
    }
  }

  private String write(CostReport report) throws IOException {
    for (String column : COLUMNS) {
      csv.text(column);
    }
    csv.endLine();
    line("total", "", report.totals());
    for (var day : report.days().entrySet()) {
      line("day", day.getKey().toString(), day.getValue());
    }
    if (!report.earlier().equals(CostStatistics.NONE)) {
      line("earlier", "", report.earlier());
    }
    for (var dimension : report.dimensions().entrySet()) {
      for (var value : dimension.getValue().entrySet()) {
        line("by:" + dimension.getKey(), value.getKey(), value.getValue());
      }
    }
    for (var model : report.unpricedModels().entrySet()) {
      line("unpriced_model", model.getKey(), model.getValue());
    }
    forecast(report.forecast().orElse(null));
    for (CostReport.BudgetLine budget : report.budgets()) {
      amounts(
          "budget", budget.name(), Map.of("cost_usd", budget.spent(), "limit_usd", budget.limit()));
    }
    return text.toString();
  }

  private void line(String section, String value, CostStatistics total) throws IOException {
    csv.text(section)
        .text(value)
        .number(total.totalRequests())
        .number(total.unpricedRequests())
        .number(total.estimatedRequests())
        .number(total.totalInputTokens())
        .number(total.totalOutputTokens())
        .number(total.cacheReadTokens())
        .number(total.cacheWriteTokens())
        .number(total.reasoningTokens());
    for (Cost cost : List.of(total.totalCost(), total.lowestCost(), total.highestCost())) {
      if (total.isCostUnknown()) {
        csv.text("");
      } else {
        csv.number(cost.usd());
      }
    }
    csv.number(total.reportedCost().usd())
        .number(total.calculatedCost().usd())
        .number(total.cacheHits())
        .number(total.savedCost().usd())
        .number(total.tasks())
        .number(total.succeededTasks())
        .text("")
        .endLine();
  }

  private void forecast(@Nullable CostForecast forecast) throws IOException {
    if (forecast == null) {
      return;
    }
    amounts(
        "forecast",
        forecast.month().toString(),
        Map.of(
            "cost_usd",
            forecast.expected(),
            "lowest_cost_usd",
            forecast.lowest(),
            "highest_cost_usd",
            forecast.highest()));
  }

  /** A line with amounts in some columns and nothing in the others. */
  private void amounts(String section, String value, Map<String, Cost> amounts) throws IOException {
    csv.text(section).text(value);
    for (String column : COLUMNS.subList(2, COLUMNS.size())) {
      Cost amount = amounts.get(column);
      if (amount == null) {
        csv.text("");
      } else {
        csv.number(amount.usd());
      }
    }
    csv.endLine();
  }
}
