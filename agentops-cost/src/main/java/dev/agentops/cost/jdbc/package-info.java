/** Keeps usage records and their totals in a database: a SQLite file, or PostgreSQL. */
@NullMarked
package dev.agentops.cost.jdbc;

import org.jspecify.annotations.NullMarked;
