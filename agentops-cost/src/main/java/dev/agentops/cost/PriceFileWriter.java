package dev.agentops.cost;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Writes a catalogue, one model a line and always in the same order, so that a diff is readable.
 */
final class PriceFileWriter {

  private static final Comparator<JsonNode> BY_ID = Comparator.comparing(PriceFeed::id);
  private static final ObjectWriter WRITER =
      PriceFile.JSON.writer().with(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN);

  private PriceFileWriter() {}

  /** The text of a catalogue; models keep their order, which decides where patterns overlap. */
  static String write(ObjectNode catalog) throws JsonProcessingException {
    StringBuilder text = new StringBuilder("{");
    catalog
        .properties()
        .forEach(
            field -> {
              if (!field.getKey().equals("providers")) {
                text.append('"').append(field.getKey()).append("\":");
                text.append(json(field.getValue())).append(",\n");
              }
            });
    text.append("\"providers\":[");
    List<JsonNode> providers = new ArrayList<>();
    catalog.path("providers").forEach(providers::add);
    providers.sort(BY_ID);
    String separator = "\n";
    for (JsonNode provider : providers) {
      text.append(separator).append(provider((ObjectNode) provider));
      separator = ",\n";
    }
    return text.append("]}\n").toString();
  }

  private static String provider(ObjectNode provider) {
    ObjectNode head = provider.deepCopy();
    head.remove("models");
    String start = json(head);
    StringBuilder text = new StringBuilder(start.substring(0, start.length() - 1));
    text.append(",\"models\":[");
    String separator = "\n";
    for (JsonNode model : provider.path("models")) {
      text.append(separator).append(json(model));
      separator = ",\n";
    }
    return text.append("]}").toString();
  }

  private static String json(JsonNode node) {
    try {
      return WRITER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that is no JSON: " + node, e);
    }
  }
}
