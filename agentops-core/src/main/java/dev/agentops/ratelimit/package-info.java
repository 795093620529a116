/**
 * Limits on how often and how many at once: a rate limiter per key, a concurrency limiter, and what
 * puts them on a model call.
 */
@NullMarked
package dev.agentops.ratelimit;

import org.jspecify.annotations.NullMarked;
