/**
 * Traces clients of the Model Context Protocol of {@code langchain4j-mcp}, which the host brings,
 * and tells servers whose child their work is.
 *
 * <p>Start at {@link dev.agentops.tracing.mcp.McpTracing}.
 */
@NullMarked
package dev.agentops.tracing.mcp;

import org.jspecify.annotations.NullMarked;
