/**
 * Caches: {@link dev.agentops.cache.MultiLevelCache} for values of any kind, {@link
 * dev.agentops.cache.ResponseCache} for the answers of a model.
 */
@NullMarked
package dev.agentops.cache;

import org.jspecify.annotations.NullMarked;
