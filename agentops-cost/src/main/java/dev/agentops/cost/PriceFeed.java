package dev.agentops.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.LocalDate;
import java.util.TreeMap;
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

  /** The models of a catalogue by provider and id, in the form of {@link ModelPrice#label()}. */
  static TreeMap<String, ObjectNode> models(JsonNode catalog) {
    TreeMap<String, ObjectNode> models = new TreeMap<>();
    for (JsonNode provider : catalog.path("providers")) {
      for (JsonNode model : provider.path("models")) {
        models.put(id(provider) + '/' + id(model), (ObjectNode) model);
      }
    }
    return models;
  }

  /** The provider of this id, else the first that is called so; null where there is none. */
  @Nullable ObjectNode providerCalled(String name) {
    String wanted = ModelPattern.normalise(name);
    ObjectNode called = null;
    for (JsonNode provider : tree.path("providers")) {
      if (id(provider).equals(wanted)) {
        return (ObjectNode) provider;
      }
      for (JsonNode pattern : provider.path("names")) {
        if (called == null && ModelPattern.parse(pattern.asText()).matches(wanted)) {
          called = (ObjectNode) provider;
        }
      }
    }
    return called;
  }

  /** The id of a provider or a model. */
  static String id(JsonNode node) {
    return node.path("id").asText();
  }
}
