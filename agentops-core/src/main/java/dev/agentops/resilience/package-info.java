/**
 * Makes up for models that fail: timeouts, retries, fallback to other models, circuit breakers,
 * hedging and load balancing, as decorators outside of the chain, so that each attempt is a call of
 * its own. {@link dev.agentops.resilience.Resilience} puts them together.
 *
 * <p>And gets much work done without drowning in it: batches, queues with an end, futures that can
 * be given up, embeddings that go together.
 */
@NullMarked
package dev.agentops.resilience;

import org.jspecify.annotations.NullMarked;
