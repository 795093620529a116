package dev.agentops.cost;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.Cost;

/** Writes a report as JSON. */
final class CostReportJson {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private CostReportJson() {}

  static String of(CostReport report) {
    ObjectNode root = NODES.objectNode();
    UsageQuery query = report.query();
    query.from().ifPresent(from -> root.put("from", from.toString()));
    query.until().ifPresent(until -> root.put("until", until.toString()));
    root.put("zone", report.zone().getId());
    query.dimension().ifPresent(dimension -> root.put("dimension", dimension));
    query.value().ifPresent(value -> root.put("value", value));
    root.set("totals", totals(report));
    ArrayNode days = root.putArray("days");
    report.days().forEach((day, total) -> put(days.addObject().put("day", day.toString()), total));
    if (!report.earlier().equals(CostStatistics.NONE)) {
      put(root.putObject("earlier"), report.earlier());
    }
    ObjectNode dimensions = root.putObject("dimensions");
    report
        .dimensions()
        .forEach(
            (dimension, lines) -> {
              ArrayNode values = dimensions.putArray(dimension);
              lines.forEach((value, total) -> put(values.addObject().put("value", value), total));
            });
    ArrayNode unpriced = root.putArray("unpricedModels");
    report
        .unpricedModels()
        .forEach(
            (model, total) ->
                unpriced.addObject().put("model", model).put("requests", total.unpricedRequests()));
    report.forecast().ifPresent(forecast -> root.set("forecast", forecast(forecast)));
    ArrayNode budgets = root.putArray("budgets");
    report
        .budgets()
        .forEach(
            budget ->
                budgets
                    .addObject()
                    .put("name", budget.name())
                    .put("spent", usd(budget.spent()))
                    .put("limit", usd(budget.limit())));
    ArrayNode notes = root.putArray("notes");
    report.notes().forEach(notes::add);
    return root.toPrettyString();
  }

  private static ObjectNode totals(CostReport report) {
    ObjectNode node = NODES.objectNode();
    put(node, report.totals());
    node.put("unexplained", usd(report.totals().unexplainedCost()));
    report
        .totals()
        .costPerSuccessfulTask()
        .ifPresent(cost -> node.put("costPerSuccessfulTask", usd(cost)));
    return node;
  }

  private static void put(ObjectNode node, CostStatistics total) {
    node.put("requests", total.totalRequests())
        .put("unpricedRequests", total.unpricedRequests())
        .put("estimatedRequests", total.estimatedRequests())
        .put("inputTokens", total.totalInputTokens())
        .put("outputTokens", total.totalOutputTokens())
        .put("cacheReadTokens", total.cacheReadTokens())
        .put("cacheWriteTokens", total.cacheWriteTokens())
        .put("reasoningTokens", total.reasoningTokens())
        .put("cost", total.isCostUnknown() ? null : usd(total.totalCost()))
        .put("lowestCost", total.isCostUnknown() ? null : usd(total.lowestCost()))
        .put("highestCost", total.isCostUnknown() ? null : usd(total.highestCost()))
        .put("reportedCost", usd(total.reportedCost()))
        .put("calculatedCost", usd(total.calculatedCost()))
        .put("cacheHits", total.cacheHits())
        .put("savedCost", usd(total.savedCost()))
        .put("tasks", total.tasks())
        .put("succeededTasks", total.succeededTasks());
  }

  private static ObjectNode forecast(CostForecast forecast) {
    return NODES
        .objectNode()
        .put("month", forecast.month().toString())
        .put("spent", usd(forecast.spent()))
        .put("expected", usd(forecast.expected()))
        .put("lowest", usd(forecast.lowest()))
        .put("highest", usd(forecast.highest()))
        .put("basisDays", forecast.basisDays());
  }

  private static String usd(Cost cost) {
    return cost.usd().toPlainString();
  }
}
