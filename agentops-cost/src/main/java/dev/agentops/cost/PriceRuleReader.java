package dev.agentops.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the prices of one model from a price file; {@link PriceFile} tells the format. */
final class PriceRuleReader {

  private static final Set<String> RULE_FIELDS =
      Set.of(
          "from",
          "until",
          "between",
          "days",
          "zone",
          "inputAbove",
          "marginal",
          "tier",
          "region",
          "speed",
          "rates",
          "units",
          "factor");
  private static final Set<String> UNIT_FIELDS = Set.of("usd", "per", "minimum");
  private static final List<String> DAYS = List.of("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN");
  private static final String END_OF_DAY = "24:00";
  private static final String ANY = "*";

  private final PriceFields fields;
  private final String where;

  PriceRuleReader(PriceFields fields, String where) {
    this.fields = fields;
    this.where = where;
  }

  List<PriceRule> rules(JsonNode model) {
    List<PriceRule> rules = new ArrayList<>();
    for (JsonNode node : fields.array(model, "prices", where)) {
      PriceRule rule = rule(node);
      if (rule.marginal() && rules.stream().allMatch(before -> before.rates() == null)) {
        throw fields.refused(where, "a marginal price without one below: " + node);
      }
      rules.add(rule);
    }
    if (rules.stream().allMatch(rule -> rule.rates() == null)) {
      throw fields.malformed(where, "prices", model.path("prices"));
    }
    return rules;
  }

  private PriceRule rule(JsonNode node) {
    fields.check(node, RULE_FIELDS, where);
    boolean marginal = flag(node, "marginal");
    boolean rated = node.has("rates") || node.has("units");
    if (rated == node.has("factor")) {
      throw fields.refused(where, "a price has either rates and units or a factor: " + node);
    }
    if (marginal && (!node.has("inputAbove") || !rated || node.has("units"))) {
      throw fields.refused(
          where,
          "a marginal price has inputAbove and rates, and neither units nor factor: " + node);
    }
    return new PriceRule(
        conditions(node), marginal, rated ? rates(node) : null, rated ? null : factor(node));
  }

  private Conditions conditions(JsonNode node) {
    ZoneId zone = zone(node);
    Instant from = moment(node, "from", zone);
    Instant until = moment(node, "until", zone);
    if (from != null && until != null && !from.isBefore(until)) {
      throw fields.refused(where, "from is not before until: " + node);
    }
    return new Conditions(
        from,
        until,
        hours(node, zone),
        inputAbove(node),
        words(node, "tier", Set.of(PriceQuery.STANDARD)),
        words(node, "region", null),
        words(node, "speed", Set.of(PriceQuery.STANDARD)));
  }

  private ZoneId zone(JsonNode node) {
    if (!node.has("zone")) {
      return ZoneOffset.UTC;
    }
    try {
      return ZoneId.of(fields.text(node, "zone", where));
    } catch (DateTimeException e) {
      throw fields.malformed(where, "zone", node.path("zone"));
    }
  }

  /** A date, which is its first moment in the zone, or an instant. */
  private @Nullable Instant moment(JsonNode node, String field, ZoneId zone) {
    if (!node.has(field)) {
      return null;
    }
    String text = fields.text(node, field, where);
    try {
      return text.indexOf('T') < 0
          ? LocalDate.parse(text).atStartOfDay(zone).toInstant()
          : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      throw fields.malformed(where, field, node.path(field));
    }
  }

  private @Nullable DailyHours hours(JsonNode node, ZoneId zone) {
    Set<DayOfWeek> days = days(node);
    if (!node.has("between")) {
      return days.isEmpty() ? null : new DailyHours(null, null, days, zone);
    }
    String[] times = fields.text(node, "between", where).split("-", -1);
    if (times.length != 2) {
      throw fields.malformed(where, "between", node.path("between"));
    }
    boolean midnight = times[1].equals(END_OF_DAY);
    LocalTime start = time(times[0]);
    LocalTime end = midnight ? LocalTime.MIDNIGHT : time(times[1]);
    if (start.equals(end) && !midnight) { // all day or never
      throw fields.malformed(where, "between", node.path("between"));
    }
    return new DailyHours(start, end, days, zone);
  }

  private LocalTime time(String text) {
    try {
      return LocalTime.parse(text);
    } catch (DateTimeParseException e) {
      throw fields.malformed(where, "time", text);
    }
  }

  private Set<DayOfWeek> days(JsonNode node) {
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    for (String day : fields.texts(node, "days", where)) {
      int index = DAYS.indexOf(day);
      if (index < 0) {
        throw fields.malformed(where, "days", day);
      }
      days.add(DayOfWeek.of(index + 1));
    }
    if (node.has("days") && days.isEmpty()) {
      throw fields.malformed(where, "days", node.path("days"));
    }
    return days;
  }

  private long inputAbove(JsonNode node) {
    JsonNode tokens = node.path("inputAbove");
    if (tokens.isMissingNode()) {
      return -1;
    }
    if (!tokens.isIntegralNumber() || !tokens.canConvertToLong() || tokens.longValue() < 0) {
      throw fields.malformed(where, "inputAbove", tokens);
    }
    return tokens.longValue();
  }

  /** The words of a text or a list; null for any. */
  private @Nullable Set<String> words(
      JsonNode node, String field, @Nullable Set<String> whenMissing) {
    if (!node.has(field)) {
      return whenMissing;
    }
    List<String> texts =
        node.path(field).isTextual()
            ? List.of(fields.text(node, field, where))
            : fields.texts(node, field, where);
    if (texts.isEmpty()) {
      throw fields.malformed(where, field, node.path(field));
    }
    Set<String> words = new LinkedHashSet<>();
    for (String text : texts) {
      words.add(field.equals("region") ? PriceQuery.word(text) : PriceQuery.standardised(text));
    }
    return words.contains(ANY) ? null : Set.copyOf(words);
  }

  private boolean flag(JsonNode node, String field) {
    JsonNode flag = node.path(field);
    if (!flag.isMissingNode() && !flag.isBoolean()) {
      throw fields.malformed(where, field, flag);
    }
    return flag.booleanValue();
  }

  private BigDecimal factor(JsonNode node) {
    BigDecimal factor = fields.amount(node.path("factor"), where, "factor");
    if (factor.compareTo(BigDecimal.valueOf(1_000)) > 0) {
      throw fields.malformed(where, "factor", node.path("factor"));
    }
    return factor;
  }

  private Rates rates(JsonNode node) {
    Map<TokenKind, Rate> tokens = new EnumMap<>(TokenKind.class);
    for (Map.Entry<String, JsonNode> rate : fields.object(node, "rates", where).properties()) {
      TokenKind kind = TokenKind.named(rate.getKey());
      if (kind == null) {
        throw fields.malformed(where, "rate '" + rate.getKey() + "'", rate.getValue());
      }
      tokens.put(kind, Rate.perMillion(fields.amount(rate.getValue(), where, rate.getKey())));
    }
    Map<String, UnitRate> units = new HashMap<>();
    for (Map.Entry<String, JsonNode> unit : fields.object(node, "units", where).properties()) {
      units.put(unit.getKey(), unit(unit.getKey(), unit.getValue()));
    }
    return new Rates(tokens, units);
  }

  private UnitRate unit(String name, JsonNode node) {
    fields.check(node, UNIT_FIELDS, where);
    BigDecimal usd = fields.amount(node.path("usd"), where, name + " usd");
    BigDecimal per = fields.amount(node.path("per"), where, name + " per");
    JsonNode minimum = node.path("minimum");
    if (per.signum() == 0) {
      throw fields.malformed(where, name + " per", node.path("per"));
    }
    return new UnitRate(
        usd,
        per,
        minimum instanceof MissingNode
            ? BigDecimal.ZERO
            : fields.amount(minimum, where, name + " minimum"));
  }
}
