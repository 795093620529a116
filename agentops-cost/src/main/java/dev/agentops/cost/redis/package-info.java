/** Budgets that several processes share through Redis. */
@NullMarked
package dev.agentops.cost.redis;

import org.jspecify.annotations.NullMarked;
