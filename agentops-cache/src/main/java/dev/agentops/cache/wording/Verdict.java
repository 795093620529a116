package dev.agentops.cache.wording;

import org.jspecify.annotations.Nullable;

/**
 * Whether the answer to one question serves another.
 *
 * @param difference the first reason against it; null when the answer serves
 * @param detail the words that differ; empty when the answer serves
 */
public record Verdict(@Nullable Difference difference, String detail) {

  /** The answer serves. */
  public static final Verdict AGREES = new Verdict(null, "");

  /** The answer does not serve. */
  public static Verdict differs(Difference difference, String detail) {
    return new Verdict(difference, detail);
  }

  /** Whether the answer serves. */
  public boolean agrees() {
    return difference == null;
  }
}
