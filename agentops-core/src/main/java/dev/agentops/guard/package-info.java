/**
 * What stops a runaway agent: limits of one run, kill switches, and the withdrawal of tools that
 * keep failing.
 */
@NullMarked
package dev.agentops.guard;

import org.jspecify.annotations.NullMarked;
