/**
 * The chain that every wrapped model, tool and embedding call passes through, and the small values
 * it speaks in.
 *
 * <p>Start at {@link dev.agentops.AgentOps}.
 */
@NullMarked
package dev.agentops;

import org.jspecify.annotations.NullMarked;
