/** Keeps spans and scores in a database: a SQLite file, or PostgreSQL. */
@NullMarked
package dev.agentops.tracing.jdbc;

import org.jspecify.annotations.NullMarked;
