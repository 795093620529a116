/** A level of a cache that outlives the process without a server: a SQLite file. */
@NullMarked
package dev.agentops.cache.jdbc;

import org.jspecify.annotations.NullMarked;
