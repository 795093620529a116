package dev.agentops.resilience;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A provider that speaks OpenAI's protocol over real sockets, and fails as it is told to. */
final class StubProvider implements AutoCloseable {

  private final ServerSocket server;
  private final List<Script> scripts;
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger disconnects = new AtomicInteger();

  private StubProvider(ServerSocket server, List<Script> scripts) {
    this.server = server;
    this.scripts = scripts;
  }

  /** Answers the first request by the first script, and so on; the last one holds on. */
  static StubProvider of(Script... scripts) {
    try {
      ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      StubProvider provider = new StubProvider(server, List.of(scripts));
      daemon(provider::accept);
      return provider;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An address that nobody listens on. */
  static String refusingUrl() {
    try (StubProvider gone = of(hang())) {
      return gone.url();
    }
  }

  static Script saying(String text) {
    return (connection, streaming) -> {
      if (streaming) {
        connection.beginStream();
        for (String word : text.split("(?<= )")) {
          connection.chunk(word);
        }
        connection.write(
            "data: {\"id\":\"1\",\"model\":\"stub\",\"choices\":[{\"index\":0,\"delta\":{},"
                + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":10,"
                + "\"completion_tokens\":5,\"total_tokens\":15}}\n\ndata: [DONE]\n\n");
      } else {
        connection.answer(
            200,
            "{\"id\":\"1\",\"model\":\"stub\",\"choices\":[{\"index\":0,\"message\":"
                + "{\"role\":\"assistant\",\"content\":\""
                + text
                + "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":10,"
                + "\"completion_tokens\":5,\"total_tokens\":15}}");
      }
    };
  }

  static Script status(int status, String... headers) {
    return (connection, streaming) ->
        connection.answer(status, "{\"error\":{\"message\":\"told to\"}}", headers);
  }

  /** Says nothing until the client goes away. */
  static Script hang() {
    return (connection, streaming) -> connection.awaitEnd();
  }

  static Script chunksThenHang(String... chunks) {
    return (connection, streaming) -> {
      connection.beginStream();
      for (String chunk : chunks) {
        connection.chunk(chunk);
      }
      connection.awaitEnd();
    };
  }

  /** Closes the connection in the midst of the stream. */
  static Script chunksThenCut(String... chunks) {
    return (connection, streaming) -> {
      connection.write(
          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 100000\r\n\r\n");
      for (String chunk : chunks) {
        connection.chunk(chunk);
      }
    };
  }

  String url() {
    return "http://127.0.0.1:" + server.getLocalPort() + "/v1";
  }

  /** The bodies of the requests, in order. */
  List<String> requests() {
    return requests;
  }

  /** How often a client went away before it had its answer. */
  int disconnects() {
    return disconnects.get();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        daemon(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      Connection connection = new Connection(socket);
      String body = connection.readRequest();
      int number;
      synchronized (requests) {
        requests.add(body);
        number = requests.size();
      }
      boolean streaming = body.replace(" ", "").contains("\"stream\":true");
      scripts.get(Math.min(number, scripts.size()) - 1).answer(connection, streaming);
    } catch (IOException gone) {
      disconnects.incrementAndGet();
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "stub-provider");
    thread.setDaemon(true);
    thread.start();
  }

  /** What to do with a request. */
  interface Script {
    void answer(Connection connection, boolean streaming) throws IOException;
  }

  /** A socket that serves one request. */
  final class Connection {

    private final InputStream in;
    private final OutputStream out;

    Connection(Socket socket) throws IOException {
      in = socket.getInputStream();
      out = socket.getOutputStream();
    }

    void answer(int status, String body, String... headers) throws IOException {
      StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Told\r\n");
      for (String header : headers) {
        head.append(header).append("\r\n");
      }
      byte[] bytes = body.getBytes(UTF_8);
      head.append("Content-Type: application/json\r\nConnection: close\r\nContent-Length: ")
          .append(bytes.length)
          .append("\r\n\r\n");
      write(head + body);
    }

    void beginStream() throws IOException {
      write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
    }

    void chunk(String text) throws IOException {
      write(
          "data: {\"id\":\"1\",\"model\":\"stub\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
              + text
              + "\"}}]}\n\n");
    }

    void write(String text) throws IOException {
      out.write(text.getBytes(UTF_8));
      out.flush();
    }

    void awaitEnd() throws IOException {
      int read;
      do {
        read = in.read();
      } while (read >= 0);
      disconnects.incrementAndGet();
    }

    private String readRequest() throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int read = in.read();
        if (read < 0) {
          throw new IOException("gone");
        }
        head.append((char) read);
      }
      int length = 0;
      for (String line : head.toString().split("\r\n")) {
        if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
        }
      }
      return new String(in.readNBytes(length), ISO_8859_1);
    }
  }
}
