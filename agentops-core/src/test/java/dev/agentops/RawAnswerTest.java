package dev.agentops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.agentops.testing.RecordingHandler;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The clients of LangChain4j, asked over HTTP: what they leave out is found in the raw answer. */
@Timeout(30)
class RawAnswerTest {

  private final BilledReports billed = new BilledReports();
  private final AgentOps ops = AgentOps.with(billed).build();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void openAi_cacheWritesAndAudioAndTier() {
    answer(
        "application/json",
        """
        {"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-5.6-2026-08-01",
         "choices": [{"index": 0, "finish_reason": "stop",
           "message": {"role": "assistant", "content": "hi"}}],
         "service_tier": "flex",
         "usage": {"prompt_tokens": 4020, "completion_tokens": 50, "total_tokens": 4070,
           "prompt_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 4012,
             "audio_tokens": 0},
           "completion_tokens_details": {"reasoning_tokens": 9, "audio_tokens": 30}}}
        """);

    ops.wrap(OpenAiChatModel.builder().baseUrl(url("/v1")).apiKey("k").modelName("gpt-5.6").build())
        .chat("hello");

    assertThat(billed.only())
        .isEqualTo(
            UsageReport.builder()
                .usage(
                    Usage.builder()
                        .inputTokens(4_020)
                        .cacheReadTokens(4)
                        .cacheWriteTokens(4_012)
                        .outputTokens(50)
                        .reasoningTokens(9)
                        .outputAudioTokens(30)
                        .build())
                .model("gpt-5.6-2026-08-01")
                .serviceTier("flex")
                .build());
    assertThat(ops.faults()).isZero();
  }

  @Test
  void openAi_stream() {
    answer(
        "text/event-stream",
        """
        data: {"id":"c","model":"gpt-5.6-2026-08-01","service_tier":"priority","choices":[{"index":0,"delta":{"role":"assistant","content":"hi"}}],"usage":null}

        data: {"id":"c","model":"gpt-5.6-2026-08-01","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}

        data: {"id":"c","model":"gpt-5.6-2026-08-01","service_tier":"priority","choices":[],"usage":{"prompt_tokens":4020,"completion_tokens":5,"total_tokens":4025,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":4012}}}

        data: [DONE]

        """);
    RecordingHandler handler = new RecordingHandler();

    ops.wrap(
            OpenAiStreamingChatModel.builder()
                .baseUrl(url("/v1"))
                .apiKey("k")
                .modelName("gpt-5.6")
                .build())
        .chat("hello", handler);

    await().until(() -> handler.calls().contains("complete:hi"));
    assertThat(billed.only())
        .isEqualTo(
            UsageReport.builder()
                .usage(
                    Usage.builder()
                        .inputTokens(4_020)
                        .cacheWriteTokens(4_012)
                        .outputTokens(5)
                        .build())
                .model("gpt-5.6-2026-08-01")
                .serviceTier("priority")
                .build());
  }

  @Test
  void anthropic_timeToLiveAndSearchesAndPlace() {
    answer(
        "application/json",
        """
        {"id": "m", "type": "message", "role": "assistant", "model": "claude-opus-5",
         "content": [{"type": "text", "text": "hi"}], "stop_reason": "end_turn",
         "usage": {"input_tokens": 3, "output_tokens": 5, "cache_read_input_tokens": 100,
           "cache_creation_input_tokens": 70,
           "cache_creation": {"ephemeral_5m_input_tokens": 50, "ephemeral_1h_input_tokens": 20},
           "server_tool_use": {"web_search_requests": 2}, "service_tier": "standard",
           "inference_geo": "us"}}
        """);

    ops.wrap(
            AnthropicChatModel.builder()
                .baseUrl(url("/v1"))
                .apiKey("k")
                .modelName("claude-opus-5")
                .build())
        .chat("hello");

    assertThat(billed.only())
        .isEqualTo(
            UsageReport.builder()
                .usage(
                    Usage.builder()
                        .inputTokens(173)
                        .cacheReadTokens(100)
                        .cacheWriteTokens(70)
                        .cacheWrite1hTokens(20)
                        .outputTokens(5)
                        .units("web_searches", BigDecimal.valueOf(2))
                        .build())
                .model("claude-opus-5")
                .serviceTier("standard")
                .region("us")
                .build());
  }

  @Test
  void anthropic_stream() {
    answer(
        "text/event-stream",
        """
        event: message_start
        data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"claude-opus-5","content":[],"usage":{"input_tokens":3,"cache_creation_input_tokens":70,"cache_read_input_tokens":100,"cache_creation":{"ephemeral_5m_input_tokens":50,"ephemeral_1h_input_tokens":20},"output_tokens":1}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}

        event: message_stop
        data: {"type":"message_stop"}

        """);
    RecordingHandler handler = new RecordingHandler();

    ops.wrap(
            AnthropicStreamingChatModel.builder()
                .baseUrl(url("/v1"))
                .apiKey("k")
                .modelName("claude-opus-5")
                .build())
        .chat("hello", handler);

    await().until(() -> handler.calls().contains("complete:hi"));
    assertThat(Objects.requireNonNull(billed.only()).usage())
        .isEqualTo(
            Usage.builder()
                .inputTokens(173)
                .cacheReadTokens(100)
                .cacheWriteTokens(70)
                .cacheWrite1hTokens(20)
                .outputTokens(5)
                .build());
  }

  private void answer(String contentType, String body) {
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().add("Content-Type", contentType);
          exchange.sendResponseHeaders(200, body.getBytes(UTF_8).length);
          exchange.getResponseBody().write(body.getBytes(UTF_8));
          exchange.close();
        });
  }

  private String url(String path) {
    return "http://localhost:" + server.getAddress().getPort() + path;
  }
}
