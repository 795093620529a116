package dev.agentops.cost.jdbc;

import dev.agentops.cost.UsageLedger;
import dev.agentops.cost.UsageRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A dimension and a value, under which a record counts. Both are {@linkplain DbText keys}. */
record Label(String dimension, String value) {

  /** The label of all records. */
  static final Label EVERYTHING = new Label("", "");

  private static final Set<String> OWN =
      Set.of(UsageLedger.MODEL, UsageLedger.PROVIDER, UsageLedger.OPERATION);

  static Label of(String dimension, String value) {
    return new Label(DbText.key(dimension), DbText.key(value));
  }

  /** The labels of a record, each once. */
  static List<Label> of(UsageRecord record, Collection<Cross> crosses) {
    Set<Label> labels = new LinkedHashSet<>();
    labels.add(EVERYTHING);
    labels.add(of(UsageLedger.MODEL, record.model()));
    labels.add(of(UsageLedger.PROVIDER, record.provider()));
    labels.add(of(UsageLedger.OPERATION, record.operation()));
    record
        .attributes()
        .forEach(
            (name, value) -> {
              if (!OWN.contains(name)) {
                for (String each : texts(value)) {
                  labels.add(of(name, each));
                }
              }
            });
    for (Cross cross : crosses) {
      for (String first : values(record, cross.first())) {
        for (String second : values(record, cross.second())) {
          labels.add(of(cross.name(), UsageLedger.crossed(first, second)));
        }
      }
    }
    return List.copyOf(labels);
  }

  private static List<String> values(UsageRecord record, String dimension) {
    return switch (dimension) {
      case UsageLedger.MODEL -> List.of(record.model());
      case UsageLedger.PROVIDER -> List.of(record.provider());
      case UsageLedger.OPERATION -> List.of(record.operation());
      default -> {
        Object value = record.attributes().get(dimension);
        yield value == null ? List.of() : texts(value);
      }
    };
  }

  private static List<String> texts(Object value) {
    if (value instanceof List<?> list) {
      List<String> texts = new ArrayList<>(list.size());
      list.forEach(each -> texts.add(String.valueOf(each)));
      return texts;
    }
    return List.of(value.toString());
  }

  /** Two dimensions that count as one. */
  record Cross(String first, String second) {

    String name() {
      return UsageLedger.crossed(first, second);
    }
  }
}
