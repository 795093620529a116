package dev.agentops.tracing;

import java.util.Arrays;
import java.util.List;

/**
 * Where a value stands: what the names above it tell, and how far each JSON path leads there.
 *
 * @param name the field that holds it; empty at the root
 * @param parent the field that holds the object around it
 * @param meaning what the names tell; that something is secret, the whole value inherits
 * @param reached one for each JSON path
 * @param depth how many objects and lists are around it
 * @param documents how many JSON texts are around it
 */
record Place(
    String name, String parent, SensitiveName meaning, long[] reached, int depth, int documents) {

  /** A value of its own, under this name. */
  static Place root(List<JsonPath> paths, String name, int documents) {
    long[] reached = new long[paths.size()];
    Arrays.fill(reached, JsonPath.start());
    return new Place(name, "", SensitiveName.of(name), reached, 0, documents);
  }

  Place field(List<JsonPath> paths, String field) {
    long[] next = new long[reached.length];
    for (int i = 0; i < next.length; i++) {
      next[i] = paths.get(i).field(reached[i], field);
    }
    return new Place(
        field,
        name,
        meaning.isSecret() ? meaning : SensitiveName.of(field),
        next,
        depth + 1,
        documents);
  }

  /** Whether a field of this name tells what the value beside it is, as of headers. */
  static boolean isLabel(String field) {
    return field.equals("name") || field.equals("key");
  }

  /** This place, where it is the {@code value} beside such a label. */
  Place labelled(String label) {
    return name.equals("value") && meaning == SensitiveName.OTHER && !label.isEmpty()
        ? new Place(name, parent, SensitiveName.of(label), reached, depth, documents)
        : this;
  }

  Place element(List<JsonPath> paths, int index) {
    long[] next = new long[reached.length];
    for (int i = 0; i < next.length; i++) {
      next[i] = paths.get(i).element(reached[i], index);
    }
    return new Place(name, parent, meaning, next, depth + 1, documents);
  }

  /**
   * This place, where an object stands. That of a JSON schema, which describes a field of the name,
   * is not secret.
   */
  Place ofObject() {
    return meaning != SensitiveName.OTHER && parent.equals("properties")
        ? new Place(name, parent, SensitiveName.OTHER, reached, depth, documents)
        : this;
  }

  boolean isEndOf(List<JsonPath> paths) {
    for (int i = 0; i < reached.length; i++) {
      if (paths.get(i).isEnd(reached[i])) {
        return true;
      }
    }
    return false;
  }
}
