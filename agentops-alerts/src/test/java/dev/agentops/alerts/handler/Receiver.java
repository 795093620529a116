package dev.agentops.alerts.handler;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A server on a real socket that answers as it is told to, well or badly; one request each. */
final class Receiver implements AutoCloseable {

  /** What it does with a connection, once the request has been read. */
  interface Answer {
    void give(Socket socket, Request request) throws Exception;
  }

  /** A request that arrived. */
  record Request(String method, String path, Map<String, String> headers, byte[] bytes) {

    /** The body; it must be UTF-8 without any fault. */
    String body() {
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException e) {
        throw new AssertionError("not UTF-8", e);
      }
    }

    /** By its name in lower case; empty if it is not there. */
    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  private final ServerSocket server;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<Answer> script = new ConcurrentLinkedQueue<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile Answer otherwise;

  private Receiver(Answer otherwise) throws IOException {
    this.otherwise = otherwise;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  static Receiver start(Answer answer) {
    try {
      return new Receiver(answer);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Answer answer(int status, String body) {
    return answer(status, Map.of(), body);
  }

  static Answer answer(int status, Map<String, String> headers, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " x\r\nConnection: close\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    if (status != 204) {
      head.append("Content-Length: ").append(bytes.length).append("\r\n");
    }
    return (socket, request) -> {
      write(socket, head + "\r\n");
      socket.getOutputStream().write(bytes);
    };
  }

  static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
  }

  /** Ends a connection as a crash does: the peer sees a reset. */
  static void reset(Socket socket) throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Says nothing more until the end of the test. */
  Answer hang(String beginning) {
    return (socket, request) -> {
      write(socket, beginning);
      closing.await();
    };
  }

  /** Answers the next requests with these, then as before. */
  Receiver then(Answer... answers) {
    script.addAll(List.of(answers));
    return this;
  }

  void always(Answer answer) {
    otherwise = answer;
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort());
  }

  List<Request> requests() {
    return requests;
  }

  Request last() {
    return requests.get(requests.size() - 1);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        daemon(() -> serve(socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket connection) {
    try (Socket socket = connection) {
      Request request = read(new BufferedInputStream(socket.getInputStream()));
      requests.add(request);
      Answer next = script.poll();
      (next == null ? otherwise : next).give(socket, request);
    } catch (Exception e) {
      // the client went away: what it makes of that is what the tests are about
    }
  }

  private static Request read(InputStream in) throws IOException {
    String[] start = line(in).split(" ");
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    return new Request(start[0], start[1], headers, in.readNBytes(length));
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("end of stream");
      }
      line.write(c);
    }
    return line.toString(StandardCharsets.UTF_8).trim();
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "receiver");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      server.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
