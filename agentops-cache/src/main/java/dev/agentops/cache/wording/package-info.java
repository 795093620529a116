/**
 * Compares the words of two questions, English or Chinese, for {@link
 * dev.agentops.cache.SemanticCache}; not made for applications.
 */
@NullMarked
package dev.agentops.cache.wording;

import org.jspecify.annotations.NullMarked;
