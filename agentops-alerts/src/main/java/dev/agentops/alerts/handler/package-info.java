/** The places alerts go to: one {@link dev.agentops.alerts.AlertHandler} each. */
@NullMarked
package dev.agentops.alerts.handler;

import org.jspecify.annotations.NullMarked;
