/** Examples, one class a subject; each has a {@code main} and needs no key. */
@NullMarked
package dev.agentops.examples;

import org.jspecify.annotations.NullMarked;
