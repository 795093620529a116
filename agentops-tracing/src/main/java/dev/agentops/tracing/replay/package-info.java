/**
 * Runs a recorded trace again without its models and tools, and asserts on traces in tests.
 *
 * <p>Start at {@link dev.agentops.tracing.replay.Replay} and {@link
 * dev.agentops.tracing.replay.TraceAssertions}.
 */
@NullMarked
package dev.agentops.tracing.replay;

import org.jspecify.annotations.NullMarked;
