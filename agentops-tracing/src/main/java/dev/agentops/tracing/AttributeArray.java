package dev.agentops.tracing;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Attributes as name, value, name, value, ... in one array that ends with nulls: a span has a
 * dozen, which are found faster, and kept in less, than in a map.
 */
final class AttributeArray {

  private static final int INITIAL = 12;
  private static final int LONGEST = 2 * AttributeList.MAXIMUM;

  private AttributeArray() {}

  /**
   * The array with this attribute, in place of an earlier one of the name; null where there is no
   * room for another name.
   */
  static Object @Nullable [] with(Object @Nullable [] array, String name, Object value) {
    if (array == null) {
      Object[] first = new Object[INITIAL];
      first[0] = name;
      first[1] = value;
      return first;
    }
    int i = 0;
    int hash = name.hashCode(); // which a string remembers
    for (; i < array.length && array[i] != null; i += 2) {
      String known = (String) array[i];
      if (known == name || (known.hashCode() == hash && known.equals(name))) {
        array[i + 1] = value;
        return array;
      }
    }
    if (i == LONGEST) {
      return null;
    }
    Object[] roomy =
        i < array.length ? array : Arrays.copyOf(array, Math.min(LONGEST, 2 * array.length));
    roomy[i + 1] = value; // before the name: another thread may read along
    roomy[i] = name;
    return roomy;
  }

  static void copy(Object @Nullable [] array, Span.Builder to) {
    if (array == null) {
      return;
    }
    for (int i = 0; i < array.length && array[i] != null; i += 2) {
      to.attribute((String) array[i], array[i + 1]);
    }
  }
}
