package dev.agentops.cache.wording;

import java.util.List;

/** How much of two texts is the same words in the same order. */
final class Overlap {

  private Overlap() {}

  /** The longest common subsequence, as a share of the shorter text; 0 to 1. */
  static double of(List<String> one, List<String> other) {
    if (one.isEmpty() || other.isEmpty()) {
      return 0;
    }
    int[] row = new int[other.size() + 1];
    for (String word : one) {
      int diagonal = 0;
      for (int k = 1; k <= other.size(); k++) {
        int above = row[k];
        row[k] = word.equals(other.get(k - 1)) ? diagonal + 1 : Math.max(row[k], row[k - 1]);
        diagonal = above;
      }
    }
    return (double) row[other.size()] / Math.min(one.size(), other.size());
  }
}
