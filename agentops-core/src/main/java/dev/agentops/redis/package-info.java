/**
 * What the stores of the modules share that keep their data in Redis: the script, the client, the
 * errors. Only they are meant to use it, and it needs {@code io.lettuce:lettuce-core}.
 */
@NullMarked
package dev.agentops.redis;

import org.jspecify.annotations.NullMarked;
