package dev.agentops.cost;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The dimensions of records, for those who implement a {@link UsageLedger}. Immutable, hence
 * thread-safe.
 */
public final class UsageDimensions {

  private static final UsageDimensions PLAIN = new UsageDimensions(List.of());
  private static final Set<String> PARTS =
      Set.of(UsageLedger.MODEL, UsageLedger.PROVIDER, UsageLedger.OPERATION);

  private final List<Cross> crosses;

  private UsageDimensions(List<Cross> crosses) {
    this.crosses = List.copyOf(crosses);
  }

  /** The model, the provider, the operation and each attribute; nothing crossed. */
  public static UsageDimensions plain() {
    return PLAIN;
  }

  /**
   * These, and two of them as one.
   *
   * @throws IllegalArgumentException if one is blank, or both are the same
   */
  public UsageDimensions cross(String first, String second) {
    if (first.isBlank() || second.isBlank() || first.equals(second)) {
      throw new IllegalArgumentException(
          "two different dimensions are needed to cross: '" + first + "' and '" + second + "'");
    }
    Set<Cross> all = new LinkedHashSet<>(crosses);
    all.add(new Cross(first, second));
    return new UsageDimensions(List.copyOf(all));
  }

  /** The dimensions that do not come from attributes alone: there is a fixed number of them. */
  public Set<String> fixed() {
    Set<String> names = new LinkedHashSet<>(PARTS);
    crosses.forEach(cross -> names.add(cross.name()));
    return names;
  }

  /**
   * In which dimensions a record counts, and as what: each value once. A task has no model and no
   * provider.
   */
  public Map<String, Set<String>> of(UsageRecord record) {
    Map<String, Set<String>> values = new LinkedHashMap<>();
    record.attributes().forEach((name, value) -> values.put(name, texts(value)));
    // parts of the record come before attributes of their names, and crosses before both
    values.put(UsageLedger.MODEL, record.isTask() ? Set.of() : Set.of(record.model()));
    values.put(UsageLedger.PROVIDER, record.isTask() ? Set.of() : Set.of(record.provider()));
    values.put(UsageLedger.OPERATION, Set.of(record.operation()));
    Map<String, Set<String>> crossed = new LinkedHashMap<>();
    for (Cross cross : crosses) {
      crossed.put(cross.name(), cross.pairs(values));
    }
    values.putAll(crossed);
    values.values().removeIf(Collection::isEmpty);
    return values;
  }

  /** Whether two records count in the same places, but for the time. */
  static boolean same(UsageRecord one, UsageRecord other) {
    return one.model().equals(other.model())
        && one.provider().equals(other.provider())
        && one.operation().equals(other.operation())
        && one.attributes().equals(other.attributes());
  }

  /**
   * Checks that a record may {@linkplain UsageLedger#replace take the place} of another.
   *
   * @throws IllegalArgumentException if they differ in dimensions or time; the message quotes what
   *     differs
   */
  public static void requireSame(UsageRecord old, UsageRecord replacement) {
    List<String> differences = new ArrayList<>();
    difference(differences, "time", old.timestamp(), replacement.timestamp());
    difference(differences, "model", old.model(), replacement.model());
    difference(differences, "provider", old.provider(), replacement.provider());
    difference(differences, "operation", old.operation(), replacement.operation());
    difference(differences, "attributes", old.attributes(), replacement.attributes());
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "record '"
              + old.id()
              + "' can be replaced by one of the same dimensions and time only: "
              + String.join(", ", differences));
    }
  }

  private static void difference(List<String> to, String what, Object old, Object replacement) {
    if (!old.equals(replacement)) {
      to.add(what + " was " + old + " and would be " + replacement);
    }
  }

  private static Set<String> texts(Object value) {
    if (!(value instanceof List<?> elements)) {
      return Set.of(value.toString());
    }
    Set<String> different = new LinkedHashSet<>();
    elements.forEach(element -> different.add(element.toString()));
    return different;
  }

  private record Cross(String first, String second) {

    private String name() {
      return UsageLedger.crossed(first, second);
    }

    private Set<String> pairs(Map<String, Set<String>> values) {
      Set<String> pairs = new LinkedHashSet<>();
      for (String one : values.getOrDefault(first, Set.of())) {
        for (String other : values.getOrDefault(second, Set.of())) {
          pairs.add(UsageLedger.crossed(one, other));
        }
      }
      return pairs;
    }
  }
}
