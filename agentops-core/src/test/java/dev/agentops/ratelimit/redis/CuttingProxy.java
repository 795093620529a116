package dev.agentops.ratelimit.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands before a server, and cuts the connection when it is about to answer. */
final class CuttingProxy implements AutoCloseable {

  private final URI server;
  private final ServerSocket listening;
  private final AtomicInteger cuts = new AtomicInteger();

  CuttingProxy(String server) throws IOException {
    this.server = URI.create(server);
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    run(this::accept);
  }

  String uri() {
    return "redis://127.0.0.1:" + listening.getLocalPort();
  }

  /** The next answer does not arrive. */
  void cutNextAnswer() {
    cuts.set(1);
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = listening.accept();
      Socket upstream = new Socket(server.getHost(), server.getPort());
      run(() -> copy(client, upstream, false));
      run(() -> copy(upstream, client, true));
    }
  }

  private void copy(Socket from, Socket to, boolean answers) throws IOException {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[8_192];
      int read = in.read(buffer);
      while (read >= 0 && !(answers && cuts.getAndSet(0) > 0)) {
        out.write(buffer, 0, read);
        out.flush();
        read = in.read(buffer);
      }
    }
  }

  private static void run(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException e) {
                // closed
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private interface Task {
    void run() throws IOException;
  }
}
