package dev.agentops.resilience;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A provider that takes requests and answers none, or begins a stream and says no more; counts the
 * connections on which it was asked, and those that were closed on it.
 */
final class SilentServer implements AutoCloseable {

  private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger closedByClient = new AtomicInteger();
  private final String firstWords;

  private SilentServer(String firstWords) throws IOException {
    this.firstWords = firstWords;
    start(this::accept);
  }

  static SilentServer start() throws IOException {
    return new SilentServer("");
  }

  /** One that begins to stream. */
  static SilentServer streaming(String text) throws IOException {
    return new SilentServer(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
            + "data: {\"id\":\"1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
            + text
            + "\"}}]}\n\n");
  }

  String baseUrl() {
    return "http://127.0.0.1:" + socket.getLocalPort() + "/v1";
  }

  int asked() {
    return asked.get();
  }

  int closedByClient() {
    return closedByClient.get();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket connection : connections) {
      connection.close();
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = socket.accept();
        connections.add(connection);
        start(() -> serve(connection));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket connection) {
    try {
      InputStream in = connection.getInputStream();
      int read = in.read();
      asked.incrementAndGet();
      connection.getOutputStream().write(firstWords.getBytes(StandardCharsets.UTF_8));
      while (read >= 0) {
        read = in.read();
      }
      closedByClient.incrementAndGet();
    } catch (IOException e) {
      if (connection.isClosed()) {
        return; // by the test's end
      }
      closedByClient.incrementAndGet(); // a reset
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "silent-server");
    thread.setDaemon(true);
    thread.start();
  }
}
