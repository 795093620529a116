/** What agentops tells about the calls it sees: immutable events, to be listened to. */
@NullMarked
package dev.agentops.event;

import org.jspecify.annotations.NullMarked;
