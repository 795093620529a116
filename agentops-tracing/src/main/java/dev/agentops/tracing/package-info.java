/**
 * Records what an agent did as a tree of spans: its turns, the model calls in them, the tools they
 * asked for.
 *
 * <p>Start at {@link dev.agentops.tracing.Tracer}; {@link dev.agentops.tracing.TracingInterceptor}
 * puts it around wrapped models and tools.
 */
@NullMarked
package dev.agentops.tracing;

import org.jspecify.annotations.NullMarked;
