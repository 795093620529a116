package dev.agentops.cost;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** The models that are new, changed and gone between two catalogues, by provider and id. */
final class PriceFileDiff {

  private final TreeSet<String> added = new TreeSet<>();
  private final TreeSet<String> changed = new TreeSet<>();
  private final TreeSet<String> gone = new TreeSet<>();

  private PriceFileDiff() {}

  static PriceFileDiff between(JsonNode before, JsonNode after) {
    Map<String, JsonNode> old = models(before);
    PriceFileDiff diff = new PriceFileDiff();
    models(after)
        .forEach(
            (label, model) -> {
              JsonNode known = old.remove(label);
              if (known == null) {
                diff.added.add(label);
              } else if (!known.equals(model)) {
                diff.changed.add(label);
              }
            });
    diff.gone.addAll(old.keySet());
    return diff;
  }

  boolean isEmpty() {
    return added.isEmpty() && changed.isEmpty() && gone.isEmpty();
  }

  /** One line a model. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    added.forEach(label -> text.append("new      ").append(label).append('\n'));
    changed.forEach(label -> text.append("changed  ").append(label).append('\n'));
    gone.forEach(label -> text.append("gone     ").append(label).append('\n'));
    return text.append(added.size())
        .append(" new, ")
        .append(changed.size())
        .append(" changed, ")
        .append(gone.size())
        .append(" gone")
        .toString();
  }

  private static Map<String, JsonNode> models(JsonNode catalog) {
    Map<String, JsonNode> models = new TreeMap<>();
    for (JsonNode provider : catalog.path("providers")) {
      for (JsonNode model : provider.path("models")) {
        models.put(PriceFeed.id(provider) + '/' + PriceFeed.id(model), model);
      }
    }
    return models;
  }
}
