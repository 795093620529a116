package dev.agentops.examples.llm;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;

/** The TCP connection of a request, which the servlet API hides. */
final class ClientConnection {
  private final EndPoint endPoint;

  private ClientConnection(EndPoint endPoint) {
    this.endPoint = endPoint;
  }

  static ClientConnection of(HttpServletRequest request) {
    return new ClientConnection(
        ServletContextRequest.getServletContextRequest(request)
            .getConnectionMetaData()
            .getConnection()
            .getEndPoint());
  }

  /**
   * Tells whether the client has closed the connection, without sending anything.
   *
   * <p>Only a read can see that: the first write after the client has gone still succeeds. Nobody
   * else reads while a request whose body is consumed is being answered. A client that sends its
   * next request before this answer ends loses a byte here, so it too is taken for gone.
   */
  boolean isGone() {
    try {
      return endPoint.fill(BufferUtil.allocate(1)) != 0;
    } catch (IOException e) {
      return true;
    }
  }

  /** Closes the connection in the middle of the answer. */
  void cut() {
    endPoint.close();
  }
}
