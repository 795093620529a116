/** Sends spans to places that need no further library: files. */
@NullMarked
package dev.agentops.tracing.export;

import org.jspecify.annotations.NullMarked;
