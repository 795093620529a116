package dev.agentops.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Converts the providers' JSON of pydantic/genai-prices into the format of {@link PriceFile}.
 *
 * <p>A model with a price that the format cannot express, and one without any price that is not
 * known to be free, are left out: they are unpriced.
 */
final class GenAiPrices {

  /**
   * Models without prices that cost nothing, besides those whose ids end with {@code :free}. No
   * prices can also mean that none are known: only these are known to be free.
   */
  private static final Set<String> FREE =
      Set.of(
          "github-copilot/gpt-3.5-turbo", // in the subscription, like the next three
          "github-copilot/gpt-4.1",
          "github-copilot/gpt-4o",
          "github-copilot/gpt-4o-mini",
          "google/gemma-3",
          "google/gemma-3n",
          "google/gemma-4-26b-a4b-it",
          "google/gemma-4-31b-it",
          "openai/moderation");

  private static final String FREE_SUFFIX = ":free";

  private static final Map<String, TokenKind> TOKENS =
      Map.ofEntries(
          Map.entry("input_mtok", TokenKind.INPUT),
          Map.entry("cache_read_mtok", TokenKind.CACHE_READ),
          Map.entry("cache_write_mtok", TokenKind.CACHE_WRITE),
          Map.entry("cache_write_1h_mtok", TokenKind.CACHE_WRITE_1H),
          Map.entry("input_audio_mtok", TokenKind.INPUT_AUDIO),
          Map.entry("cache_audio_read_mtok", TokenKind.CACHE_READ_AUDIO),
          Map.entry("input_image_mtok", TokenKind.INPUT_IMAGE),
          Map.entry("output_mtok", TokenKind.OUTPUT),
          Map.entry("output_reasoning_mtok", TokenKind.REASONING),
          Map.entry("output_audio_mtok", TokenKind.OUTPUT_AUDIO),
          Map.entry("output_image_mtok", TokenKind.OUTPUT_IMAGE));

  private static final Map<String, Unit> UNITS =
      Map.of(
          "requests_kcount", new Unit(PriceUnits.REQUESTS, 1_000),
          "web_searches_kcount", new Unit(PriceUnits.WEB_SEARCHES, 1_000),
          "storage_searches_kcount", new Unit(PriceUnits.STORAGE_SEARCHES, 1_000),
          "input_document_kpages", new Unit(PriceUnits.INPUT_PAGES, 1_000),
          "input_annotated_document_kpages", new Unit(PriceUnits.ANNOTATED_PAGES, 1_000),
          "input_text_messages_kcount", new Unit(PriceUnits.INPUT_MESSAGES, 1_000),
          "output_citation_mtok", new Unit(PriceUnits.CITATION_TOKENS, 1_000_000),
          "input_video_mtok", new Unit(PriceUnits.INPUT_VIDEO_TOKENS, 1_000_000),
          "output_video_mtok", new Unit(PriceUnits.OUTPUT_VIDEO_TOKENS, 1_000_000),
          "audio_hours", new Unit(PriceUnits.AUDIO_SECONDS, 3_600));

  /**
   * What needs no rate: a usage never tells how many cached tokens are images ({@link Tariff}
   * leaves it unpriced where that could matter), and audio that is heard is {@code audio_hours},
   * too.
   */
  private static final Set<String> IGNORED = Set.of("cache_image_read_mtok", "input_audio_hours");

  private GenAiPrices() {}

  static boolean recognises(JsonNode root) {
    return root.isArray() && root.path(0).has("models") && root.path(0).has("pricing_urls");
  }

  /** The catalogue in the format of {@link PriceFile}. */
  static ObjectNode convert(JsonNode providers, String version) {
    ObjectNode catalog = PriceFile.JSON.createObjectNode();
    catalog.put("format", PriceFile.FORMAT);
    catalog.put("version", version);
    ArrayNode converted = catalog.putArray("providers");
    for (JsonNode provider : providers) {
      try {
        converted.add(provider(provider));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "provider " + provider.path("id").asText() + ": " + e.getMessage(), e);
      }
    }
    return catalog;
  }

  private static ObjectNode provider(JsonNode provider) {
    String id = provider.path("id").asText();
    ObjectNode converted = PriceFile.JSON.createObjectNode();
    converted.put("id", id);
    ArrayNode names = converted.putArray("names");
    FeedProviders.names(id).forEach(names::add);
    addPatterns(provider.path("provider_match"), names);
    ArrayNode claims = converted.putArray("claims");
    FeedProviders.claims(id).forEach(claims::add);
    addPatterns(provider.path("model_match"), claims);
    ArrayNode fallbacks = converted.putArray("fallbacks");
    provider.path("fallback_model_providers").forEach(fallbacks::add);
    ArrayNode models = converted.putArray("models");
    if (!provider.path("models").isArray()) {
      throw new IllegalArgumentException("bad models: " + provider.path("models"));
    }
    for (JsonNode model : provider.path("models")) {
      ObjectNode entry = PriceFile.JSON.createObjectNode();
      entry.put("id", model.path("id").asText());
      try {
        addPatterns(model.path("match"), entry.putArray("match"));
        JsonNode prices = model.path("prices");
        if (prices.isEmpty() && free(id, entry.path("id").asText())) {
          entry.set("prices", nothing());
          models.add(entry);
        } else if (addPrices(prices, entry.putArray("prices"))) {
          models.add(entry);
        }
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "model " + model.path("id").asText() + ": " + e.getMessage(), e);
      }
    }
    return converted;
  }

  private static boolean free(String provider, String model) {
    return model.endsWith(FREE_SUFFIX) || FREE.contains(provider + '/' + model);
  }

  private static ArrayNode nothing() {
    ArrayNode rules = PriceFile.JSON.createArrayNode();
    ObjectNode rates = rules.addObject().putObject("rates");
    List.of(TokenKind.INPUT, TokenKind.CACHE_READ, TokenKind.CACHE_WRITE, TokenKind.OUTPUT)
        .forEach(kind -> rates.put(kind.rateName(), 0));
    return rules;
  }

  /** Adds one pattern for each alternative of a match. */
  private static void addPatterns(JsonNode match, ArrayNode patterns) {
    if (match.has("or")) {
      match.path("or").forEach(alternative -> addPatterns(alternative, patterns));
    } else if (match.has("and")) {
      StringBuilder all = new StringBuilder("/^");
      match.path("and").forEach(part -> all.append("(?=").append(regex(part)).append(')'));
      patterns.add(all.append('/').toString());
    } else if (match.has("equals")) {
      patterns.add(match.path("equals").asText());
    } else if (match.has("starts_with")) {
      patterns.add(match.path("starts_with").asText() + '*');
    } else if (match.has("ends_with")) {
      patterns.add('*' + match.path("ends_with").asText());
    } else if (match.has("contains")) {
      patterns.add('*' + match.path("contains").asText() + '*');
    } else if (match.has("regex")) {
      patterns.add('/' + match.path("regex").asText() + '/');
    } else if (!match.isMissingNode()) {
      throw new IllegalArgumentException("a match of genai-prices that is not known: " + match);
    }
  }

  /** A regular expression that holds from the start of a name. */
  private static String regex(JsonNode part) {
    if (part.has("regex")) {
      return part.path("regex").asText();
    }
    String kind = part.size() == 1 && part.isObject() ? part.fieldNames().next() : "";
    String text = Pattern.quote(part.path(kind).asText());
    return switch (kind) {
      case "equals" -> text + '$';
      case "starts_with" -> text;
      case "ends_with" -> ".*" + text + '$';
      case "contains" -> ".*" + text;
      default ->
          throw new IllegalArgumentException("a match of genai-prices that is not known: " + part);
    };
  }

  /** Adds the rules of a model; whether they could all be expressed. */
  private static boolean addPrices(JsonNode prices, ArrayNode rules) {
    if (!prices.isArray()) {
      return addTiers(prices, PriceFile.JSON.createObjectNode(), rules);
    }
    String from = null;
    for (JsonNode conditional : prices) {
      checkFields(conditional, Set.of("constraint", "prices"));
      ObjectNode conditions = PriceFile.JSON.createObjectNode();
      JsonNode constraint = conditional.path("constraint");
      if (constraint.has("start_date")) {
        checkFields(constraint, Set.of("type", "start_date"));
        from = constraint.path("start_date").asText();
      } else if (constraint.has("start_time")) {
        checkFields(constraint, Set.of("type", "start_time", "end_time"));
        conditions.put(
            "between", time(constraint, "start_time") + '-' + time(constraint, "end_time"));
      } else if (!constraint.isMissingNode() && !constraint.isNull()) {
        return false;
      }
      // hours that are listed after a date began at that date: genai-prices itself has no way to
      // say both
      if (from != null) {
        conditions.put("from", from);
      }
      if (!addTiers(conditional.path("prices"), conditions, rules)) {
        return false;
      }
    }
    return true;
  }

  private static String time(JsonNode constraint, String field) {
    return constraint.path(field).asText().replace("Z", "");
  }

  /** Adds a rule, and one more for each size of the request from which on rates change. */
  private static boolean addTiers(JsonNode prices, ObjectNode conditions, ArrayNode rules) {
    if (prices.isEmpty()) {
      return false;
    }
    TreeSet<Long> sizes = new TreeSet<>();
    for (JsonNode rate : prices) {
      checkTiers(rate);
      rate.path("tiers").forEach(tier -> sizes.add(tier.path("start").longValue()));
    }
    sizes.add(-1L);
    for (long size : sizes) {
      ObjectNode rule = conditions.deepCopy();
      if (size >= 0) {
        rule.put("inputAbove", size);
      }
      if (!addRates(prices, size, rule)) {
        return false;
      }
      rules.add(rule);
    }
    return true;
  }

  private static void checkTiers(JsonNode rate) {
    if (!rate.isObject()) {
      return;
    }
    checkFields(rate, Set.of("base", "tiers"));
    long last = -1;
    for (JsonNode tier : rate.path("tiers")) {
      JsonNode start = tier.path("start");
      if (!start.isIntegralNumber() || !start.canConvertToLong() || start.longValue() <= last) {
        throw new IllegalArgumentException("bad start of a tier: " + tier);
      }
      last = start.longValue();
    }
    if (!rate.path("tiers").isArray()) {
      throw new IllegalArgumentException("bad tiers: " + rate);
    }
  }

  private static void checkFields(JsonNode node, Set<String> known) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!known.contains(entry.getKey())) {
        throw new IllegalArgumentException("bad field '" + entry.getKey() + "': " + node);
      }
    }
  }

  private static boolean addRates(JsonNode prices, long size, ObjectNode rule) {
    ObjectNode rates = rule.putObject("rates");
    for (Map.Entry<String, JsonNode> price : prices.properties()) {
      JsonNode amount = amount(price.getValue(), size);
      TokenKind kind = TOKENS.get(price.getKey());
      Unit unit = UNITS.get(price.getKey());
      if (amount == null || (kind == null && unit == null && !IGNORED.contains(price.getKey()))) {
        return false;
      }
      if (kind != null) {
        rates.set(kind.rateName(), amount);
      } else if (unit != null) {
        ObjectNode units = rule.withObjectProperty("units");
        units.putObject(unit.name).put("per", unit.per).set("usd", amount);
      }
    }
    return true;
  }

  /** The rate for requests of more than {@code size} tokens. */
  private static @Nullable JsonNode amount(JsonNode rate, long size) {
    JsonNode amount = rate.isObject() ? rate.path("base") : rate;
    for (JsonNode tier : rate.path("tiers")) {
      if (tier.path("start").longValue() <= size) {
        amount = tier.path("price");
      }
    }
    return amount.isNumber() ? amount : null;
  }

  /** A thing that is not tokens: its name in a usage, and how many of them the price is for. */
  private record Unit(String name, int per) {}
}
