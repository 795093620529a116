package dev.agentops.cost;

import java.time.Instant;
import java.time.ZoneId;

/** How the windows of a budget follow each other. Immutable. */
interface BudgetPeriod {

  /** How many past windows are kept for the history. */
  int KEPT = 32;

  /** One window, from the beginning to the end of time. */
  BudgetPeriod LIFETIME =
      new BudgetPeriod() {
        private final BudgetWindow always = BudgetWindow.of(0, BudgetWindow.NEVER, 0, 0);

        @Override
        public String label() {
          return "in all";
        }

        @Override
        public BudgetWindow window(Instant at, ZoneId zone) {
          return always;
        }
      };

  /** As in "$50 a day". */
  String label();

  /** The window that holds this moment: the same one for every process that asks. */
  BudgetWindow window(Instant at, ZoneId zone);
}
