/** What all stores in databases need. For back ends of this project; plain JDBC, no driver. */
@NullMarked
package dev.agentops.jdbc;

import org.jspecify.annotations.NullMarked;
