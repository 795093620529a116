package dev.agentops.cost;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
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
          "succeeded_tasks");

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
    for (var dimension : report.dimensions().entrySet()) {
      for (var value : dimension.getValue().entrySet()) {
        line(dimension.getKey(), value.getKey(), value.getValue());
      }
    }
    forecast(report.forecast().orElse(null));
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
        .number(total.reasoningTokens())
        .number(total.totalCost().usd())
        .number(total.lowestCost().usd())
        .number(total.highestCost().usd())
        .number(total.reportedCost().usd())
        .number(total.calculatedCost().usd())
        .number(total.cacheHits())
        .number(total.savedCost().usd())
        .number(total.tasks())
        .number(total.succeededTasks())
        .endLine();
  }

  private void forecast(@Nullable CostForecast forecast) throws IOException {
    if (forecast == null) {
      return;
    }
    csv.text("forecast").text(forecast.month().toString());
    for (String column : COLUMNS.subList(2, COLUMNS.size())) {
      switch (column) {
        case "cost_usd" -> csv.number(forecast.expected().usd());
        case "lowest_cost_usd" -> csv.number(forecast.lowest().usd());
        case "highest_cost_usd" -> csv.number(forecast.highest().usd());
        default -> csv.text("");
      }
    }
    csv.endLine();
  }
}
