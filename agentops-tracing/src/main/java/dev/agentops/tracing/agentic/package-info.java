/**
 * Traces agentic systems of {@code langchain4j-agentic}, which the host brings: workflows, their
 * agents, and what runs in them, as one tree.
 *
 * <p>Start at {@link dev.agentops.tracing.agentic.AgenticTracing}.
 */
@NullMarked
package dev.agentops.tracing.agentic;

import org.jspecify.annotations.NullMarked;
