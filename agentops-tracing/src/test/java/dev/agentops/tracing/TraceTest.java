package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.testing.FakeChatModel;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TraceTest {

  @Test
  void tokens_ofAModelThatIsWrappedTwice_countOnce() {
    try (Tracer tracer = Tracer.create()) {
      AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
      ChatModel inner =
          ops.wrap(
              FakeChatModel.answering(
                  request ->
                      ChatResponse.builder()
                          .aiMessage(AiMessage.from("hi"))
                          .tokenUsage(new TokenUsage(100, 10))
                          .build()));
      ChatModel outer =
          ops.wrap(
              new ChatModel() {
                @Override
                public ChatResponse doChat(ChatRequest request) {
                  return inner.chat(request);
                }
              });
      try (TraceContext turn = tracer.startTrace("t", "agent", "turn")) {
        outer.chat("hello");
        inner.chat("hello");
      }

      Trace trace = tracer.findTrace("t").orElseThrow();
      assertThat(trace.spans()).hasSize(4);
      assertThat(trace.inputTokens()).isEqualTo(200);
      assertThat(trace.outputTokens()).isEqualTo(20);
    }
  }

  @Test
  void costAndTokens_ofTheOutermostCallThatTellsThem() {
    Trace trace =
        Trace.of(
            List.of(
                chat("outer", "root", "0.5", 100),
                chat("inner", "outer", "0.5", 100),
                chat("failed", "root", null, 0),
                chat("attempt", "failed", "0.25", 30),
                chat("unpriced", "root", null, 7),
                chat("priced", "unpriced", "1", 7)));

    assertThat(trace.cost()).isEqualTo(Cost.usd("1.75"));
    assertThat(trace.inputTokens()).isEqualTo(137);
    assertThat(trace.outputTokens()).isEqualTo(137);
  }

  private static Span chat(String id, String parent, @Nullable String usd, long tokens) {
    Span.Builder span =
        Span.builder()
            .traceId("t")
            .spanId(id)
            .parentSpanId(parent)
            .agentName("agent")
            .action("chat")
            .startTime(Instant.EPOCH)
            .attributes(
                Attributes.builder()
                    .put(GenAiAttributes.OPERATION_NAME, "chat")
                    .put(GenAiAttributes.USAGE_INPUT_TOKENS, tokens)
                    .put(GenAiAttributes.USAGE_OUTPUT_TOKENS, tokens)
                    .build());
    return usd == null
        ? span.build()
        : span.attributes(Attributes.of(GenAiAttributes.COST_USD, usd)).build();
  }
}
