/** A store of a cache in Redis. */
@NullMarked
package dev.agentops.cache.redis;

import org.jspecify.annotations.NullMarked;
