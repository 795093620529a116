/**
 * What keeps many calls going: work in batches, queues with an end, futures that can be given up.
 */
@NullMarked
package dev.agentops.resilience;

import org.jspecify.annotations.NullMarked;
