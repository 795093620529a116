package dev.agentops.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeSet;

/** The models that are new, changed and gone between two catalogues, by provider and id. */
final class PriceFileDiff {

  private final TreeSet<String> added = new TreeSet<>();
  private final TreeSet<String> changed = new TreeSet<>();
  private final TreeSet<String> gone = new TreeSet<>();

  private PriceFileDiff() {}

  static PriceFileDiff between(JsonNode before, JsonNode after) {
    Map<String, ObjectNode> old = PriceFeed.models(before);
    PriceFileDiff diff = new PriceFileDiff();
    PriceFeed.models(after)
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
}
