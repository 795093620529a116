/** What decides that something is wrong. */
@NullMarked
package dev.agentops.alerts.rule;

import org.jspecify.annotations.NullMarked;
