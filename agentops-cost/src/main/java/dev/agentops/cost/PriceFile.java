package dev.agentops.cost;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.InputStream;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a catalogue from JSON.
 *
 * <pre>{@code
 * {"format": "agentops-prices/2", "version": "mine", "date": "2026-09-23", "currency": "USD",
 *  "sources": ["https://example.com/prices"], "license": "MIT", "providers": [
 *   {"id": "openai", "names": ["*openai*"], "claims": ["gpt-*"], "fallbacks": [], "models": [
 *     {"id": "gpt-5.4", "aliases": ["gpt-5.4-0901"], "match": ["gpt-5.4-codex*"], "note": "…", "prices": [
 *       {"rates": {"input": 2.5, "cacheRead": 0.25, "output": 15},
 *        "units": {"web_searches": {"usd": 10, "per": 1000}, "requests": {"usd": 0.005, "per": 1}}},
 *       {"inputAbove": 272000, "rates": {"input": 5, "cacheRead": 0.5, "output": 22.5}},
 *       {"tier": ["batch", "flex"], "rates": {"input": 1.25, "cacheRead": 0.125, "output": 7.5}},
 *       {"tier": "*", "region": "eu", "factor": 1.1}]}]}]}
 * }</pre>
 *
 * <p>A model's id is one of its names; {@code aliases} are others, and {@code match} has
 * {@linkplain ModelPattern patterns}. For models that a provider does not list, the {@code
 * fallbacks} give the standard prices. A price either has {@code rates} and {@code units} or a
 * {@code factor}: the last with rates whose conditions all hold gives the rates, all factors whose
 * conditions all hold multiply the rates of tokens. Rates are dollars for a million tokens; units
 * are {@code usd} for {@code per}, and at least a {@code minimum} is charged; of the unit {@code
 * requests} every call has one.
 *
 * <p>The conditions, of which all must hold:
 *
 * <ul>
 *   <li>{@code from}, {@code until}: a date, which is its first moment in the zone, or an instant
 *   <li>{@code between}: hours, {@code "16:30-00:30"}, to {@code 00:00} or {@code 24:00} for
 *       midnight; {@code days}: {@code ["MON", …]}, the day of the moment itself, also where the
 *       hours go past midnight
 *   <li>{@code zone}: of the four before; UTC unless said
 *   <li>{@code inputAbove}: the request has more input tokens, cached ones included; with {@code
 *       "marginal": true} the rates are only those of the tokens of a kind beyond that many, the
 *       others have those of the price below
 *   <li>{@code tier}, {@code speed}: a word or a list, {@code "*"} for any; without it, only the
 *       standard one
 *   <li>{@code region}: a word or a list; without it, any
 * </ul>
 */
final class PriceFile {

  static final String FORMAT = "agentops-prices/2";

  /** Keeps decimals exact, to the last digit and zero; half a file is not one. */
  static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .build();

  private static final Set<String> ROOT_FIELDS =
      Set.of("format", "version", "date", "currency", "sources", "license", "providers");
  private static final Set<String> PROVIDER_FIELDS =
      Set.of("id", "names", "claims", "fallbacks", "models");
  private static final Set<String> MODEL_FIELDS =
      Set.of("id", "aliases", "match", "note", "prices");
  private static final Pattern SOURCE = Pattern.compile("\\[Source: [^;\\]]*; ");
  private static final String ROOT = "the catalogue";

  private final PriceFields fields;

  private PriceFile(PriceFields fields) {
    this.fields = fields;
  }

  /**
   * Reads a catalogue.
   *
   * @param name the file's name, for messages
   * @throws IllegalArgumentException if it is malformed or of a format that is not known; the
   *     message tells the line, but for the lists of others
   */
  static PriceCatalog read(InputStream in, String name) throws IOException {
    byte[] content = in.readAllBytes();
    JsonNode root = tree(content, name);
    if (!root.path("format").asText().equals(FORMAT)) {
      throw new IllegalArgumentException(
          "price file '"
              + name
              + "' is in no format that is known: neither \"format\": \""
              + FORMAT
              + "\" nor the providers of genai-prices nor the models of LiteLLM");
    }
    String hash = ContentHash.of(content);
    try {
      return new PriceFile(new PriceFields(name, Map.of())).catalog(root, hash);
    } catch (IllegalArgumentException e) {
      LocatedNodes.Tree located = LocatedNodes.read(content);
      if (!located.root().equals(root)) { // it was converted from a feed, which has other lines
        throw e;
      }
      return new PriceFile(new PriceFields(name, located.lines())).catalog(located.root(), hash);
    }
  }

  /** The file in the format of this class. */
  private static JsonNode tree(byte[] content, String name) throws IOException {
    try {
      JsonNode root = JSON.readTree(content);
      if (GenAiPrices.recognises(root)) {
        return GenAiPrices.convert(root, "genai-prices, file " + name);
      }
      return LiteLlmPrices.recognises(root)
          ? LiteLlmPrices.convert(root, "LiteLLM, file " + name)
          : root;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "price file '" + name + "' is not JSON: " + place(e) + fault(e), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("price file '" + name + "', " + e.getMessage(), e);
    }
  }

  /** What Jackson says, without what it says of a source that it does not show. */
  private static String fault(JsonProcessingException e) {
    return SOURCE.matcher(String.valueOf(e.getOriginalMessage())).replaceAll("[");
  }

  private static String place(JsonProcessingException e) {
    return e.getLocation() == null
        ? ""
        : "line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr()
            + ": ";
  }

  private PriceCatalog catalog(JsonNode root, String hash) {
    fields.check(root, ROOT_FIELDS, ROOT);
    checkCurrency(root);
    checkDate(root);
    fields.texts(root, "sources", ROOT);
    Set<String> ids = new HashSet<>();
    List<ProviderPrices> providers = new ArrayList<>();
    for (JsonNode node : fields.array(root, "providers", ROOT)) {
      ProviderPrices provider = provider(node);
      if (!ids.add(provider.id())) {
        throw fields.refused(ROOT, "two providers '" + provider.id() + "'");
      }
      providers.add(provider);
    }
    return new PriceCatalog(
        fields.text(root, "version", ROOT) + " #" + hash, new PriceBook(providers));
  }

  private void checkCurrency(JsonNode root) {
    JsonNode currency = root.path("currency");
    if (!currency.isMissingNode() && !currency.asText().equals("USD")) {
      throw fields.refused(ROOT, "unknown currency '" + currency.asText() + "'");
    }
  }

  private void checkDate(JsonNode root) {
    try {
      if (root.has("date")) {
        LocalDate.parse(fields.text(root, "date", ROOT));
      }
    } catch (DateTimeParseException e) {
      throw fields.malformed(ROOT, "date", root.path("date"));
    }
  }

  private ProviderPrices provider(JsonNode node) {
    String id = fields.text(node, "id", "a provider");
    fields.check(node, PROVIDER_FIELDS, id);
    ProviderPrices provider =
        new ProviderPrices(
            id,
            patterns(node, "names", id),
            patterns(node, "claims", id),
            fields.texts(node, "fallbacks", id));
    for (JsonNode model : fields.array(node, "models", id)) {
      add(model, provider);
    }
    return provider;
  }

  private void add(JsonNode node, ProviderPrices provider) {
    String id = fields.text(node, "id", "a model of " + provider.id());
    String where = provider.id() + '/' + id;
    fields.check(node, MODEL_FIELDS, where);
    List<ModelPattern> match = patterns(node, "match", where);
    ModelPrice price =
        new ModelPrice(
            provider.id(), id, note(node, where), new PriceRuleReader(fields, where).rules(node));
    provider.add(match, price);
    for (String alias : fields.texts(node, "aliases", where)) {
      ModelPrice other = provider.addAlias(alias, price);
      if (other != null) {
        throw fields.refused(where, "alias '" + alias + "' is one of '" + other.id() + "', too");
      }
    }
  }

  private @Nullable String note(JsonNode node, String where) {
    return node.has("note") ? fields.text(node, "note", where) : null;
  }

  private List<ModelPattern> patterns(JsonNode node, String field, String where) {
    List<String> texts = fields.texts(node, field, where);
    try {
      return texts.stream().map(ModelPattern::parse).toList();
    } catch (IllegalArgumentException e) {
      throw fields.refused(where, String.valueOf(e.getMessage()));
    }
  }
}
