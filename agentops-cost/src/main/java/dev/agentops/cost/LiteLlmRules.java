package dev.agentops.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The prices of one model of LiteLLM's list, in the format of {@link PriceFile}.
 *
 * <p>What the list leaves out is decided so:
 *
 * <ul>
 *   <li>Above a size, a kind of token without a rate of its own keeps its standard rate: the list
 *       says what changes.
 *   <li>In a service tier, a kind without a rate is unpriced, though LiteLLM would charge the
 *       standard rate: whether cached tokens are cheaper in a batch differs between providers.
 *       Above a size it keeps its rate of the tier only where its standard rate does not change,
 *       either.
 *   <li>Fees that are not for tokens are the same in all tiers.
 *   <li>The last band of sizes has no end, as in LiteLLM.
 *   <li>A model with a rate that no model has, because units were mixed up, is left out.
 * </ul>
 */
final class LiteLlmRules {

  private static final Map<String, TokenKind> KINDS =
      Map.ofEntries(
          Map.entry("input_cost_per_token", TokenKind.INPUT),
          Map.entry("cache_read_input_token_cost", TokenKind.CACHE_READ),
          Map.entry("input_cost_per_token_cache_hit", TokenKind.CACHE_READ),
          Map.entry("cache_creation_input_token_cost", TokenKind.CACHE_WRITE),
          Map.entry("cache_creation_input_token_cost_above_1hr", TokenKind.CACHE_WRITE_1H),
          Map.entry("input_cost_per_audio_token", TokenKind.INPUT_AUDIO),
          Map.entry("cache_read_input_audio_token_cost", TokenKind.CACHE_READ_AUDIO),
          Map.entry("input_cost_per_image_token", TokenKind.INPUT_IMAGE),
          Map.entry("output_cost_per_token", TokenKind.OUTPUT),
          Map.entry("output_cost_per_reasoning_token", TokenKind.REASONING),
          Map.entry("output_cost_per_audio_token", TokenKind.OUTPUT_AUDIO),
          Map.entry("output_cost_per_image_token", TokenKind.OUTPUT_IMAGE));

  /** A kind of rate, perhaps a size of the request, perhaps a service tier. */
  private static final Pattern COST =
      Pattern.compile("(.+?)(?:_above_(\\d+)k_tokens)?(?:_(batches|flex|priority))?");

  private static final String UPLIFT = "regional_processing_uplift_multiplier_";
  private static final String BANDS = "tiered_pricing";
  private static final String MULTIPLIERS = "provider_specific_entry";
  private static final String FAST = "fast";

  private static final int MILLION_DIGITS = 6;

  /**
   * What a million tokens of any model cost at most and at least: beyond, the list has mixed up
   * units, as it does with prices per million that are entered as prices per token.
   */
  private static final BigDecimal DEAREST = BigDecimal.valueOf(1_000);

  private static final BigDecimal CHEAPEST = new BigDecimal("0.0005");

  private final Map<Band, EnumMap<TokenKind, BigDecimal>> rates = new TreeMap<>();
  private final Map<String, BigDecimal> regions = new TreeMap<>();
  private final ObjectNode units;
  private BigDecimal fast = BigDecimal.ZERO;

  private LiteLlmRules(ObjectNode units) {
    this.units = units;
  }

  /**
   * The rules; empty where the model has no price, or one that cannot be expressed.
   *
   * @throws IllegalArgumentException if a price is no number
   */
  static ArrayNode of(JsonNode model) {
    try {
      LiteLlmRules rules = new LiteLlmRules(LiteLlmUnits.of(model));
      rules.read(model);
      return rules.write();
    } catch (InexpressiblePriceException e) {
      return PriceFile.JSON.createArrayNode();
    }
  }

  /** The number of a price or a multiplier. */
  static BigDecimal number(String field, JsonNode value) {
    if (!value.isNumber()) {
      throw new IllegalArgumentException("bad " + field + ": " + value);
    }
    return value.decimalValue();
  }

  private void read(JsonNode model) {
    for (Map.Entry<String, JsonNode> field : model.properties()) {
      String name = field.getKey();
      JsonNode value = field.getValue();
      if (value.isNull()) {
        continue;
      }
      if (name.startsWith(UPLIFT)) {
        regions.put(name.substring(UPLIFT.length()), number(name, value));
      } else if (name.equals(MULTIPLIERS)) {
        readMultipliers(value);
      } else if (name.equals(BANDS)) {
        value.forEach(this::readBand);
      } else if (name.contains("cost") && !LiteLlmUnits.knows(name)) {
        readRate(name, number(name, value));
      }
    }
    dropReasoningLikeOutput();
  }

  private void readMultipliers(JsonNode multipliers) {
    for (Map.Entry<String, JsonNode> multiplier : multipliers.properties()) {
      if (multiplier.getKey().equals(FAST)) {
        fast = number(FAST, multiplier.getValue());
      } else if (multiplier.getKey().equals("us")) {
        regions.put("us", number("us", multiplier.getValue()));
      } else if (multiplier.getValue().isNumber()) {
        throw new InexpressiblePriceException(multiplier.getKey());
      }
    }
  }

  private void readBand(JsonNode band) {
    JsonNode start = band.path("range").path(0);
    if (!start.isNumber()) {
      throw new InexpressiblePriceException(BANDS);
    }
    long above;
    try {
      above = start.decimalValue().longValueExact();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("bad range: " + band, e);
    }
    for (Map.Entry<String, JsonNode> field : band.properties()) {
      TokenKind kind = KINDS.get(field.getKey());
      if (kind != null) {
        put(new Band("", above), kind, number(field.getKey(), field.getValue()));
      } else if (field.getKey().contains("cost")) {
        throw new InexpressiblePriceException(field.getKey());
      }
    }
  }

  private void readRate(String name, BigDecimal usd) {
    Matcher parts = COST.matcher(name);
    TokenKind kind = parts.matches() ? KINDS.get(parts.group(1)) : null;
    if (kind == null) {
      throw new InexpressiblePriceException(name);
    }
    long above = parts.group(2) == null ? 0 : Long.parseLong(parts.group(2)) * 1_000;
    String tier = parts.group(3) == null ? "" : parts.group(3);
    put(new Band(tier.equals("batches") ? "batch" : tier, above), kind, usd);
  }

  private void put(Band band, TokenKind kind, BigDecimal usd) {
    BigDecimal rate = usd.movePointRight(MILLION_DIGITS);
    if (rate.signum() > 0 && (rate.compareTo(DEAREST) > 0 || rate.compareTo(CHEAPEST) < 0)) {
      throw new InexpressiblePriceException(kind.rateName());
    }
    rates.computeIfAbsent(band, any -> new EnumMap<>(TokenKind.class)).put(kind, rate);
  }

  /** Reasoning without a rate is output: one that costs the same would only hide a later change. */
  private void dropReasoningLikeOutput() {
    EnumMap<TokenKind, BigDecimal> standard = at("", 0);
    BigDecimal reasoning = standard.get(TokenKind.REASONING);
    BigDecimal output = standard.get(TokenKind.OUTPUT);
    if (reasoning != null && output != null && reasoning.compareTo(output) == 0) {
      rates.values().forEach(band -> band.remove(TokenKind.REASONING));
    }
  }

  private EnumMap<TokenKind, BigDecimal> at(String tier, long above) {
    EnumMap<TokenKind, BigDecimal> band = rates.get(new Band(tier, above));
    return band == null ? new EnumMap<>(TokenKind.class) : band.clone();
  }

  private ArrayNode write() {
    ArrayNode rules = PriceFile.JSON.createArrayNode();
    NavigableSet<Long> sizes = new TreeSet<>();
    NavigableSet<String> tiers = new TreeSet<>();
    rates
        .keySet()
        .forEach(
            band -> {
              sizes.add(band.above);
              tiers.add(band.tier);
            });
    if (!units.isEmpty()) {
      sizes.add(0L);
      tiers.add("");
    }
    for (String tier : tiers) {
      for (long size : sizes) {
        writeRates(rules, tier, size);
      }
    }
    if (fast.signum() > 0) {
      writeFast(rules);
    }
    regions.forEach(
        (region, factor) ->
            rules
                .addObject()
                .put("region", region)
                .put("tier", "*")
                .put("speed", "*")
                .put("factor", plain(factor)));
    return rules;
  }

  private void writeRates(ArrayNode rules, String tier, long size) {
    EnumMap<TokenKind, BigDecimal> all = tier.isEmpty() ? standard(size) : ofTier(tier, size);
    ObjectNode rule = rules.addObject();
    if (!tier.isEmpty()) {
      rule.put("tier", tier);
    }
    if (size > 0) {
      rule.put("inputAbove", size);
    }
    ObjectNode written = rule.putObject("rates");
    all.forEach((kind, rate) -> written.put(kind.rateName(), plain(rate)));
    if (!units.isEmpty() && (tier.isEmpty() || !all.isEmpty())) {
      rule.set("units", units);
    }
  }

  private EnumMap<TokenKind, BigDecimal> standard(long size) {
    EnumMap<TokenKind, BigDecimal> all = at("", 0);
    if (size > 0) {
      all.putAll(at("", size));
    }
    return all;
  }

  /** The rates of a tier; none where some of its tokens would pass for others. */
  private EnumMap<TokenKind, BigDecimal> ofTier(String tier, long size) {
    EnumMap<TokenKind, BigDecimal> all = at(tier, 0);
    if (size > 0) {
      at("", size).keySet().forEach(all::remove);
      all.putAll(at(tier, size));
    }
    EnumMap<TokenKind, BigDecimal> standard = at("", 0);
    boolean reasoningPasses =
        standard.containsKey(TokenKind.REASONING) && !all.containsKey(TokenKind.REASONING);
    boolean imagesPass =
        standard.containsKey(TokenKind.INPUT_IMAGE) && !all.containsKey(TokenKind.INPUT_IMAGE);
    return reasoningPasses || imagesPass ? new EnumMap<>(TokenKind.class) : all;
  }

  private void writeFast(ArrayNode rules) {
    for (JsonNode rule : rules.deepCopy()) {
      if (!rule.has("tier")) {
        ObjectNode faster = rule.deepCopy();
        faster.put("speed", FAST);
        ObjectNode raised = faster.putObject("rates");
        rule.path("rates")
            .properties()
            .forEach(
                rate ->
                    raised.put(
                        rate.getKey(), plain(rate.getValue().decimalValue().multiply(fast))));
        rules.add(faster);
      }
    }
  }

  /** The same number, written without exponent and needless zeros. */
  static BigDecimal plain(BigDecimal number) {
    BigDecimal stripped = number.stripTrailingZeros();
    return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
  }

  /** The requests that some rates are for: of a tier, empty for the standard one, and of a size. */
  private record Band(String tier, long above) implements Comparable<Band> {

    private static final Comparator<Band> ORDER =
        Comparator.comparing(Band::tier).thenComparingLong(Band::above);

    @Override
    public int compareTo(Band other) {
      return ORDER.compare(this, other);
    }
  }
}
