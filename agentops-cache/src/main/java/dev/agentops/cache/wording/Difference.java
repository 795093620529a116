package dev.agentops.cache.wording;

/** In what two questions differ, so that the answer of one must not serve the other. */
public enum Difference {
  /** A script without an embedding model, or another script on either side. */
  SCRIPT,
  /** Too long to be compared word by word. */
  LENGTH,
  /** A number, an amount, its unit, a version or a code. */
  NUMBER,
  /** A day, month, part of the day or tense. */
  TIME,
  /** A name, an identifier or quoted text. */
  NAME,
  NEGATION,
  /** Words of opposite meaning: enable and disable, cheapest and dearest. */
  OPPOSITE,
  /** The same words in other roles: from A to B, from B to A. */
  DIRECTION,
  /** How many or which of them: all, some, last, exactly, at least. */
  QUANTITY,
  /** May, must, should. */
  MODALITY,
  /** Whose: mine, yours, a third person's. */
  PERSON,
  /** A condition, an exception or a restriction that only one side has. */
  CONDITION,
  /** What is asked for: how, why, when, how much. */
  ASPECT,
  /** A word that means something and has no counterpart. */
  CONTENT,
  /** Nothing differs in words, yet the meanings are too far apart. */
  MEANING
}
