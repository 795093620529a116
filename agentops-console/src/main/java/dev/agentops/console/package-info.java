/**
 * The operations console: a page and a read-only JSON API that a host application mounts under a
 * path of its own server.
 */
@NullMarked
package dev.agentops.console;

import org.jspecify.annotations.NullMarked;
