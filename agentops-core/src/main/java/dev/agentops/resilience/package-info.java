/**
 * Makes up for models that fail: timeouts, retries, fallback to other models, circuit breakers,
 * hedging and load balancing, as decorators outside of the chain, so that each attempt is a call of
 * its own. {@link dev.agentops.resilience.Resilience} puts them together.
 */
@NullMarked
package dev.agentops.resilience;

import org.jspecify.annotations.NullMarked;
