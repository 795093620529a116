package dev.agentops.alerts;

import java.util.Comparator;
import java.util.SortedMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The order of alerts in a notification, as Alertmanager's: by job, by instance, by the number of
 * labels, then by their values in the order of their names.
 */
final class LabelOrder implements Comparator<SortedMap<String, String>> {

  private static final String[] FIRST = {"job", "instance"};

  @Override
  public int compare(SortedMap<String, String> a, SortedMap<String, String> b) {
    for (String label : FIRST) {
      int byLabel = compare(a.get(label), b.get(label));
      if (byLabel != 0) {
        return byLabel;
      }
    }
    if (a.size() != b.size()) {
      return Integer.compare(a.size(), b.size());
    }
    TreeSet<String> names = new TreeSet<>(a.keySet());
    names.addAll(b.keySet());
    for (String name : names) {
      if (!a.containsKey(name) || !b.containsKey(name)) {
        return a.containsKey(name) ? 1 : -1;
      }
      int byValue = compare(a.get(name), b.get(name));
      if (byValue != 0) {
        return byValue;
      }
    }
    return 0;
  }

  /** One that is absent comes last. */
  private static int compare(@Nullable String a, @Nullable String b) {
    if (a == null || b == null) {
      return a == b ? 0 : a == null ? 1 : -1;
    }
    return a.compareTo(b);
  }
}
