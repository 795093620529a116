/** What tests of all modules share: models that do as they are told, and recorders. */
@NullMarked
package dev.agentops.testing;

import org.jspecify.annotations.NullMarked;
