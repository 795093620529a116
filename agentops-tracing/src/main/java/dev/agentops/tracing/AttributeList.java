package dev.agentops.tracing;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of one span while they are collected: two arrays that are scanned, since a span
 * has a dozen. Values are those of {@link Attributes}, or a {@link LazyText}. Not thread-safe.
 */
final class AttributeList {

  /** OpenTelemetry's default, too. */
  static final int MAXIMUM = 128;

  private static final int OVERHEAD_BYTES = 16;

  private String[] names;
  private Object[] values;
  private int size;
  private int dropped;

  AttributeList() {
    this(new String[8], new Object[8], 0, 0);
  }

  private AttributeList(String[] names, Object[] values, int size, int dropped) {
    this.names = names;
    this.values = values;
    this.size = size;
    this.dropped = dropped;
  }

  /**
   * Adds or replaces; a blank name and a missing value are ignored, a new name beyond the maximum
   * is counted and dropped. Long names are cut.
   */
  void put(@Nullable String anyName, @Nullable Object value) {
    if (anyName == null || anyName.isBlank() || value == null) {
      return;
    }
    String name = Payloads.cutName(anyName);
    for (int i = 0; i < size; i++) {
      if (names[i].equals(name)) {
        values[i] = value;
        return;
      }
    }
    if (size == MAXIMUM) {
      dropped++;
      return;
    }
    if (size == names.length) {
      names = Arrays.copyOf(names, 2 * size);
      values = Arrays.copyOf(values, 2 * size);
    }
    names[size] = name;
    values[size] = value;
    size++;
  }

  /** Counts some that were dropped before. */
  void addDropped(int count) {
    dropped += count;
  }

  /** How many were dropped. */
  int dropped() {
    return dropped;
  }

  AttributeList copy() {
    return new AttributeList(
        Arrays.copyOf(names, Math.max(1, size)),
        Arrays.copyOf(values, Math.max(1, size)),
        size,
        dropped);
  }

  /** The value of this name, as {@link Attributes} has it; null where there is none. */
  @Nullable Object get(String name) {
    for (int i = 0; i < size; i++) {
      if (names[i].equals(name)) {
        return Attributes.of(name, read(values[i])).get(name);
      }
    }
    return null;
  }

  /** These attributes and those of the scopes around them; these win. */
  Attributes over(Attributes scope) {
    if (size == 0) {
      return scope;
    }
    Attributes.Builder all = Attributes.builder();
    scope.forEach(all::put);
    for (int i = 0; i < size; i++) {
      all.put(names[i], read(values[i]));
    }
    return all.build();
  }

  private static Object read(Object value) {
    if (value instanceof Cost cost) {
      return cost.usd().toPlainString();
    }
    return value instanceof LazyText lazy ? lazy.text() : value;
  }

  /** Without the texts that the span keeps as its input and output. */
  long estimatedBytes(@Nullable Object input, @Nullable Object output) {
    long bytes = 0;
    for (int i = 0; i < size; i++) {
      boolean counted = values[i] == input || values[i] == output;
      bytes +=
          OVERHEAD_BYTES
              + Payloads.estimatedBytes(names[i])
              + (counted ? 0 : Payloads.estimatedBytes(values[i]));
    }
    return bytes;
  }
}
