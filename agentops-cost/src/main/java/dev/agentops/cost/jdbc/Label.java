package dev.agentops.cost.jdbc;

import dev.agentops.cost.UsageDimensions;
import dev.agentops.cost.UsageRecord;
import dev.agentops.jdbc.DbText;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A dimension and a value, under which a record counts. Both are {@linkplain DbText keys}. */
record Label(String dimension, String value) {

  /** The label of all records. */
  static final Label EVERYTHING = new Label("", "");

  static Label of(String dimension, String value) {
    return new Label(DbText.key(dimension), DbText.key(value));
  }

  /** The labels of a record, each once. */
  static List<Label> of(UsageRecord record, UsageDimensions dimensions) {
    Set<Label> labels = new LinkedHashSet<>();
    labels.add(EVERYTHING);
    dimensions
        .of(record)
        .forEach((name, values) -> values.forEach(value -> labels.add(of(name, value))));
    return List.copyOf(labels);
  }
}
