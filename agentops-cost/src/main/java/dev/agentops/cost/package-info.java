/**
 * What model calls cost, and budgets that keep them within limits.
 *
 * <p>Start at {@link dev.agentops.cost.CostMonitor}; {@link dev.agentops.cost.CostInterceptor} puts
 * it around the calls of a model.
 */
@NullMarked
package dev.agentops.cost;

import org.jspecify.annotations.NullMarked;
