/** Meters of what is spent and of what budgets have left. */
@NullMarked
package dev.agentops.cost.micrometer;

import org.jspecify.annotations.NullMarked;
