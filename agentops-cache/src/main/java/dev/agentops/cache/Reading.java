package dev.agentops.cache;

import java.util.List;

/**
 * A question taken apart.
 *
 * @param words all of them in lower case, in order
 * @param terms those that matter, in order
 * @param asksWhat whether it asks what or which
 * @param asksYesOrNo whether it begins like a question that is answered by yes or no
 */
record Reading(List<String> words, List<Term> terms, boolean asksWhat, boolean asksYesOrNo) {

  List<Term> of(Term.Kind kind) {
    return terms.stream().filter(term -> term.kind() == kind).toList();
  }
}
