package dev.agentops.alerts.promql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A set of labels, and with it the identity of a time series; the name of the metric is the label
 * {@value #NAME}. A label with an empty value is a label that is not there. Immutable.
 */
public final class Labels implements Comparable<Labels> {

  /** The label that holds the name of the metric. */
  public static final String NAME = "__name__";

  private static final Labels EMPTY = new Labels(new String[0]);
  private static final Pattern LABEL_NAME = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");
  private static final Pattern METRIC_NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");

  /** Names and values in turn, in the order of the names. */
  private final String[] pairs;

  private final int hash;

  /** Made when first asked for; a race makes it twice, to the same effect. */
  private @Nullable Labels withoutName;

  private Labels(String[] pairs) {
    this.pairs = pairs;
    this.hash = Arrays.hashCode(pairs);
  }

  /** No label at all. */
  public static Labels empty() {
    return EMPTY;
  }

  /**
   * Labels from names and values in turn.
   *
   * @throws IllegalArgumentException if a value is missing, a name comes twice or is not a name
   *     that Prometheus takes
   */
  public static Labels of(String... namesAndValues) {
    Objects.requireNonNull(namesAndValues, "namesAndValues");
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException(
          "no value for the last of the labels: " + Arrays.toString(namesAndValues));
    }
    TreeMap<String, String> sorted = new TreeMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      String name = Objects.requireNonNull(namesAndValues[i], "name");
      if (sorted.put(name, Objects.requireNonNull(namesAndValues[i + 1], name)) != null) {
        throw new IllegalArgumentException("the label '" + name + "' comes twice");
      }
    }
    return from(sorted);
  }

  /**
   * The series of a metric, with its labels as names and values in turn.
   *
   * @throws IllegalArgumentException as for {@link #of}
   */
  public static Labels metric(String name, String... namesAndValues) {
    Objects.requireNonNull(name, "name");
    return of(namesAndValues).with(NAME, name);
  }

  /**
   * The labels of a map.
   *
   * @throws IllegalArgumentException if a name is not one that Prometheus takes
   */
  public static Labels from(Map<String, String> labels) {
    Objects.requireNonNull(labels, "labels");
    List<String> pairs = new ArrayList<>(2 * labels.size());
    for (Map.Entry<String, String> label : new TreeMap<>(labels).entrySet()) {
      validate(label.getKey(), label.getValue());
      if (!label.getValue().isEmpty()) {
        pairs.add(label.getKey());
        pairs.add(label.getValue());
      }
    }
    return ofSorted(pairs);
  }

  /** The value of a label; empty if it is not there. */
  public String value(String name) {
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i].equals(name)) {
        return pairs[i + 1];
      }
    }
    return "";
  }

  /** The name of the metric; empty if there is none. */
  public String name() {
    return value(NAME);
  }

  public boolean isEmpty() {
    return pairs.length == 0;
  }

  /** The labels by name, in the order of the names; unmodifiable. */
  public SortedMap<String, String> map() {
    TreeMap<String, String> map = new TreeMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return Collections.unmodifiableSortedMap(map);
  }

  /**
   * These labels with one set; an empty value takes it away.
   *
   * @throws IllegalArgumentException if the name is not one that Prometheus takes
   */
  public Labels with(String name, String value) {
    validate(name, value);
    List<String> changed = new ArrayList<>(pairs.length + 2);
    boolean set = value.isEmpty();
    for (int i = 0; i < pairs.length; i += 2) {
      int order = pairs[i].compareTo(name);
      if (order >= 0 && !set) {
        changed.add(name);
        changed.add(value);
        set = true;
      }
      if (order != 0) {
        changed.add(pairs[i]);
        changed.add(pairs[i + 1]);
      }
    }
    if (!set) {
      changed.add(name);
      changed.add(value);
    }
    return ofSorted(changed);
  }

  /** These labels without the name of the metric. */
  public Labels withoutName() {
    Labels known = withoutName;
    if (known == null) {
      known = filter(name -> !name.equals(NAME));
      withoutName = known;
    }
    return known;
  }

  /** The labels whose names the filter takes. */
  Labels filter(Predicate<String> kept) {
    int count = 0;
    String[] some = new String[pairs.length];
    for (int i = 0; i < pairs.length; i += 2) {
      if (kept.test(pairs[i])) {
        some[count++] = pairs[i];
        some[count++] = pairs[i + 1];
      }
    }
    if (count == pairs.length) {
      return this;
    }
    return count == 0 ? EMPTY : new Labels(Arrays.copyOf(some, count));
  }

  static boolean isLabelName(String name) {
    return LABEL_NAME.matcher(name).matches();
  }

  private static Labels ofSorted(List<String> pairs) {
    return pairs.isEmpty() ? EMPTY : new Labels(pairs.toArray(new String[0]));
  }

  private static void validate(String name, String value) {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(value, name);
    if (!isLabelName(name)) {
      throw new IllegalArgumentException("not the name of a label: '" + name + "'");
    }
    if (name.equals(NAME) && !value.isEmpty() && !METRIC_NAME.matcher(value).matches()) {
      throw new IllegalArgumentException("not the name of a metric: '" + value + "'");
    }
  }

  /** Orders by the first difference in name, then in value; the shorter comes first. */
  @Override
  public int compareTo(Labels other) {
    int common = Math.min(pairs.length, other.pairs.length);
    for (int i = 0; i < common; i++) {
      int order = pairs[i].compareTo(other.pairs[i]);
      if (order != 0) {
        return order;
      }
    }
    return pairs.length - other.pairs.length;
  }

  @Override
  public boolean equals(@Nullable Object object) {
    return this == object
        || (object instanceof Labels other
            && hash == other.hash
            && Arrays.equals(pairs, other.pairs));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** As Prometheus writes it: {@code http_requests_total{code="500"}}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(name());
    String separator = "{";
    for (int i = 0; i < pairs.length; i += 2) {
      if (!pairs[i].equals(NAME)) {
        text.append(separator).append(pairs[i]).append('=').append(Strings.quote(pairs[i + 1]));
        separator = ", ";
      }
    }
    if (!separator.equals("{")) {
      text.append('}');
    } else if (text.length() == 0) {
      text.append("{}");
    }
    return text.toString();
  }
}
