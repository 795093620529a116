package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.CachedAnswer;
import dev.agentops.CallRejectedException;
import dev.agentops.ChatInterceptor;
import dev.agentops.Context;
import dev.agentops.Cost;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.Scope;
import dev.agentops.StreamTimeoutException;
import dev.agentops.TestClock;
import dev.agentops.Usage;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.ToolCallEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.ToolExecutionException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.service.tool.ToolExecutionResult;
import dev.langchain4j.service.tool.ToolExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;

class TracingInterceptorTest {

  private static final String SECRET = "s3cret";
  private static final ChatRequest HELLO =
      ChatRequest.builder().messages(UserMessage.from("hello")).build();

  private final TestClock clock = TestClock.create();
  private final Tracer tracer = Tracer.builder().clock(clock).build();
  private final List<OpsEvent> events = new ArrayList<>();

  @AfterEach
  void nothingIsLeftOpen() {
    assertThat(tracer.openSpans()).isEmpty();
    assertThat(Context.current()).isSameAs(Context.root());
    tracer.close();
  }

  @Test
  void chat_answeredByACache_saysWhereFromAndWhatItSaves() {
    ChatInterceptor cache =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            call.markCached(
                CachedAnswer.builder()
                    .level("redis")
                    .age(Duration.ofSeconds(90))
                    .savedCost(Cost.usd("0.06"))
                    .savedTime(Duration.ofMillis(2_500))
                    .build());
            return FakeChatModel.response("hi");
          }
        };
    AgentOps.with(TracingInterceptor.of(tracer), cache)
        .build()
        .wrap(FakeChatModel.saying("not asked"))
        .chat(HELLO);

    Span span = only(tracer.spans());
    assertThat(span.attribute(GenAiAttributes.CACHED)).isEqualTo(true);
    assertThat(span.attribute(GenAiAttributes.CACHE_LEVEL)).isEqualTo("redis");
    assertThat(span.attribute(GenAiAttributes.CACHE_AGE_SECONDS)).isEqualTo(90.0);
    assertThat(span.attribute(GenAiAttributes.CACHE_SAVED_USD)).isEqualTo("0.06");
    assertThat(span.attribute(GenAiAttributes.CACHE_SAVED_SECONDS)).isEqualTo(2.5);
    assertThat(span.attribute(GenAiAttributes.CACHE_JOINED)).isNull();
  }

  @Test
  void chat_recordsRequestResponseAndUsage() {
    ChatModel model =
        ops()
            .wrap(
                new ScriptedModel(
                    request -> {
                      clock.advance(Duration.ofMillis(250));
                      return ChatResponse.builder()
                          .aiMessage(AiMessage.from("hi"))
                          .id("resp-1")
                          .modelName("gpt-4-0613")
                          .finishReason(FinishReason.STOP)
                          .tokenUsage(new TokenUsage(1_200, 80))
                          .build();
                    }));

    try (Scope scope =
        Context.current()
            .with(Attributes.of("user.id", "alice", "session.id", "s1"))
            .makeCurrent()) {
      model.chat(
          ChatRequest.builder()
              .messages(UserMessage.from("hello"))
              .temperature(0.5)
              .topP(0.9)
              .maxOutputTokens(100)
              .stopSequences(List.of("END"))
              .build());
    }

    Span span = only(tracer.spans());
    assertThat(span.name()).isEqualTo("chat gpt-4");
    assertThat(span.kind()).isEqualTo(SpanKind.CLIENT);
    assertThat(span.action()).isEqualTo("chat");
    assertThat(span.agentName()).isEqualTo("gpt-4");
    assertThat(span.parentSpanId()).isNull();
    assertThat(span.status()).isEqualTo(SpanStatus.OK);
    assertThat(span.duration()).isEqualTo(Duration.ofMillis(250));
    assertThat(span.attributes().asMap())
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("gen_ai.operation.name", "chat"),
                Map.entry("gen_ai.provider.name", "openai"),
                Map.entry("gen_ai.request.model", "gpt-4"),
                Map.entry("gen_ai.request.temperature", 0.5),
                Map.entry("gen_ai.request.top_p", 0.9),
                Map.entry("gen_ai.request.max_tokens", 100L),
                Map.entry("gen_ai.request.stop_sequences", List.of("END")),
                Map.entry("gen_ai.response.id", "resp-1"),
                Map.entry("gen_ai.response.model", "gpt-4-0613"),
                Map.entry("gen_ai.response.finish_reasons", List.of("stop")),
                Map.entry("gen_ai.usage.input_tokens", 1_200L),
                Map.entry("gen_ai.usage.output_tokens", 80L),
                Map.entry("gen_ai.conversation.id", "s1"),
                Map.entry("session.id", "s1"),
                Map.entry("user.id", "alice"),
                Map.entry("gen_ai.input.messages", span.input()),
                Map.entry("gen_ai.output.messages", span.output())));
    assertThat(span.input())
        .isEqualTo("[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"hello\"}]}]");
    assertThat(span.output())
        .isEqualTo(
            "[{\"role\":\"assistant\",\"parts\":[{\"type\":\"text\",\"content\":\"hi\"}],\"finish_reason\":\"stop\"}]");
    ModelCallEvent event = (ModelCallEvent) events.get(0);
    assertThat(event.traceId()).isEqualTo(span.traceId());
    assertThat(event.spanId()).isEqualTo(span.spanId());
  }

  @Test
  void chat_partsOfUsage() {
    Usage usage =
        Usage.builder()
            .inputTokens(1_200)
            .cacheReadTokens(1_024)
            .cacheWriteTokens(100)
            .outputTokens(80)
            .reasoningTokens(64)
            .build();
    TracingInterceptor tracing = TracingInterceptor.of(tracer);
    ChatInterceptor asOfARicherProvider =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            return tracing.before(call);
          }

          @Override
          public void after(ModelCall call, Outcome<ChatResponse> outcome) {
            ModelCall told = Mockito.spy(call);
            Mockito.doReturn(usage).when(told).usage();
            tracing.after(told, outcome);
          }
        };
    AgentOps.with(asOfARicherProvider).build().wrap(echo()).chat(HELLO);

    Map<String, Object> attributes = only(tracer.spans()).attributes().asMap();
    assertThat(attributes)
        .containsEntry("gen_ai.usage.input_tokens", 1_200L)
        .containsEntry("gen_ai.usage.cache_read.input_tokens", 1_024L)
        .containsEntry("gen_ai.usage.cache_creation.input_tokens", 100L)
        .containsEntry("gen_ai.usage.output_tokens", 80L)
        .containsEntry("gen_ai.usage.reasoning.output_tokens", 64L);
  }

  @Test
  void chat_agentIsThatOfTheParentElseOfTheScope() {
    ChatModel model = ops().wrap(echo());
    try (Scope scope =
        Context.current().with(Attributes.of("gen_ai.agent.name", "scoped")).makeCurrent()) {
      model.chat(HELLO);
      try (TraceContext turn = tracer.startTrace("support", "invoke_agent")) {
        model.chat(HELLO);
      }
    }

    assertThat(only(tracer.spans("scoped")).parentSpanId()).isNull();
    assertThat(tracer.spans("support"))
        .extracting(Span::action)
        .containsExactlyInAnyOrder("invoke_agent", "chat");
  }

  @Test
  void chat_whatRunsInsideIsItsChild() {
    ChatModel model =
        ops()
            .wrap(
                new ScriptedModel(
                    request -> {
                      tracer.startSpan("http", "post").close();
                      return answer("hi");
                    }));
    model.chat(HELLO);

    assertThat(only(tracer.spans("http")).parentSpanId())
        .isEqualTo(only(tracer.spans("gpt-4")).spanId());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"v\":1,\"v\":2}",
        "{\"v\":1} and drop table",
        "{\"v\":1}{\"v\":2}",
        "",
        " ",
        "{\"v\":NaN}"
      })
  void chat_argumentsThatJsonWouldNotKeep_areKeptAsText(String arguments) throws Exception {
    assertThat(argumentsAfter(arguments).textValue()).isEqualTo(arguments);
  }

  @ParameterizedTest
  @ValueSource(ints = {101, 996, 997, 998, 999, 1_000, 1_001, 100_000})
  void chat_argumentsNestedDeep_areKeptAsText(int depth) throws Exception {
    String arguments = "[".repeat(depth) + "]".repeat(depth);

    assertThat(argumentsAfter(arguments).textValue()).isEqualTo(arguments);
  }

  @Test
  void chat_argumentsOfExactNumbers_areKeptExactly() throws Exception {
    String arguments = "{\"v\":0.12345678901234567890123}";

    assertThat(argumentsAfter(arguments).toString()).isEqualTo(arguments);
  }

  @Test
  void chat_messageThatCannotBeWritten_isToldInItsPlace() {
    Map<String, Object> broken = Mockito.mock();
    Mockito.when(broken.toString()).thenThrow(new LinkageError("gone"));
    CustomMessage message = Mockito.mock(CustomMessage.class);
    Mockito.when(message.attributes()).thenReturn(broken);
    ops().wrap(echo()).chat(ChatRequest.builder().messages(message).build());

    Span span = only(tracer.spans());
    assertThat(span.input()).isEqualTo("(cannot be written: java.lang.LinkageError)");
    assertThat(span.attributes().text("gen_ai.input.messages")).isEqualTo(span.input());
    assertThat(span.attribute("gen_ai.request.model")).isEqualTo("gpt-4");
  }

  @Test
  void chat_pictureInAUrl_isCutToTheMaximum() throws Exception {
    Tracer small = Tracer.builder().maximumValueLength(10_000).build();
    String url = "data:image/png;base64," + "A".repeat(2_000_000);
    ChatModel model = AgentOps.with(TracingInterceptor.of(small)).build().wrap(echo());
    model.chat(
        ChatRequest.builder()
            .messages(UserMessage.from(TextContent.from("?"), ImageContent.from(url)))
            .build());

    Span span = only(small.spans());
    String input = String.valueOf(span.input());
    assertThat(input).hasSizeLessThanOrEqualTo(10_000).contains("truncated");
    assertThat(new ObjectMapper().readTree(input).get(0).get("role").asText()).isEqualTo("user");
    assertThat(small.droppedSpans()).isZero();
  }

  @Test
  void chat_inAScopeInsideASpanClosedElsewhere_isNotItsChild() throws Exception {
    ChatModel model = ops().wrap(echo());
    TraceContext dead = tracer.startTrace("dead", "invoke_agent");
    try (Scope scope = Context.current().with(Attributes.of("user.id", "alice")).makeCurrent()) {
      Thread other = new Thread(dead::close);
      other.start();
      other.join();
      model.chat(HELLO);
    }
    dead.close();

    Span chat = only(tracer.spans("gpt-4"));
    assertThat(chat.parentSpanId()).isNull();
    assertThat(chat.traceId()).isNotEqualTo(dead.traceId());
  }

  @Test
  void chat_messagesOfEveryKind_areValidJson() throws Exception {
    ToolExecutionRequest call =
        ToolExecutionRequest.builder().id("c1").name("add").arguments("{\"a\":1}").build();
    ToolExecutionRequest broken =
        ToolExecutionRequest.builder().id("c2").name("add").arguments("{\"a\":").build();
    ChatModel model =
        ops()
            .wrap(
                new ScriptedModel(
                    request ->
                        ChatResponse.builder()
                            .aiMessage(
                                AiMessage.builder()
                                    .thinking("hmm")
                                    .toolExecutionRequests(List.of(call))
                                    .build())
                            .finishReason(FinishReason.TOOL_EXECUTION)
                            .build()));
    model.chat(
        ChatRequest.builder()
            .messages(
                SystemMessage.from("be \"brief\"\n"),
                UserMessage.from(
                    TextContent.from("what is it?"),
                    ImageContent.from("QUJD", "image/png"),
                    ImageContent.from("https://example.org/a.png")),
                AiMessage.from(List.of(call, broken)),
                ToolExecutionResultMessage.from(call, "3"))
            .build());

    Span span = only(tracer.spans());
    ObjectMapper json = new ObjectMapper();
    assertThat(json.readTree((String) span.input()))
        .isEqualTo(
            json.readTree(
                """
                [{"role":"system","parts":[{"type":"text","content":"be \\"brief\\"\\n"}]},
                 {"role":"user","parts":[
                   {"type":"text","content":"what is it?"},
                   {"type":"blob","modality":"image","mime_type":"image/png","content":"QUJD"},
                   {"type":"uri","modality":"image","uri":"https://example.org/a.png"}]},
                 {"role":"assistant","parts":[
                   {"type":"tool_call","id":"c1","name":"add","arguments":{"a":1}},
                   {"type":"tool_call","id":"c2","name":"add","arguments":"{\\"a\\":"}]},
                 {"role":"tool","parts":[{"type":"tool_call_response","id":"c1","response":"3"}]}]
                """));
    JsonNode output = json.readTree((String) span.output());
    assertThat(output)
        .isEqualTo(
            json.readTree(
                """
                [{"role":"assistant","parts":[
                   {"type":"reasoning","content":"hmm"},
                   {"type":"tool_call","id":"c1","name":"add","arguments":{"a":1}}],
                  "finish_reason":"tool_call"}]
                """));
    assertThat(span.attributes().get("gen_ai.response.finish_reasons"))
        .isEqualTo(List.of("tool_call"));
  }

  @Test
  void chat_modelThrows_isAnError() {
    IllegalStateException boom = new IllegalStateException("boom");
    assertThatThrownBy(() -> ops().wrap(throwing(boom)).chat(HELLO)).isSameAs(boom);
    Error error = new NoClassDefFoundError("gone");
    assertThatThrownBy(() -> ops().wrap(throwing(error)).chat(HELLO)).isSameAs(error);

    assertThat(tracer.spans())
        .extracting(Span::status)
        .containsExactly(SpanStatus.ERROR, SpanStatus.ERROR);
    Span first = tracer.spans().get(0);
    assertThat(first.error()).isEqualTo("java.lang.IllegalStateException: boom");
    assertThat(first.attributes().get("error.type")).isEqualTo("java.lang.IllegalStateException");
    assertThat(first.output()).isNull();
    assertThat(tracer.spans().get(1).error()).isEqualTo("java.lang.NoClassDefFoundError: gone");
  }

  @Test
  void chat_refusedByAnInterceptor_isRejected() {
    ChatInterceptor limiter =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            throw new CallRejectedException("limit reached");
          }
        };
    ChatModel model = ops(limiter).wrap(throwing(new AssertionError("must not be asked")));

    assertThatThrownBy(() -> model.chat(HELLO)).isInstanceOf(CallRejectedException.class);

    Span span = only(tracer.spans());
    assertThat(span.status()).isEqualTo(SpanStatus.REJECTED);
    assertThat(span.error()).contains("limit reached");
    assertThat(span.attributes().get("error.type"))
        .isEqualTo(CallRejectedException.class.getName());
  }

  @Test
  void chat_answeredByACache_isMarkedAndFree() {
    ChatInterceptor cache =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            call.markCached();
            return answer("from the cache");
          }
        };
    ops(cache).wrap(throwing(new AssertionError("must not be asked"))).chat(HELLO);

    Span span = only(tracer.spans());
    assertThat(span.status()).isEqualTo(SpanStatus.OK);
    assertThat(span.attributes().get("agentops.cached")).isEqualTo(true);
    assertThat(span.attributes().get("agentops.cost.usd")).isEqualTo("0");
    assertThat(span.attributes().get("gen_ai.usage.input_tokens")).isNull();
    assertThat((String) span.output()).contains("from the cache");
  }

  @Test
  void chat_cost_isExactText() {
    ChatInterceptor pricing =
        new ChatInterceptor() {
          @Override
          public void after(ModelCall call, Outcome<ChatResponse> outcome) {
            call.recordCost(Cost.usd("0.00000015"));
          }
        };
    ops(pricing).wrap(echo()).chat(HELLO);

    assertThat(only(tracer.spans()).attributes().get("agentops.cost.usd")).isEqualTo("0.00000015");
  }

  @Test
  void chat_modelWithoutName() {
    ChatModel nameless =
        new ChatModel() {
          @Override
          public ChatResponse doChat(ChatRequest request) {
            return answer("hi");
          }
        };
    ops().wrap(nameless).chat(HELLO);

    Span span = only(tracer.spans());
    assertThat(span.name()).isEqualTo("chat");
    assertThat(span.agentName()).isEqualTo("unknown");
  }

  @Test
  void stream_answered_endsOnTheOtherThreadWithTimeToFirstChunk() throws Exception {
    ScriptedStreamingModel model =
        ScriptedStreamingModel.onItsOwnThread(
            (request, handler) -> {
              clock.advance(Duration.ofMillis(1_500));
              handler.onPartialResponse("hi");
              clock.advance(Duration.ofMillis(500));
              handler.onCompleteResponse(answer("hi"));
            });
    CollectingHandler handler = new CollectingHandler(false);
    try (TraceContext turn = tracer.startTrace("support", "invoke_agent")) {
      ops().wrap(model).chat(HELLO, handler);
      handler.end().get(30, TimeUnit.SECONDS);
      assertThat(tracer.currentSpan()).contains(turn);
    }

    Span chat = only(chats());
    assertThat(chat.parentSpanId()).isEqualTo(turnId());
    assertThat(chat.duration()).isEqualTo(Duration.ofSeconds(2));
    assertThat(chat.attributes().get("gen_ai.request.stream")).isEqualTo(true);
    assertThat(chat.attributes().get("gen_ai.response.time_to_first_chunk")).isEqualTo(1.5);
    assertThat(chat.attributes().get("gen_ai.usage.output_tokens")).isEqualTo(5L);
  }

  @Test
  void stream_cancelled_keepsWhatHadArrived() {
    ScriptedStreamingModel model =
        new ScriptedStreamingModel(
            (request, handler) -> {
              FakeStreamingChatModel.Handle handle = new FakeStreamingChatModel.Handle();
              handler.onPartialResponse(
                  new PartialResponse("half an ans"), new PartialResponseContext(handle));
              assertThat(handle.isCancelled()).isTrue();
            });
    ops().wrap(model).chat(HELLO, new CollectingHandler(true));

    Span span = only(tracer.spans());
    assertThat(span.status()).isEqualTo(SpanStatus.CANCELLED);
    assertThat(span.error()).isNull();
    assertThat((String) span.output())
        .contains("half an ans")
        .contains("\"finish_reason\":\"unknown\"");
  }

  @Test
  void stream_silent_endsWithATimeout() throws Exception {
    AgentOps ops =
        AgentOps.with(TracingInterceptor.of(tracer))
            .clock(clock)
            .firstChunkTimeout(Duration.ofSeconds(7))
            .build();
    CollectingHandler handler = new CollectingHandler(false);
    ops.wrap(new ScriptedStreamingModel((request, ignored) -> {})).chat(HELLO, handler);
    assertThat(tracer.openSpans()).hasSize(1);

    clock.advance(Duration.ofSeconds(7));

    assertThatThrownBy(() -> handler.end().get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(StreamTimeoutException.class);
    Span span = only(tracer.spans());
    assertThat(span.status()).isEqualTo(SpanStatus.ERROR);
    assertThat(span.attributes().get("error.type"))
        .isEqualTo(StreamTimeoutException.class.getName());
    assertThat(span.duration()).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void stream_failures_endTheSpanOnce() {
    AgentOps ops = ops();
    ScriptedStreamingModel failing =
        new ScriptedStreamingModel(
            (request, handler) -> {
              handler.onError(new IllegalStateException("cut"));
              handler.onError(new IllegalStateException("and again"));
              handler.onCompleteResponse(answer("too late"));
            });
    CollectingHandler handler = new CollectingHandler(false);
    ops.wrap(failing).chat(HELLO, handler);
    ScriptedStreamingModel refusing =
        new ScriptedStreamingModel(
            (request, ignored) -> {
              throw new IllegalArgumentException("refused before the stream");
            });
    assertThatThrownBy(() -> ops.wrap(refusing).chat(HELLO, handler))
        .hasMessage("refused before the stream");

    assertThat(tracer.spans())
        .extracting(Span::error)
        .containsExactly(
            "java.lang.IllegalStateException: cut",
            "java.lang.IllegalArgumentException: refused before the stream");
    assertThat(tracer.spans()).extracting(Span::output).containsOnlyNulls();
  }

  @Test
  void stream_refusedByAnInterceptor_isRejected() {
    ChatInterceptor limiter =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            throw new CallRejectedException("limit reached");
          }
        };
    CollectingHandler handler = new CollectingHandler(false);
    ops(limiter).wrap(new ScriptedStreamingModel((request, ignored) -> {})).chat(HELLO, handler);

    assertThat(handler.end()).isCompletedExceptionally();
    assertThat(only(tracer.spans()).status()).isEqualTo(SpanStatus.REJECTED);
  }

  @Test
  void tool_recordsArgumentsAndResult() {
    ToolExecutor tool =
        (request, memoryId) -> {
          clock.advance(Duration.ofMillis(40));
          tracer.startSpan("database", "query").close();
          return "3";
        };
    try (TraceContext turn = tracer.startTrace("support", "invoke_agent")) {
      assertThat(ops().wrap(tool).execute(toolRequest("{\"a\":1}"), "memory")).isEqualTo("3");
    }

    Span span = only(tools());
    assertThat(span.name()).isEqualTo("execute_tool add");
    assertThat(span.kind()).isEqualTo(SpanKind.INTERNAL);
    assertThat(span.agentName()).isEqualTo("support");
    assertThat(span.parentSpanId()).isEqualTo(turnId());
    assertThat(span.duration()).isEqualTo(Duration.ofMillis(40));
    assertThat(span.input()).isEqualTo("{\"a\":1}");
    assertThat(span.output()).isEqualTo("3");
    assertThat(span.attributes().asMap())
        .isEqualTo(
            Map.of(
                "gen_ai.operation.name", "execute_tool",
                "gen_ai.tool.name", "add",
                "gen_ai.tool.call.id", "c1",
                "gen_ai.tool.type", "function",
                "gen_ai.tool.call.arguments", "{\"a\":1}",
                "gen_ai.tool.call.result", "3"));
    assertThat(only(tracer.spans("database")).parentSpanId()).isEqualTo(span.spanId());
    assertThat(((ToolCallEvent) events.get(0)).spanId()).isEqualTo(span.spanId());
  }

  @Test
  void tool_errorType_isWhatTheToolThrew() {
    IllegalStateException thrown = new IllegalStateException("no network");
    for (RuntimeException packed :
        List.of(
            new ToolExecutionException(thrown),
            new CompletionException(new ExecutionException(thrown)),
            thrown)) {
      ToolExecutor tool =
          ops()
              .wrap(
                  (ToolExecutor)
                      (request, memoryId) -> {
                        throw packed;
                      });

      assertThatThrownBy(() -> tool.execute(ToolExecutionRequest.builder().name("t").build(), "m"))
          .isSameAs(packed);
    }

    assertThat(tracer.spans())
        .hasSize(3)
        .allSatisfy(
            span -> {
              assertThat(span.attribute(GenAiAttributes.ERROR_TYPE))
                  .isEqualTo("java.lang.IllegalStateException");
              assertThat(span.error()).contains("no network").doesNotContain("Execution");
            });
  }

  @Test
  void chat_topK_isADouble() {
    ops()
        .wrap(new ScriptedModel(request -> FakeChatModel.response("hi")))
        .chat(
            ChatRequest.builder()
                .messages(UserMessage.from("x"))
                .parameters(ChatRequestParameters.builder().topK(40).build())
                .build());

    assertThat(tracer.spans().get(0).attribute(GenAiAttributes.REQUEST_TOP_K)).isEqualTo(40.0);
  }

  @Test
  void tool_errors() {
    ToolExecutor throwing =
        (request, memoryId) -> {
          throw new IllegalStateException("disk full");
        };
    assertThatThrownBy(() -> ops().wrap(throwing).execute(toolRequest("{}"), "m"))
        .hasMessage("disk full");
    ToolExecutor marking =
        new ToolExecutor() {
          @Override
          public String execute(ToolExecutionRequest request, Object memoryId) {
            throw new AssertionError("the other overload was called");
          }

          @Override
          public ToolExecutionResult executeWithContext(
              ToolExecutionRequest request, dev.langchain4j.invocation.InvocationContext context) {
            return ToolExecutionResult.builder().isError(true).resultText("no such file").build();
          }
        };
    ops().wrap(marking).executeWithContext(toolRequest("{}"), null);

    List<Span> spans = tools();
    assertThat(spans).extracting(Span::status).containsExactly(SpanStatus.ERROR, SpanStatus.ERROR);
    assertThat(spans.get(0).error()).contains("disk full");
    assertThat(spans.get(1).attributes().get("error.type")).isEqualTo("tool_error");
    assertThat(spans.get(1).output()).isEqualTo("no such file");
  }

  @Test
  void embeddings_recordsUsageAndDimension() {
    ops().wrap(embeddingModel()).embed("some text");

    Span span = only(tracer.spans());
    assertThat(span.name()).isEqualTo("embeddings mini");
    assertThat(span.kind()).isEqualTo(SpanKind.CLIENT);
    assertThat(span.action()).isEqualTo("embeddings");
    assertThat(span.input()).isEqualTo(List.of("some text"));
    assertThat(span.attributes().get("gen_ai.usage.input_tokens")).isEqualTo(4L);
    assertThat(span.attributes().get("gen_ai.embeddings.dimension.count")).isEqualTo(2L);
    assertThat(span.attributes().get("gen_ai.request.model")).isEqualTo("mini");
  }

  @Test
  void contentCapture_off_leavesNoContentAnywhere() {
    Tracer silent = Tracer.builder().contentCapture(ContentCapture.OFF).build();
    AgentOps ops = AgentOps.with(TracingInterceptor.of(silent)).build();
    ops.wrap(new ScriptedModel(request -> answer(SECRET))).chat(SECRET);
    ops.wrap(
            new ScriptedStreamingModel(
                (request, handler) ->
                    handler.onPartialResponse(
                        new PartialResponse(SECRET),
                        new PartialResponseContext(new FakeStreamingChatModel.Handle()))))
        .chat(SECRET, new CollectingHandler(true));
    ops.wrap((ToolExecutor) (request, memoryId) -> SECRET)
        .execute(toolRequest("{\"a\":\"" + SECRET + "\"}"), "m");
    ops.wrap(
            new ToolExecutor() {
              @Override
              public String execute(ToolExecutionRequest request, Object memoryId) {
                return SECRET;
              }

              @Override
              public ToolExecutionResult executeWithContext(
                  ToolExecutionRequest request,
                  dev.langchain4j.invocation.InvocationContext context) {
                return ToolExecutionResult.builder().isError(true).resultText(SECRET).build();
              }
            })
        .executeWithContext(toolRequest(SECRET), null);
    ops.wrap(embeddingModel()).embed(SECRET);

    assertThat(silent.spans()).hasSize(5);
    assertThat(silent.spans())
        .allSatisfy(
            span -> {
              assertThat(span.input()).isNull();
              assertThat(span.output()).isNull();
              assertThat(span.attributes().toString()).doesNotContain(SECRET);
              assertThat(span.error() + span.name() + span.metadata() + span.events())
                  .doesNotContain(SECRET);
            });
  }

  /** What a tool call's arguments are in the JSON of the message that has them. */
  private JsonNode argumentsAfter(String arguments) throws Exception {
    ToolExecutionRequest call = toolRequest(arguments);
    ops().wrap(echo()).chat(ChatRequest.builder().messages(AiMessage.from(call)).build());

    String messages = (String) only(tracer.spans()).input();
    return new ObjectMapper()
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .readTree(messages)
        .at("/0/parts/0/arguments");
  }

  private AgentOps ops(ChatInterceptor... inner) {
    ChatInterceptor[] chain = new ChatInterceptor[inner.length + 1];
    chain[0] = TracingInterceptor.of(tracer);
    System.arraycopy(inner, 0, chain, 1, inner.length);
    return AgentOps.with(chain).clock(clock).listener(events::add).build();
  }

  private List<Span> chats() {
    return tracer.spans().stream().filter(span -> span.action().equals("chat")).toList();
  }

  private List<Span> tools() {
    return tracer.spans().stream().filter(span -> span.action().equals("execute_tool")).toList();
  }

  private String turnId() {
    return only(tracer.spans().stream()
            .filter(span -> span.action().equals("invoke_agent"))
            .toList())
        .spanId();
  }

  private static ScriptedModel echo() {
    return new ScriptedModel(request -> answer("echo"));
  }

  private static ChatModel throwing(Throwable problem) {
    return new ScriptedModel(
        request -> {
          if (problem instanceof Error error) {
            throw error;
          }
          throw (RuntimeException) problem;
        });
  }

  private static ChatResponse answer(String text) {
    return ChatResponse.builder()
        .aiMessage(AiMessage.from(text))
        .tokenUsage(new TokenUsage(10, 5))
        .build();
  }

  private static ToolExecutionRequest toolRequest(String arguments) {
    return ToolExecutionRequest.builder().id("c1").name("add").arguments(arguments).build();
  }

  private static EmbeddingModel embeddingModel() {
    return new EmbeddingModel() {
      @Override
      public EmbeddingResponse doEmbed(EmbeddingRequest request) {
        return EmbeddingResponse.builder()
            .embeddings(List.of(Embedding.from(new float[] {1, 2})))
            .modelName("mini")
            .tokenUsage(new TokenUsage(4))
            .build();
      }

      @Override
      public String modelName() {
        return "mini";
      }
    };
  }

  private static Span only(List<Span> spans) {
    assertThat(spans).hasSize(1);
    return spans.get(0);
  }
}
