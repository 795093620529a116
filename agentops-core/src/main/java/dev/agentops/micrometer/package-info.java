/** Meters for what passes through the chain, and the bridge to Micrometer's context-propagation. */
@NullMarked
package dev.agentops.micrometer;

import org.jspecify.annotations.NullMarked;
