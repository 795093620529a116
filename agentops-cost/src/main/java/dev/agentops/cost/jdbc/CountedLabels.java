package dev.agentops.cost.jdbc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.cost.LedgerException;
import dev.agentops.cost.UsageDimensions;
import dev.agentops.cost.UsageRecord;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Under which labels a record was counted, as text: what dimensions are crossed and how many values
 * they have room for may be otherwise when the record is replaced, and the difference must go where
 * the record went. Written is only in what they differ from what the record itself says.
 */
final class CountedLabels {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private CountedLabels() {}

  /** Null where the record says it all. */
  static @Nullable String write(UsageRecord record, Set<Label> counted) {
    Set<Label> own = own(record);
    if (own.equals(counted)) {
      return null;
    }
    ObjectNode json = JSON.createObjectNode();
    putDifference(json.putArray("without"), own, counted);
    putDifference(json.putArray("with"), counted, own);
    try {
      return JSON.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new LedgerException("the labels of record " + record.id() + " cannot be written", e);
    }
  }

  static Set<Label> read(UsageRecord record, @Nullable String text) {
    Set<Label> labels = own(record);
    if (text != null) {
      try {
        JsonNode json = JSON.readTree(text);
        json.path("without").forEach(label -> labels.remove(label(label)));
        json.path("with").forEach(label -> labels.add(label(label)));
      } catch (JsonProcessingException e) {
        throw new LedgerException("the labels of a record of the usage ledger cannot be read", e);
      }
    }
    return labels;
  }

  private static Set<Label> own(UsageRecord record) {
    return new LinkedHashSet<>(Label.of(record, UsageDimensions.plain()));
  }

  private static void putDifference(ArrayNode to, Set<Label> labels, Set<Label> others) {
    for (Label label : labels) {
      if (!others.contains(label)) {
        to.addArray().add(label.dimension()).add(label.value());
      }
    }
  }

  private static Label label(JsonNode pair) {
    return new Label(pair.path(0).asText(), pair.path(1).asText());
  }
}
