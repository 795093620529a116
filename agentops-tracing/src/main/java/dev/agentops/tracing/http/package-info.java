/**
 * Traces the HTTP requests of LangChain4j's model clients; needs {@code langchain4j-http-client}.
 */
@NullMarked
package dev.agentops.tracing.http;

import org.jspecify.annotations.NullMarked;
