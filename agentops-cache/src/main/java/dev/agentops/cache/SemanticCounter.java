package dev.agentops.cache;

/** What a semantic cache counts. */
enum SemanticCounter {
  LOOKUP,
  HIT,
  PUT,
  UNUSABLE_TEXT,
  NO_MODEL,
  EMBEDDING_FAILURE,
  REFUSED,
  VERIFIER_REFUSED,
  VERIFIER_FAILURE,
  SHADOWED,
  CHECK_FAILURE,
  REPORTED_WRONG,
  FOREIGN_MODEL
}
