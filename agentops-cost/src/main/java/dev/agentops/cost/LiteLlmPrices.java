package dev.agentops.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Converts LiteLLM's list of models into the format of {@link PriceFile}.
 *
 * <p>Providers have the ids that genai-prices gives them, models their ids without LiteLLM's prefix
 * for the host; the key in the list stays an alias. A model with a price that the format cannot
 * express, and one without any price, are left out: they are unpriced.
 */
final class LiteLlmPrices {

  private static final String PROVIDER = "litellm_provider";
  private static final String SAMPLE = "sample_spec";

  /**
   * Hosts whose prices a plain name means where two hosts of one provider differ: the first of
   * these, before all others. The others' prices are found by the name with their prefix.
   */
  private static final List<String> PREFERRED = List.of("openai", "azure", "gemini", "vertex_ai");

  /** By the provider's id, then by the normalised id of the model. */
  private final Map<String, Map<String, ObjectNode>> providers = new TreeMap<>();

  /** The names that are a model's already, each behind its provider's id. */
  private final Set<String> taken = new HashSet<>();

  private final JsonNode models;

  private LiteLlmPrices(JsonNode models) {
    this.models = models;
  }

  static boolean recognises(JsonNode root) {
    return root.isObject()
        && !root.has("format")
        && !root.isEmpty()
        && (root.path(SAMPLE).has(PROVIDER) || root.iterator().next().path(PROVIDER).isTextual());
  }

  /** The catalogue in the format of {@link PriceFile}. */
  static ObjectNode convert(JsonNode models, String version) {
    List<Map.Entry<String, JsonNode>> entries = new ArrayList<>(models.properties());
    entries.sort(
        Comparator.comparingInt((Map.Entry<String, JsonNode> entry) -> preference(entry.getValue()))
            .thenComparing(entry -> entry.getKey().startsWith(host(entry.getValue()) + '/')));
    LiteLlmPrices prices = new LiteLlmPrices(models);
    for (Map.Entry<String, JsonNode> entry : entries) {
      if (entry.getValue().path(PROVIDER).isTextual() && !entry.getKey().equals(SAMPLE)) {
        try {
          prices.add(entry.getKey(), entry.getValue());
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException("model " + entry.getKey() + ": " + e.getMessage(), e);
        }
      }
    }
    return prices.catalog(version);
  }

  private static String host(JsonNode model) {
    return FeedProviders.host(model.path(PROVIDER).asText());
  }

  private static int preference(JsonNode model) {
    int index = PREFERRED.indexOf(host(model));
    return index < 0 ? PREFERRED.size() : index;
  }

  private void add(String key, JsonNode model) {
    ArrayNode rules = LiteLlmRules.of(model);
    if (rules.isEmpty()) {
      return;
    }
    String host = host(model);
    String provider = FeedProviders.id(host);
    String id = withoutHost(key, provider);
    String fullName = key.startsWith(host + '/') ? key : host + '/' + key;
    ObjectNode known = providers.getOrDefault(provider, Map.of()).get(ModelPattern.normalise(id));
    if (known == null) {
      ObjectNode added = add(provider, id, rules);
      if (!key.equals(id)) {
        addAlias(added, provider, key);
      }
    } else if (known.path("prices").equals(rules)) {
      addAlias(known, provider, fullName);
    } else if ((key.equals(fullName) || !models.has(fullName))
        && !taken.contains(provider + ':' + ModelPattern.normalise(fullName))) {
      add(provider, fullName, rules);
    }
  }

  private ObjectNode add(String provider, String id, ArrayNode rules) {
    ObjectNode entry = PriceFile.JSON.createObjectNode();
    entry.put("id", id);
    entry.set("prices", rules);
    String name = ModelPattern.normalise(id);
    taken.add(provider + ':' + name);
    providers.computeIfAbsent(provider, any -> new LinkedHashMap<>()).put(name, entry);
    return entry;
  }

  private void addAlias(ObjectNode entry, String provider, String alias) {
    if (taken.add(provider + ':' + ModelPattern.normalise(alias))) {
      entry.withArrayProperty("aliases").add(alias);
    }
  }

  /** The key without the first of its parts where that names the host. */
  private static String withoutHost(String key, String provider) {
    int slash = key.indexOf('/');
    if (slash < 0 || slash == key.length() - 1) {
      return key;
    }
    String first = key.substring(0, slash).replace('-', '_');
    return FeedProviders.id(first).replace('-', '_').equals(provider.replace('-', '_'))
        ? key.substring(slash + 1)
        : key;
  }

  private ObjectNode catalog(String version) {
    ObjectNode catalog = PriceFile.JSON.createObjectNode();
    catalog.put("format", PriceFile.FORMAT);
    catalog.put("version", version);
    ArrayNode list = catalog.putArray("providers");
    providers.forEach(
        (id, models) -> {
          ObjectNode provider = list.addObject();
          provider.put("id", id);
          ArrayNode names = provider.putArray("names");
          FeedProviders.names(id).forEach(names::add);
          FeedProviders.patterns(id).forEach(names::add);
          ArrayNode claims = provider.putArray("claims");
          FeedProviders.claims(id).forEach(claims::add);
          FeedProviders.families(id).forEach(claims::add);
          provider.putArray("fallbacks");
          models.values().forEach(provider.putArray("models")::add);
        });
    return catalog;
  }
}
