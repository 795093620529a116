/** Rate limits that several processes share through Redis. */
@NullMarked
package dev.agentops.ratelimit.redis;

import org.jspecify.annotations.NullMarked;
