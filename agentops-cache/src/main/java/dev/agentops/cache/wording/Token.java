package dev.agentops.cache.wording;

/**
 * A word of a text.
 *
 * @param text in lower case
 * @param capital whether it began with a capital, or has one inside
 * @param first whether it begins a sentence, where a capital says nothing
 * @param afterBreak whether a comma, colon or the end of a sentence stands before it
 */
record Token(String text, boolean capital, boolean first, boolean afterBreak) {

  Token as(String other) {
    return new Token(other, capital, first, afterBreak);
  }

  /** Another word that came out of the same one, and begins nothing. */
  Token then(String other) {
    return new Token(other, false, false, false);
  }
}
