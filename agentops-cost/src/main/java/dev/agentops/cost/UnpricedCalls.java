package dev.agentops.cost;

/** What becomes of a call whose price is not known. */
public enum UnpricedCalls {
  /**
   * It is made, recorded without a cost, counted, and told in an event; no budget can count it. The
   * default.
   */
  ALLOW,
  /**
   * It is refused with an {@link UnpricedModelException} before the model is asked, so that nothing
   * is spent past the budgets. An embedding or chat that was not foreseen to be unpriced is
   * recorded as with {@link #ALLOW}.
   */
  REJECT
}
