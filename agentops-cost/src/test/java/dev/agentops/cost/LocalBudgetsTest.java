package dev.agentops.cost;

import org.jspecify.annotations.Nullable;

class LocalBudgetsTest extends BudgetsContract {

  @Override
  @Nullable BudgetStore store() {
    return null;
  }
}
