package dev.agentops.cache;

import org.jspecify.annotations.Nullable;

/**
 * Whether the answer to one question serves another.
 *
 * @param difference the first reason against it; null when the answer serves
 * @param detail the words that differ; empty when the answer serves
 */
record Verdict(@Nullable Difference difference, String detail) {

  static final Verdict AGREES = new Verdict(null, "");

  static Verdict differs(Difference difference, String detail) {
    return new Verdict(difference, detail);
  }

  boolean agrees() {
    return difference == null;
  }
}
