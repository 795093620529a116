package dev.agentops.cache.wording;

/**
 * What a text asks, without the courtesies around it.
 *
 * @param question what is asked
 * @param story what is told besides, which says what the question speaks of; empty when nothing is
 * @param restricts whether the story tells something that may change the answer, such as who asks
 * @param text both, in the order in which they are told
 */
record Focus(String question, String story, boolean restricts, String text) {

  /** The same text, with the story taken for part of the question. */
  Focus whole() {
    return story.isEmpty() ? this : all(text);
  }

  static Focus all(String text) {
    return new Focus(text, "", false, text);
  }
}
