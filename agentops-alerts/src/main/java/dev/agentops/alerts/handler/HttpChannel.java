package dev.agentops.alerts.handler;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.agentops.alerts.DeliveryException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests that carry secrets: one try each, bounded in time and in what it reads of the
 * answer. Thread-safe.
 *
 * <p>Follows no redirect, for it would take the secret to another place. What it throws never shows
 * a secret: neither its own messages, nor those of their causes, nor what a server echoes.
 */
final class HttpChannel {

  /** How much of an answer is read, in bytes. */
  static final int MAX_ANSWER_BYTES = 64 * 1024;

  static final ObjectMapper JSON = new ObjectMapper();

  private final Duration timeout;
  private final Redactor redactor;

  /**
   * A channel.
   *
   * @param timeout for all of a request, from the connection to the end of the answer
   * @param secrets that the requests carry
   */
  HttpChannel(Duration timeout, List<Secret> secrets) {
    this.timeout = timeout;
    this.redactor = new Redactor(secrets);
  }

  /**
   * The bytes of a JSON text: by way of a string, since Jackson writes an emoji as twelve bytes and
   * refuses halves of one when it writes bytes itself.
   */
  static byte[] bytes(JsonNode json) {
    try {
      return JSON.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree of our own", e);
    }
  }

  /** A text of others as JSON; the missing node if it is none. */
  static JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException | StackOverflowError e) { // a proxy's page, or malice
      return MissingNode.getInstance();
    }
  }

  /** Posts JSON; otherwise as {@link #send}. */
  HttpReply postJson(URI uri, JsonNode json) throws InterruptedException {
    return send(
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json; charset=utf-8")
            .POST(BodyPublishers.ofByteArray(bytes(json))));
  }

  /**
   * Sends a request and waits for its answer, whatever its status.
   *
   * @throws DeliveryException to try again, if there is no answer
   * @throws InterruptedException at once if the thread is interrupted; the request is broken off
   */
  HttpReply send(HttpRequest.Builder builder) throws InterruptedException {
    HttpRequest request = builder.header("User-Agent", "agentops").build();
    String host = Objects.requireNonNullElse(request.uri().getHost(), "");
    CompletableFuture<HttpResponse<byte[]>> answer =
        Shared.CLIENT.sendAsync(request, BoundedBody.upTo(MAX_ANSWER_BYTES));
    try { // the time-out of HttpRequest ends with the headers: a body may take for ever
      return new HttpReply(host, answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS), redactor);
    } catch (TimeoutException e) {
      throw DeliveryException.retry(host + " did not answer within " + timeout, null);
    } catch (ExecutionException e) {
      throw unreachable(host, e.getCause() == null ? e : e.getCause());
    } finally {
      answer.cancel(true);
    }
  }

  private DeliveryException unreachable(String host, Throwable cause) {
    return DeliveryException.retry(
        redactor.line(host + " cannot be reached: " + reason(cause)), redactor.safe(cause));
  }

  private static String reason(Throwable failure) {
    @Nullable Throwable cause = failure;
    while (cause != null && cause.getMessage() == null) { // the JDK tells some only in the cause
      cause = cause.getCause();
    }
    String name = failure.getClass().getSimpleName();
    return cause == null ? name : name + ", " + cause.getMessage();
  }

  /** One for all handlers: each has threads of its own, and none can be closed in Java 17. */
  private static final class Shared {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** Grows to as many threads as handlers look up a slow name at once, and shrinks again. */
    private static final Executor DAEMONS =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "agentops-alerts-http");
              thread.setDaemon(true);
              thread.setContextClassLoader(null); // must not keep an undeployed application
              return thread;
            });

    static final HttpClient CLIENT =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1) // an upgrade saves nothing at a message a second
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_TIMEOUT)
            .executor(DAEMONS)
            .build();
  }
}
