package dev.agentops.examples.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether the model endpoint answers; asks it once in a few seconds at most, however often it
 * is asked itself. Thread-safe.
 */
final class ModelEndpoint {

  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final long FRESH_NANOS = Duration.ofSeconds(5).toNanos();
  private static final int SERVER_ERROR = 500;

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final HttpRequest request;
  private @Nullable Boolean reachable; // guarded by this
  private long askedNanos; // guarded by this

  ModelEndpoint(URI baseUrl, @Nullable String apiKey) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(baseUrl + "/models")).timeout(TIMEOUT);
    if (apiKey != null) {
      builder.header("Authorization", "Bearer " + apiKey);
    }
    request = builder.build();
  }

  synchronized boolean reachable() {
    if (reachable == null || System.nanoTime() - askedNanos > FRESH_NANOS) {
      reachable = ask();
      askedNanos = System.nanoTime();
    }
    return reachable;
  }

  /** An endpoint that refuses the request is there all the same. */
  private boolean ask() {
    try {
      return http.send(request, BodyHandlers.discarding()).statusCode() < SERVER_ERROR;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
