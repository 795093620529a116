package dev.agentops.cost;

class SharedBudgetsTest extends BudgetsContract {

  private final BudgetStore store = new NaiveBudgetStore(clock);

  @Override
  BudgetStore store() {
    return store;
  }
}
