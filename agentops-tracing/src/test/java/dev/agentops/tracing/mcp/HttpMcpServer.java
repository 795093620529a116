package dev.agentops.tracing.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The fake server behind streamable HTTP; one that falls silent does so until it is closed. */
final class HttpMcpServer implements AutoCloseable {

  /** What one request said of its parent. */
  record Seen(String method, String header, String meta) {}

  private final CountDownLatch closing = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private final HttpServer http;

  HttpMcpServer() throws IOException {
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(threads);
    http.createContext("/mcp", this::handle);
    http.start();
  }

  String url() {
    return "http://127.0.0.1:" + http.getAddress().getPort() + "/mcp";
  }

  List<Seen> seen(String method) {
    return seen.stream().filter(request -> request.method().equals(method)).toList();
  }

  @Override
  public void close() {
    closing.countDown();
    http.stop(0);
    threads.shutdown();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode request = FakeMcpServer.JSON.readTree(exchange.getRequestBody());
      String header = exchange.getRequestHeaders().getFirst("traceparent");
      seen.add(
          new Seen(
              request.path("method").asText(),
              header == null ? "none" : header,
              FakeMcpServer.traceparent(request.path("params"))));
      ObjectNode answer = FakeMcpServer.answer(request);
      if (answer == null && request.has("id")) {
        closing.await();
      }
      if (answer == null) {
        exchange.sendResponseHeaders(202, -1);
        return;
      }
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.getResponseHeaders().set("Mcp-Session-Id", "s-1");
      byte[] body = FakeMcpServer.JSON.writeValueAsBytes(answer);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
