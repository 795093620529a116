package dev.agentops.cache;

/**
 * What a text asks, without the courtesies around it.
 *
 * @param question what is asked
 * @param story what is told besides, which says what the question speaks of; empty when nothing is
 * @param restricts whether the story tells something that may change the answer, such as who asks
 */
record Focus(String question, String story, boolean restricts) {

  static Focus all(String text) {
    return new Focus(text, "", false);
  }
}
