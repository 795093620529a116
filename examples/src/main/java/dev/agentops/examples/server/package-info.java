/**
 * The example server: an agent behind HTTP, traced, priced, cached, limited and alerted on by
 * agentops.
 */
@NullMarked
package dev.agentops.examples.server;

import org.jspecify.annotations.NullMarked;
