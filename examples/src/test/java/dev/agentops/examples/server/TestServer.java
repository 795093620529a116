package dev.agentops.examples.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.agentops.examples.llm.LocalLlm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A server on a free port, its model endpoint, and real HTTP to talk to it. */
final class TestServer implements AutoCloseable {

  static final ObjectMapper JSON = new ObjectMapper();

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  final LocalLlm llm;
  final ServerApp app;

  private TestServer(LocalLlm llm, ServerApp app) {
    this.llm = llm;
    this.app = app;
  }

  /**
   * Starts a server.
   *
   * @param environment variables beside the port and the endpoint: name, value, name, value, ...
   */
  static TestServer start(LocalLlm llm, String... environment) {
    Map<String, String> variables = new HashMap<>();
    variables.put("PORT", "0");
    variables.put("OPENAI_BASE_URL", llm.baseUrl().toString());
    variables.put("OPENAI_API_KEY", "sk-secret-of-the-tests");
    variables.put("RATE_LIMIT_PER_MINUTE", "100000");
    for (int i = 0; i < environment.length; i += 2) {
      variables.put(environment[i], environment[i + 1]);
    }
    return new TestServer(llm, ServerApp.start(ServerConfig.from(variables)));
  }

  /** Says something, and expects an answer. */
  JsonNode say(String message, String... headers) {
    HttpResponse<String> answer = chat(message, headers);
    if (answer.statusCode() != 200) {
      throw new AssertionError(answer.statusCode() + " " + answer.body());
    }
    return json(answer);
  }

  JsonNode sayIn(String session, String message) {
    return json(post("/chat", body(message, session)));
  }

  HttpResponse<String> chat(String message, String... headers) {
    return post("/chat", body(message, null), headers);
  }

  HttpResponse<String> post(String path, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.ofString(body));
    request.header("Content-Type", "application/json");
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  HttpResponse<String> get(String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
    return send(headers.length == 0 ? request : request.headers(headers));
  }

  JsonNode getJson(String path) {
    return json(get(path));
  }

  URI uri(String path) {
    return URI.create(app.uri() + path);
  }

  static String body(String message, String session) {
    var body = JSON.createObjectNode().put("message", message);
    return (session == null ? body : body.put("session_id", session)).toString();
  }

  static HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return HTTP.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  static JsonNode json(HttpResponse<String> answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(answer.body(), e);
    }
  }

  /** The events of a stream, by name and data. */
  static List<Event> events(HttpResponse<String> answer) {
    List<Event> events = new ArrayList<>();
    for (String block : answer.body().split("\n\n")) {
      if (block.startsWith("event: ")) {
        String[] lines = block.split("\n");
        try {
          events.add(new Event(lines[0].substring(7), JSON.readTree(lines[1].substring(6))));
        } catch (IOException e) {
          throw new UncheckedIOException(block, e);
        }
      }
    }
    return events;
  }

  record Event(String name, JsonNode data) {}

  @Override
  public void close() {
    app.close();
    llm.close();
  }
}
