package dev.agentops.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a model of {@link PriceFile} costs on a day in the standard tier, for each size of request.
 */
final class StandardRates {

  private static final long ANY_SIZE = -1;

  /** The lists say "more than" and "from" of the same size. */
  private static final long SIZE_TOLERANCE = 1;

  private final TreeMap<Long, JsonNode> bands;
  private final boolean hourly;

  private StandardRates(TreeMap<Long, JsonNode> bands, boolean hourly) {
    this.bands = bands;
    this.hourly = hourly;
  }

  /** The rates that hold on a day; of those that hold for hours of it, the last. */
  static StandardRates of(JsonNode model, LocalDate day) {
    TreeMap<Long, JsonNode> bands = new TreeMap<>();
    boolean hourly = false;
    for (JsonNode rule : model.path("prices")) {
      boolean standard =
          rule.has("rates") && !rule.has("tier") && !rule.has("region") && !rule.has("speed");
      if (standard && holds(rule, day)) {
        long above = rule.path("inputAbove").asLong(ANY_SIZE);
        bands.tailMap(above, true).clear(); // the last rule that holds applies
        bands.put(above, rule);
        hourly |= rule.has("between");
      }
    }
    return new StandardRates(bands, hourly);
  }

  /** The first day after this one on which a price begins or ends; null where none does. */
  static @Nullable LocalDate nextChange(JsonNode model, LocalDate day) {
    LocalDate next = null;
    for (JsonNode rule : model.path("prices")) {
      for (String field : List.of("from", "until")) {
        LocalDate change = date(rule, field);
        if (change != null && change.isAfter(day) && (next == null || change.isBefore(next))) {
          next = change;
        }
      }
    }
    return next;
  }

  /** The fees that are not for tokens; empty where there are none. */
  ObjectNode units() {
    return bands.isEmpty()
        ? PriceFile.JSON.createObjectNode()
        : bands.firstEntry().getValue().path("units").isObject()
            ? (ObjectNode) bands.firstEntry().getValue().path("units")
            : PriceFile.JSON.createObjectNode();
  }

  /**
   * What these rates and others say differently, one line each; empty where all kinds of token that
   * both price cost the same. A kind that only one of them prices is no difference.
   */
  List<String> differences(StandardRates others) {
    List<String> differences = new ArrayList<>();
    if (hourly != others.hourly) {
      differences.add("prices that change by the hour and others");
    }
    if (!sizesLike(others)) {
      differences.add("sizes " + bands.keySet() + " and " + others.bands.keySet());
    }
    Iterator<Map.Entry<Long, JsonNode>> theirs = others.bands.entrySet().iterator();
    for (Map.Entry<Long, JsonNode> mine : bands.entrySet()) {
      if (theirs.hasNext()) {
        compare(mine, theirs.next().getValue(), differences);
      }
    }
    return differences;
  }

  private static void compare(
      Map.Entry<Long, JsonNode> mine, JsonNode theirs, List<String> differences) {
    for (Map.Entry<String, JsonNode> rate : mine.getValue().path("rates").properties()) {
      JsonNode other = theirs.path("rates").path(rate.getKey());
      if (other.isNumber() && other.decimalValue().compareTo(rate.getValue().decimalValue()) != 0) {
        String size = mine.getKey() == ANY_SIZE ? "" : " above " + mine.getKey();
        differences.add(rate.getKey() + size + ' ' + rate.getValue() + " and " + other);
      }
    }
  }

  private boolean sizesLike(StandardRates others) {
    if (bands.size() != others.bands.size()) {
      return false;
    }
    Iterator<Long> theirs = others.bands.keySet().iterator();
    for (long mine : bands.keySet()) {
      if (Math.abs(mine - theirs.next()) > SIZE_TOLERANCE) {
        return false;
      }
    }
    return !bands.isEmpty();
  }

  private static boolean holds(JsonNode rule, LocalDate day) {
    LocalDate from = date(rule, "from");
    LocalDate until = date(rule, "until");
    return (from == null || !day.isBefore(from)) && (until == null || day.isBefore(until));
  }

  private static @Nullable LocalDate date(JsonNode rule, String field) {
    return rule.has(field) ? LocalDate.parse(rule.path(field).asText()) : null;
  }
}
