package dev.agentops.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.examples.llm.Fault;
import dev.agentops.examples.llm.LocalLlm;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ShutdownTest {

  @Test
  void close_letsAMessageFinish() throws Exception {
    try (TestServer server =
        TestServer.start(LocalLlm.builder().fault(Fault.DELAY_MS, "1000").start())) {
      CompletableFuture<HttpResponse<String>> answer =
          CompletableFuture.supplyAsync(() -> server.chat("Thanks"));
      await().until(() -> server.app.inFlight().running() == 1);

      server.app.close();

      assertThat(answer.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> server.get("/health")).isInstanceOf(UncheckedIOException.class);
    }
  }

  @Test
  void close_letsAStreamEnd() throws Exception {
    try (TestServer server =
        TestServer.start(LocalLlm.builder().chunkDelay(Duration.ofMillis(15)).start())) {
      CompletableFuture<HttpResponse<String>> answer =
          CompletableFuture.supplyAsync(
              () -> server.post("/chat/stream", TestServer.body("Count to 60", null)));
      await().until(() -> server.llm.openStreams() == 1);

      server.app.close();

      List<TestServer.Event> events = TestServer.events(answer.get(5, TimeUnit.SECONDS));
      assertThat(events).last().extracting("name").isEqualTo("done");
    }
  }

  @Test
  void close_breaksOffWhatDoesNotEnd() {
    try (TestServer server =
        TestServer.start(
            LocalLlm.builder().fault(Fault.STALL_AFTER_CHUNKS, "5").start(),
            "SHUTDOWN_GRACE_SECONDS",
            "1")) {
      CompletableFuture<Boolean> ended =
          CompletableFuture.supplyAsync(
                  () -> server.post("/chat/stream", TestServer.body("Count to 60", null)))
              .handle((answer, failure) -> true);
      await().until(() -> server.llm.openStreams() == 1);

      CompletableFuture<Void> closed = CompletableFuture.runAsync(server.app::close);

      assertThat(closed).succeedsWithin(Duration.ofSeconds(15));
      assertThat(ended).succeedsWithin(Duration.ofSeconds(5));
      await().until(() -> server.llm.openStreams() == 0);
      assertThat(server.app.operations().tracer().openSpans())
          .filteredOn(span -> span.agentName().equals("assistant"))
          .isEmpty();
    }
  }

  @Test
  void close_twice_isHarmless() {
    try (TestServer server = TestServer.start(LocalLlm.start())) {
      server.app.close();
      server.app.close();
    }
  }

  @Test
  void start_withoutAnEndpoint_bringsItsOwn() {
    ServerConfig config = ServerConfig.from(Map.of("PORT", "0"));
    try (ServerApp app = ServerApp.start(config)) {
      assertThat(TestServer.send(HttpRequest.newBuilder(URI.create(app.uri() + "/health"))).body())
          .contains("\"status\":\"ok\"", "\"endpoint\":\"local\"");
    }
  }

  @Test
  void start_onATakenPort_fails() {
    try (TestServer server = TestServer.start(LocalLlm.start())) {
      String port = Integer.toString(server.app.uri().getPort());

      assertThatThrownBy(() -> TestServer.start(server.llm, "PORT", port))
          .hasMessageContaining(port);
    }
  }
}
