package dev.agentops.examples.server;

/** The client closed the connection before its answer was complete. */
final class ClientGoneException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ClientGoneException() {
    super("cancelled: the client went away", null, false, false);
  }
}
