package dev.agentops.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The fees of one model of LiteLLM's list that are not for tokens. */
final class LiteLlmUnits {

  private static final String SEARCH_SIZES = "search_context_cost_per_query";
  private static final String SEARCH_SIZE = "search_context_size_";
  private static final String INPUT_TOKENS = "input_cost_per_token";
  private static final String LONG_VIDEO = "input_cost_per_video_per_second_above_";

  /** Fees that mean the same for every kind of model. */
  private static final Map<String, String> UNITS =
      Map.ofEntries(
          Map.entry("input_cost_per_request", PriceUnits.REQUESTS),
          Map.entry("citation_cost_per_token", PriceUnits.CITATION_TOKENS),
          Map.entry("code_interpreter_cost_per_session", PriceUnits.CODE_SESSIONS),
          Map.entry("ocr_cost_per_page", PriceUnits.INPUT_PAGES),
          Map.entry("annotation_cost_per_page", PriceUnits.ANNOTATED_PAGES),
          Map.entry("ocr_cost_per_credit", PriceUnits.OCR_CREDITS),
          Map.entry("input_cost_per_pixel", PriceUnits.OUTPUT_PIXELS),
          Map.entry("output_cost_per_pixel", PriceUnits.OUTPUT_PIXELS),
          Map.entry("output_cost_per_video_token", PriceUnits.OUTPUT_VIDEO_TOKENS),
          Map.entry("output_cost_per_video_per_second", PriceUnits.VIDEO_SECONDS),
          Map.entry("output_cost_per_second_1080p", PriceUnits.VIDEO_SECONDS + "_1080p"));

  /** Fees whose meaning depends on the rest of the entry. */
  private static final Set<String> AMBIGUOUS =
      Set.of(
          "input_cost_per_query",
          "input_cost_per_second",
          "output_cost_per_second",
          "input_cost_per_audio_per_second",
          "input_cost_per_video_per_second",
          "input_cost_per_character",
          "output_cost_per_character",
          "input_cost_per_image",
          "output_cost_per_image");

  /**
   * Not the price of a call: other currencies, storage, and audio written to the cache, which a
   * usage never tells apart.
   */
  private static final Set<String> IGNORED =
      Set.of(
          "cache_creation_input_audio_token_cost",
          "file_search_cost_per_gb_per_day",
          "input_dbu_cost_per_token",
          "output_dbu_cost_per_token",
          "vector_store_cost_per_gb_per_day");

  private final JsonNode model;
  private final String mode;
  private final Map<String, BigDecimal> fees = new TreeMap<>();

  private LiteLlmUnits(JsonNode model) {
    this.model = model;
    this.mode = model.path("mode").asText();
  }

  /** Whether a field with a price is for something else than tokens. */
  static boolean knows(String field) {
    String base = field.replaceFirst("_above_\\d+k_tokens$", "");
    return UNITS.containsKey(base)
        || AMBIGUOUS.contains(base)
        || IGNORED.contains(base)
        || longVideo(base)
        || base.equals(SEARCH_SIZES)
        || base.equals("file_search_cost_per_1k_calls");
  }

  /**
   * The fees, as {@link PriceFile} has them.
   *
   * @throws InexpressiblePriceException if one cannot be told in that way
   */
  static ObjectNode of(JsonNode model) {
    LiteLlmUnits units = new LiteLlmUnits(model);
    for (Map.Entry<String, JsonNode> field : model.properties()) {
      if (!field.getValue().isNull() && knows(field.getKey())) {
        units.read(field.getKey(), field.getValue());
      }
    }
    return units.write();
  }

  private void read(String name, JsonNode value) {
    if (name.equals(SEARCH_SIZES)) {
      readSearches(value);
      return;
    }
    BigDecimal usd = LiteLlmRules.number(name, value);
    if (name.equals("file_search_cost_per_1k_calls")) {
      add(PriceUnits.STORAGE_SEARCHES, usd.movePointLeft(3));
    } else if (AMBIGUOUS.contains(name)) {
      String unit = meaning(name);
      if (unit != null) {
        add(unit, usd);
      }
    } else if (UNITS.containsKey(name)) {
      add(UNITS.get(name), usd);
    } else if (usd.signum() > 0 && !IGNORED.contains(name) && !longVideo(name)) {
      throw new InexpressiblePriceException(name);
    }
  }

  /** One fee where all sizes of search cost the same; else one for each size. */
  private void readSearches(JsonNode sizes) {
    Map<String, BigDecimal> bySize = new TreeMap<>();
    sizes
        .properties()
        .forEach(
            size ->
                bySize.put(
                    size.getKey().replace(SEARCH_SIZE, ""),
                    LiteLlmRules.number(size.getKey(), size.getValue())));
    boolean same =
        bySize.values().stream().map(BigDecimal::stripTrailingZeros).distinct().count() == 1;
    bySize.forEach(
        (size, usd) -> add(same ? PriceUnits.WEB_SEARCHES : PriceUnits.webSearches(size), usd));
  }

  /**
   * What a fee is for; null where it is another way to tell a price that the tokens have, so that a
   * call would pay twice.
   */
  private @Nullable String meaning(String name) {
    boolean generatesImages = mode.equals("image_generation") || mode.equals("image_edit");
    return switch (name) {
      case "input_cost_per_query" ->
          switch (mode) {
            case "rerank" -> PriceUnits.SEARCH_UNITS;
            case "vector_store" -> PriceUnits.STORAGE_SEARCHES;
            default -> PriceUnits.WEB_SEARCHES;
          };
      case "input_cost_per_second", "output_cost_per_second" ->
          switch (mode) {
            case "audio_transcription", "audio_speech" -> PriceUnits.AUDIO_SECONDS;
            case "video_generation" -> PriceUnits.VIDEO_SECONDS;
            default -> throw new InexpressiblePriceException(name); // capacity that is rented
          };
      case "input_cost_per_audio_per_second" ->
          priced("input_cost_per_audio_token") ? null : PriceUnits.AUDIO_SECONDS;
      case "input_cost_per_video_per_second" ->
          dependsOnLength() ? null : PriceUnits.INPUT_VIDEO_SECONDS;
      case "input_cost_per_character" -> priced(INPUT_TOKENS) ? null : PriceUnits.CHARACTERS;
      case "output_cost_per_character" ->
          priced("output_cost_per_token") ? null : PriceUnits.OUTPUT_CHARACTERS;
      case "input_cost_per_image" -> {
        if (generatesImages && !model.has("output_cost_per_image")) {
          yield PriceUnits.OUTPUT_IMAGES;
        }
        yield priced(INPUT_TOKENS) && !mode.equals("embedding") ? null : PriceUnits.INPUT_IMAGES;
      }
      default -> priced("output_cost_per_image_token") ? null : PriceUnits.OUTPUT_IMAGES;
    };
  }

  private boolean dependsOnLength() {
    for (Map.Entry<String, JsonNode> field : model.properties()) {
      if (longVideo(field.getKey())) {
        return true;
      }
    }
    return false;
  }

  private static boolean longVideo(String field) {
    return field.startsWith(LONG_VIDEO) && field.endsWith("_interval");
  }

  private boolean priced(String field) {
    return model.path(field).isNumber() && model.path(field).decimalValue().signum() > 0;
  }

  /** Adds a fee; one that is told twice, for what goes in and what comes out, is paid once. */
  private void add(String unit, BigDecimal usd) {
    BigDecimal told = fees.putIfAbsent(unit, usd);
    if (told == null || told.compareTo(usd) == 0) {
      return;
    }
    if (told.signum() > 0 && usd.signum() > 0) {
      throw new InexpressiblePriceException(unit);
    }
    fees.put(unit, told.max(usd));
  }

  private ObjectNode write() {
    ObjectNode units = PriceFile.JSON.createObjectNode();
    boolean free = fees.values().stream().allMatch(usd -> usd.signum() == 0);
    boolean onlyFees = !model.has(INPUT_TOKENS);
    fees.forEach(
        (unit, usd) -> {
          if (usd.signum() > 0 || (free && onlyFees)) { // else zero is LiteLLM's way to say none
            units.putObject(unit).put("usd", LiteLlmRules.plain(usd)).put("per", 1);
          }
        });
    return units;
  }
}
