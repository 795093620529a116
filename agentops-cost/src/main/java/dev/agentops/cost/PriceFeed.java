package dev.agentops.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A public list of prices, converted into the format of {@link PriceFile}.
 *
 * @param name what it is and of when, for people
 * @param date the day on which its prices were seen
 * @param tree the converted list
 */
record PriceFeed(String name, LocalDate date, ObjectNode tree) {

  /** The feed as a catalogue, which also checks it. */
  PriceCatalog catalog() throws IOException {
    return PriceFile.read(new ByteArrayInputStream(PriceFile.JSON.writeValueAsBytes(tree)), name);
  }

  /** Its providers by their ids. */
  Map<String, ObjectNode> providers() {
    Map<String, ObjectNode> providers = new HashMap<>();
    for (JsonNode provider : tree.path("providers")) {
      providers.put(id(provider), (ObjectNode) provider);
    }
    return providers;
  }

  /** Its models by provider and id, in the form of {@link ModelPrice#label()}. */
  Map<String, ObjectNode> models() {
    Map<String, ObjectNode> models = new HashMap<>();
    for (JsonNode provider : tree.path("providers")) {
      for (JsonNode model : provider.path("models")) {
        models.put(id(provider) + '/' + id(model), (ObjectNode) model);
      }
    }
    return models;
  }

  /** The id of a provider whose names have this one; null where there is none. */
  @Nullable String providerCalled(String name) {
    String wanted = ModelPattern.normalise(name);
    for (JsonNode provider : tree.path("providers")) {
      if (id(provider).equals(wanted)) {
        return wanted;
      }
    }
    for (JsonNode provider : tree.path("providers")) {
      for (JsonNode pattern : provider.path("names")) {
        if (ModelPattern.parse(pattern.asText()).matches(wanted)) {
          return id(provider);
        }
      }
    }
    return null;
  }

  static String id(JsonNode node) {
    return node.path("id").asText();
  }
}
