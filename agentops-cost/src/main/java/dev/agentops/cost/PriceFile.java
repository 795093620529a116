package dev.agentops.cost;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a catalogue from JSON.
 *
 * <pre>{@code
 * {"format": "agentops-prices/1", "version": "mine, 2026-09-23", "providers": [
 *   {"id": "openai", "names": ["*openai*"], "claims": ["gpt-*"], "fallbacks": [], "models": [
 *     {"id": "gpt-5.4", "match": ["gpt-5.4", "gpt-5.4-codex*"], "prices": [
 *       {"rates": {"input": 2.5, "cacheRead": 0.25, "output": 15},
 *        "units": {"web_searches": {"usd": 10, "per": 1000}}},
 *       {"inputAbove": 272000, "rates": {"input": 5, "cacheRead": 0.5, "output": 22.5}}]}]}]}
 * }</pre>
 *
 * <p>A model's id is one of its names; {@code match} adds others. Rates are dollars for a million
 * tokens. The last of the prices whose conditions all hold applies; the conditions are {@code from}
 * and {@code until} (dates, from midnight UTC), {@code between} (times of day, UTC) and {@code
 * inputAbove} (tokens).
 */
final class PriceFile {

  static final String FORMAT = "agentops-prices/1";

  /** Keeps decimals exact, to the last digit and zero. */
  static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .build();

  private static final Set<String> ROOT_FIELDS =
      Set.of("format", "version", "date", "unit", "source", "license", "generator", "providers");
  private static final Set<String> PROVIDER_FIELDS =
      Set.of("id", "names", "claims", "fallbacks", "models");
  private static final Set<String> MODEL_FIELDS = Set.of("id", "match", "prices");
  private static final Set<String> PRICE_FIELDS =
      Set.of("from", "until", "between", "inputAbove", "rates", "units");
  private static final Set<String> UNIT_FIELDS = Set.of("usd", "per");

  /** Far beyond any price, and before arithmetic overflows. */
  private static final int MOST_DIGITS = 100;

  /** How genai-prices begins an id that no provider knows, of regional prices. */
  private static final String SYNTHETIC_ID = "regional.";

  private final String name;

  private PriceFile(String name) {
    this.name = name;
  }

  /**
   * Reads a catalogue.
   *
   * @param name the file's name, for messages
   * @throws IllegalArgumentException if it is malformed or of a format that is not known
   */
  static PriceCatalog read(InputStream in, String name) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(in);
      if (GenAiPrices.recognises(root)) {
        root = GenAiPrices.convert(root, "genai-prices, file " + name);
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "price file '" + name + "' is not JSON: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("price file '" + name + "', " + e.getMessage(), e);
    }
    if (!root.path("format").asText().equals(FORMAT)) {
      throw new IllegalArgumentException(
          "price file '"
              + name
              + "' is in no format that is known: neither \"format\": \""
              + FORMAT
              + "\" nor the providers of genai-prices");
    }
    return new PriceFile(name).catalog(root);
  }

  private PriceCatalog catalog(JsonNode root) {
    checkFields(root, ROOT_FIELDS, "the catalogue");
    List<ProviderPrices> providers = new ArrayList<>();
    for (JsonNode node : array(root, "providers", "the catalogue")) {
      String id = text(node, "id", "a provider");
      checkFields(node, PROVIDER_FIELDS, id);
      ProviderPrices provider =
          new ProviderPrices(
              id,
              patterns(node, "names", id),
              patterns(node, "claims", id),
              texts(node, "fallbacks", id));
      for (JsonNode model : array(node, "models", id)) {
        String modelId = text(model, "id", "a model of " + id);
        String where = id + '/' + modelId;
        checkFields(model, MODEL_FIELDS, where);
        List<ModelPattern> match = patterns(model, "match", where);
        boolean named = match.isEmpty() || !modelId.startsWith(SYNTHETIC_ID);
        provider.add(match, new ModelPrice(modelId, rules(model, where)), named);
      }
      providers.add(provider);
    }
    return new PriceCatalog(text(root, "version", "the catalogue"), providers);
  }

  private List<PriceRule> rules(JsonNode model, String where) {
    List<PriceRule> rules = new ArrayList<>();
    for (JsonNode price : array(model, "prices", where)) {
      rules.add(rule(price, where));
    }
    if (rules.isEmpty()) {
      throw malformed(where, "prices", model.path("prices"));
    }
    return rules;
  }

  private PriceRule rule(JsonNode price, String where) {
    checkFields(price, PRICE_FIELDS, where); // a condition ignored: the price would hold too often
    LocalTime dayStart = null;
    LocalTime dayEnd = null;
    if (price.has("between")) {
      String[] times = price.path("between").asText().split("-", -1);
      if (times.length != 2) {
        throw malformed(where, "between", price.path("between"));
      }
      dayStart = time(times[0], where);
      dayEnd = time(times[1], where);
    }
    return new PriceRule(
        date(price, "from", where),
        date(price, "until", where),
        dayStart,
        dayEnd,
        inputAbove(price, where),
        rates(price, where));
  }

  private long inputAbove(JsonNode price, String where) {
    JsonNode tokens = price.path("inputAbove");
    if (tokens.isMissingNode()) {
      return -1;
    }
    if (!tokens.canConvertToLong() || !tokens.isIntegralNumber()) {
      throw malformed(where, "inputAbove", tokens);
    }
    return tokens.longValue();
  }

  private Rates rates(JsonNode price, String where) {
    EnumMap<TokenKind, Rate> tokens = new EnumMap<>(TokenKind.class);
    for (Map.Entry<String, JsonNode> rate : object(price, "rates", where).properties()) {
      TokenKind kind = TokenKind.named(rate.getKey());
      if (kind == null) {
        throw malformed(where, "rate '" + rate.getKey() + "'", rate.getValue());
      }
      tokens.put(kind, Rate.perMillion(amount(rate.getValue(), where, rate.getKey())));
    }
    Map<String, UnitRate> units = new HashMap<>();
    for (Map.Entry<String, JsonNode> unit : object(price, "units", where).properties()) {
      checkFields(unit.getValue(), UNIT_FIELDS, where);
      BigDecimal usd = amount(unit.getValue().path("usd"), where, unit.getKey());
      BigDecimal per = amount(unit.getValue().path("per"), where, unit.getKey());
      if (per.signum() == 0) {
        throw malformed(where, unit.getKey(), unit.getValue());
      }
      units.put(unit.getKey(), new UnitRate(usd, per));
    }
    return new Rates(tokens, units);
  }

  private BigDecimal amount(JsonNode node, String where, String what) {
    if (!node.isNumber()
        || node.decimalValue().signum() < 0
        || Math.abs((long) node.decimalValue().scale()) > MOST_DIGITS) {
      throw malformed(where, what, node);
    }
    return node.decimalValue();
  }

  private @Nullable Instant date(JsonNode price, String field, String where) {
    if (!price.has(field)) {
      return null;
    }
    try {
      return LocalDate.parse(price.path(field).asText()).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeParseException e) {
      throw malformed(where, field, price.path(field));
    }
  }

  private LocalTime time(String text, String where) {
    try {
      return LocalTime.parse(text);
    } catch (DateTimeParseException e) {
      throw malformed(where, "time", JsonNodeFactory.instance.textNode(text));
    }
  }

  private List<ModelPattern> patterns(JsonNode node, String field, String where) {
    List<String> texts = texts(node, field, where);
    try {
      return texts.stream().map(ModelPattern::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "price file '" + name + "', " + where + ": " + e.getMessage(), e);
    }
  }

  private String text(JsonNode node, String field, String where) {
    if (!node.path(field).isTextual() || node.path(field).asText().isBlank()) {
      throw malformed(where, field, node.path(field));
    }
    return node.path(field).asText();
  }

  private List<String> texts(JsonNode node, String field, String where) {
    List<String> texts = new ArrayList<>();
    if (node.has(field)) {
      for (JsonNode element : array(node, field, where)) {
        if (!element.isTextual()) {
          throw malformed(where, field, element);
        }
        texts.add(element.textValue());
      }
    }
    return texts;
  }

  private JsonNode array(JsonNode node, String field, String where) {
    JsonNode array = node.path(field);
    if (!array.isArray()) {
      throw malformed(where, field, array);
    }
    return array;
  }

  /** The object in a field; a missing one is empty. */
  private JsonNode object(JsonNode node, String field, String where) {
    JsonNode object = node.path(field);
    if (!object.isObject() && !object.isMissingNode()) {
      throw malformed(where, field, object);
    }
    return object;
  }

  private void checkFields(JsonNode node, Set<String> known, String where) {
    if (!node.isObject()) {
      throw malformed(where, "object", node);
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!known.contains(entry.getKey())) {
        throw malformed(where, "field '" + entry.getKey() + "'", entry.getValue());
      }
    }
  }

  private IllegalArgumentException malformed(String where, String what, JsonNode value) {
    return new IllegalArgumentException(
        "price file '"
            + name
            + "', "
            + where
            + ": bad "
            + what
            + ": "
            + (value.isMissingNode() ? "missing" : value));
  }
}
