package dev.agentops.cache.wording;

import java.util.List;
import java.util.Set;

/**
 * What one word or phrase of a question does in it.
 *
 * @param kind what it is
 * @param text as the question says it, in lower case
 * @param concepts what it may mean; two terms that share one say the same
 * @param name whether it names somebody or something
 * @param light whether it says little that the rest of the question does not say
 * @param at the position of its first word
 * @param end the position after its last
 * @param role the link word it hangs on, such as "from"; empty when there is none
 */
record Term(
    Kind kind,
    String text,
    Set<String> concepts,
    boolean name,
    boolean light,
    int at,
    int end,
    String role) {

  enum Kind {
    CONTENT,
    /** A verb that says little by itself, such as take. */
    WEAK,
    NUMBER,
    TIME,
    TENSE,
    NEGATION,
    MODALITY,
    QUANTITY,
    PERSON,
    CONDITION,
    ASPECT,
    LINK
  }

  boolean means(Term other) {
    for (String concept : concepts) {
      if (other.concepts.contains(concept)) {
        return true;
      }
    }
    return false;
  }

  static String texts(List<Term> terms) {
    return String.join(" ", terms.stream().map(Term::text).toList());
  }
}
