package dev.agentops.tracing;

/** Finds the parts of a text that must go. Stateless; linear in the length of the text. */
interface TextRule {

  /** A quick look: false where there can be nothing to find. */
  boolean mayMatch(TextFacts facts);

  /** Replaces what it finds, from the beginning of the text to its end. */
  void apply(String text, Replacements found);
}
