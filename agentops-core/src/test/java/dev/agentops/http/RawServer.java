package dev.agentops.http;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP server on plain sockets, which answers byte by byte what a test says, and sees when a
 * client leaves.
 */
final class RawServer implements AutoCloseable {

  private final ServerSocket listening;
  private final Script script;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final Semaphore arrived = new Semaphore(0);
  private final Semaphore left = new Semaphore(0);

  /** Answers one request. */
  interface Script {
    void answer(int number, Client client) throws Exception;
  }

  RawServer(Script script) {
    this.script = script;
    try {
      listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    daemon(this::accept);
  }

  String url() {
    return "http://" + listening.getInetAddress().getHostAddress() + ':' + listening.getLocalPort();
  }

  int requests() {
    return requests.get();
  }

  int connections() {
    return connections.get();
  }

  /** Waits until a request has come whose script has said so. */
  void awaitArrival() throws InterruptedException {
    await(arrived, "no request came as far as that");
  }

  /** Waits until a client has left that the script waited for. */
  void awaitLeave() throws InterruptedException {
    await(left, "no client left");
  }

  private static void await(Semaphore event, String otherwise) throws InterruptedException {
    if (!event.tryAcquire(20, TimeUnit.SECONDS)) {
      throw new AssertionError(otherwise);
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listening.accept();
        open.add(socket);
        connections.incrementAndGet();
        daemon(() -> serve(socket));
      }
    } catch (IOException e) { // closed
      return;
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      Client client = new Client(socket);
      while (client.readRequest()) {
        script.answer(requests.incrementAndGet(), client);
      }
    } catch (IOException e) { // the client left
      return;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      open.remove(socket);
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "raw-server");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      listening.close();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The other end of a connection. */
  final class Client {

    private final InputStream in;
    private final OutputStream out;

    private Client(Socket socket) throws IOException {
      in = new BufferedInputStream(socket.getInputStream());
      out = socket.getOutputStream();
      socket.setTcpNoDelay(true);
    }

    /** A whole answer; the connection stays open for the next request. */
    void answer(int status, String headers, String body) throws IOException {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      write(
          "HTTP/1.1 "
              + status
              + " As-Said\r\n"
              + headers
              + "Content-Type: application/json\r\nContent-Length: "
              + bytes.length
              + "\r\n\r\n"
              + body);
    }

    /** The head of a stream. */
    void beginStream(String headers) throws IOException {
      write(
          "HTTP/1.1 200 OK\r\n"
              + headers
              + "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    }

    void chunk(String data) throws IOException {
      int length = data.getBytes(StandardCharsets.UTF_8).length;
      write(Integer.toHexString(length) + "\r\n" + data + "\r\n");
    }

    void endStream() throws IOException {
      write("0\r\n\r\n");
    }

    void write(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    void arrived() {
      RawServer.this.arrived.release();
    }

    /** Says that it has come so far, and waits for the client to leave. */
    void waitForLeave() throws IOException {
      arrived();
      try {
        while (in.read() >= 0) {
          continue;
        }
      } catch (IOException e) { // reset
        left.release();
        throw e;
      }
      left.release();
    }

    private boolean readRequest() throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          return false;
        }
        head.append((char) next);
      }
      int length = 0;
      for (String line : head.toString().split("\r\n")) {
        if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
        }
      }
      in.readNBytes(length);
      return true;
    }
  }
}
