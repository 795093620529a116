package dev.agentops.cost;

/** How many letters must be changed, added or removed to make one word of another (Levenshtein). */
final class EditDistance {

  private EditDistance() {}

  /** The distance; where it is more than {@code limit}, something more than the limit. */
  static int between(String a, String b, int limit) {
    if (Math.abs(a.length() - b.length()) > limit) {
      return limit + 1;
    }
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    int[] current = new int[b.length() + 1];
    for (int i = 1; i <= a.length(); i++) {
      current[0] = i;
      int least = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
        least = Math.min(least, current[j]);
      }
      if (least > limit) { // no row is below the one before
        return limit + 1;
      }
      int[] swapped = previous;
      previous = current;
      current = swapped;
    }
    return previous[b.length()];
  }
}
