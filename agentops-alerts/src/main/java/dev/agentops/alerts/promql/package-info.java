/**
 * Expressions over time series: a subset of PromQL with the meaning it has in Prometheus 2.42, and
 * the bounded store in memory it reads.
 */
@NullMarked
package dev.agentops.alerts.promql;

import org.jspecify.annotations.NullMarked;
