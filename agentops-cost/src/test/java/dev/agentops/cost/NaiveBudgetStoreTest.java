package dev.agentops.cost;

import dev.agentops.Clock;

class NaiveBudgetStoreTest extends BudgetStoreContract {

  private final BudgetStore store = new NaiveBudgetStore(Clock.system());

  @Override
  protected BudgetStore store() {
    return store;
  }

  @Override
  protected BudgetStore ofAnotherProcess() {
    return store;
  }
}
