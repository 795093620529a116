/**
 * Tells people what goes wrong with an agent: alerts, the thresholds that fire them, and their
 * delivery to handlers.
 */
@NullMarked
package dev.agentops.alerts;

import org.jspecify.annotations.NullMarked;
