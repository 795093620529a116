/**
 * What is told between agentops and a provider's HTTP interface: an HTTP client for LangChain4j the
 * calls of which can be broken off, and what answers say of the provider's limits.
 */
@NullMarked
package dev.agentops.http;

import org.jspecify.annotations.NullMarked;
