package dev.agentops.cache.wording;

import java.util.List;

/**
 * A question taken apart.
 *
 * @param words all of them in lower case, in order
 * @param terms those that matter, in order
 * @param asksWhat whether it asks what or which
 * @param asksYesOrNo whether it begins like a question that is answered by yes or no
 * @param story the terms of what is told besides; they may explain the question, and are not asked
 * @param restricted whether the story tells something that may change the answer
 */
record Reading(
    List<String> words,
    List<Term> terms,
    boolean asksWhat,
    boolean asksYesOrNo,
    List<Term> story,
    boolean restricted) {

  Reading(List<String> words, List<Term> terms, boolean asksWhat, boolean asksYesOrNo) {
    this(words, terms, asksWhat, asksYesOrNo, List.of(), false);
  }

  /** The same question, asked after a story. */
  Reading after(Reading told, boolean restricts) {
    return new Reading(words, terms, asksWhat, asksYesOrNo, told.terms(), restricts);
  }

  List<Term> of(Term.Kind kind) {
    return terms.stream().filter(term -> term.kind() == kind).toList();
  }
}
