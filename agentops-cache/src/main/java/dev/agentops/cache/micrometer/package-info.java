/** Meters of caches. */
@NullMarked
package dev.agentops.cache.micrometer;

import org.jspecify.annotations.NullMarked;
