/**
 * The conformance kit of tracers of LangChain4j: extend {@link TracingConformance} with a {@link
 * Subject}. Knows nothing of the tracer that it examines, nor of JUnit extensions or mocks.
 */
package dev.agentops.tracing.conformance;
