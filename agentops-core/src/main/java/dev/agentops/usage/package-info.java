/**
 * Reads what providers tell of a call's usage in their raw answers, whatever their dialect, and
 * counts tokens where they tell nothing. Knows no LangChain4j.
 */
@NullMarked
package dev.agentops.usage;

import org.jspecify.annotations.NullMarked;
