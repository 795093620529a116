package dev.agentops.tracing;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Context;
import dev.agentops.Scope;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.guardrail.InputGuardrail;
import dev.langchain4j.guardrail.InputGuardrailException;
import dev.langchain4j.guardrail.InputGuardrailResult;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.rag.DefaultRetrievalAugmentor;
import dev.langchain4j.rag.RetrievalAugmentor;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.ContentMetadata;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.query.Query;
import dev.langchain4j.rag.query.router.DefaultQueryRouter;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.MemoryId;
import dev.langchain4j.service.TokenStream;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** AI services that {@code ops.aiServices} has built: each call is one trace of its own. */
@Timeout(60)
class AgentTracingTest {

  private final Tracer tracer = Tracer.create();
  private final AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();

  interface Assistant {
    String chat(String message);
  }

  interface Streaming {
    TokenStream chat(String message);
  }

  interface Conversations {
    String chat(@MemoryId String conversation, @dev.langchain4j.service.UserMessage String message);
  }

  static class Tools {
    @Tool("tells the weather")
    String weather(String city) {
      return "sunny";
    }

    @Tool("tells the time")
    String time(String city) {
      return "noon";
    }
  }

  enum Way {
    SYNC,
    SYNC_CONCURRENT_TOOLS,
    STREAMING,
    STREAMING_CONCURRENT_TOOLS;

    boolean streams() {
      return this == STREAMING || this == STREAMING_CONCURRENT_TOOLS;
    }

    boolean concurrently() {
      return this == SYNC_CONCURRENT_TOOLS || this == STREAMING_CONCURRENT_TOOLS;
    }
  }

  @AfterEach
  void nothingIsLeftOpen() {
    assertThat(tracer.openSpans()).isEmpty();
    assertThat(tracer.abandonedSpans()).isZero();
    assertThat(Context.current()).isSameAs(Context.root());
    tracer.close();
  }

  @ParameterizedTest
  @EnumSource
  void turn_isOneTree(Way way) throws Exception {
    ask(way);

    assertTurn(theOnlyTrace());
  }

  @ParameterizedTest
  @EnumSource
  void sameServiceAtOnce_neverMixes(Way way) throws Exception {
    int turns = 24;
    atOnce(Executors.newFixedThreadPool(6), turns, way);

    assertThat(tracer.spans()).hasSize(5 * turns);
    assertThat(tracer.spans().stream().map(Span::traceId).distinct()).hasSize(turns);
    tracer.spans().stream()
        .map(Span::traceId)
        .distinct()
        .forEach(id -> assertTurn(tracer.findTrace(id).orElseThrow()));
  }

  @ParameterizedTest
  @EnumSource
  void onVirtualThreads_theSameTree(Way way) throws Exception {
    Method factory;
    try {
      factory = Executors.class.getMethod("newVirtualThreadPerTaskExecutor");
    } catch (NoSuchMethodException e) {
      factory = null;
    }
    assumeTrue(factory != null, "needs Java 21");

    atOnce((ExecutorService) factory.invoke(null), 12, way);

    assertThat(tracer.spans()).hasSize(60);
    tracer.spans().stream()
        .map(Span::traceId)
        .distinct()
        .forEach(id -> assertTurn(tracer.findTrace(id).orElseThrow()));
  }

  @Test
  void turn_inATraceOfTheCaller_isItsChild() throws Exception {
    try (TraceContext request = tracer.startTrace("gateway", "request")) {
      ask(Way.SYNC);
    }

    Trace trace = theOnlyTrace();
    assertThat(trace.spans()).hasSize(6);
    Span agent = trace.children(trace.root()).get(0);
    assertThat(agent.name()).isEqualTo("invoke_agent Assistant");
    assertThat(trace.children(agent)).hasSize(4);
  }

  @Test
  void agentSpan_saysWhoAndWhat() throws Exception {
    Conversations service =
        ops.aiServices(Conversations.class)
            .chatModel(new ScriptedModel(AgentTracingTest::next))
            .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(20))
            .tools(new Tools())
            .build();

    try (Scope scope =
        ops.scope(
            Attributes.builder()
                .put(Attributes.SESSION_ID, "s-1")
                .put(Attributes.USER_ID, "alice")
                .put(Attributes.TAGS, List.of("beta", "eu"))
                .build())) {
      service.chat("c-1", "how is it?");
    }

    Trace trace = theOnlyTrace();
    Span agent = trace.root();
    assertThat(agent.kind()).isEqualTo(SpanKind.INTERNAL);
    assertThat(agent.agentName()).isEqualTo("Conversations");
    assertThat(agent.attributes().asMap())
        .containsEntry("gen_ai.operation.name", "invoke_agent")
        .containsEntry("gen_ai.agent.name", "Conversations")
        .containsEntry("gen_ai.agent.id", Conversations.class.getName())
        .containsEntry("gen_ai.usage.input_tokens", 30L)
        .containsEntry("gen_ai.usage.output_tokens", 12L)
        .containsEntry("gen_ai.response.finish_reasons", List.of("stop"))
        .containsEntry("agentops.agent.method", "chat")
        .containsEntry("agentops.agent.model_calls", 2L);
    assertThat(agent.input()).isEqualTo(List.of("c-1", "how is it?"));
    assertThat(agent.output()).isEqualTo("sunny at noon");
    assertThat(agent.attributes().text("gen_ai.input.messages"))
        .isEqualTo(
            "[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"how is it?\"}]}]");
    assertThat(agent.attributes().text("gen_ai.output.messages"))
        .contains("sunny at noon", "\"finish_reason\":\"stop\"");
    assertThat(trace.spans())
        .allSatisfy(
            span ->
                assertThat(span.attributes().asMap())
                    .containsEntry("gen_ai.conversation.id", "c-1")
                    .containsEntry("session.id", "s-1")
                    .containsEntry("user.id", "alice")
                    .containsEntry("agentops.tags", List.of("beta", "eu")));
    assertThat(trace.inputTokens()).isEqualTo(30); // not twice
    assertThat(trace.outputTokens()).isEqualTo(12);
  }

  @Test
  void withoutContent_nothingOfItIsKept() throws Exception {
    Tracer silent = Tracer.builder().contentCapture(ContentCapture.OFF).build();
    AgentOps traced = AgentOps.with(TracingInterceptor.of(silent)).build();
    traced
        .aiServices(Assistant.class)
        .chatModel(new ScriptedModel(AgentTracingTest::next))
        .contentRetriever(query -> List.of(Content.from("secret document")))
        .inputGuardrails(guardrail(false))
        .tools(new Tools())
        .build()
        .chat("secret question");

    assertThat(silent.spans()).hasSize(7);
    assertThat(silent.spans().toString()).doesNotContain("secret", "sunny");
    assertThat(silent.spans())
        .allSatisfy(
            span -> {
              assertThat(span.input()).isNull();
              assertThat(span.output()).isNull();
              assertThat(span.attributes().asMap().toString()).doesNotContain("secret", "sunny");
            });
    silent.close();
  }

  @Test
  void failingTurn_isAnErrorOfTheAgent_too() {
    IllegalStateException down = new IllegalStateException("provider is down");
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(
                new ScriptedModel(
                    request -> {
                      throw down;
                    }))
            .build();

    assertThatThrownBy(() -> assistant.chat("x")).isSameAs(down);

    assertThat(theOnlyTrace().spans())
        .hasSize(2)
        .allMatch(span -> span.status() == SpanStatus.ERROR)
        .allMatch(span -> "java.lang.IllegalStateException".equals(errorType(span)));
  }

  @Test
  void streamThatWasNeverStarted_endsMarked() {
    tracedStreaming(false).chat("x");

    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              System.gc();
              return !tracer.spans().isEmpty();
            });

    Span agent = tracer.spans().get(0);
    assertThat(agent.status()).isEqualTo(SpanStatus.ABANDONED);
    assertThat(agent.attribute(GenAiAttributes.ERROR_TYPE)).isEqualTo("abandoned");
  }

  @Test
  void tool_linksToTheModelCallThatAskedForIt() throws Exception {
    ask(Way.SYNC_CONCURRENT_TOOLS);

    Trace trace = theOnlyTrace();
    Span asking = named(trace, "chat gpt-4").get(0);
    Span tool = named(trace, "execute_tool weather").get(0);
    assertThat(tool.links())
        .containsExactly(
            new SpanLink(
                trace.traceId(),
                asking.spanId(),
                Attributes.of("agentops.link.type", "requested_by")));
    assertThat(tool.attributes().get("gen_ai.tool.description")).isEqualTo("tells the weather");
  }

  @Test
  void guardrail_isASpanOfTheAgent() {
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(new ScriptedModel(AgentTracingTest::next))
            .tools(new Tools())
            .inputGuardrails(guardrail(false))
            .build();

    assistant.chat("x");

    Trace trace = theOnlyTrace();
    Span guardrail = named(trace, "guardrail words").get(0);
    assertThat(guardrail.parentSpanId()).isEqualTo(trace.root().spanId());
    assertThat(guardrail.status()).isEqualTo(SpanStatus.OK);
    assertThat(guardrail.attributes().asMap())
        .containsEntry("gen_ai.operation.name", "guardrail")
        .containsEntry("agentops.guardrail.name", "words")
        .containsEntry("agentops.guardrail.type", "input")
        .containsEntry("agentops.guardrail.result", "success");
    assertThat(guardrail.startTime()).isAfterOrEqualTo(trace.root().startTime());
    assertThat(guardrail.duration()).isPositive();
  }

  @Test
  void guardrailThatFails_isVisible() {
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(new ScriptedModel(AgentTracingTest::next))
            .inputGuardrails(guardrail(true))
            .build();

    assertThatThrownBy(() -> assistant.chat("x")).isInstanceOf(InputGuardrailException.class);

    Trace trace = theOnlyTrace();
    assertThat(trace.spans()).hasSize(2);
    Span guardrail = named(trace, "guardrail words").get(0);
    assertThat(guardrail.status()).isEqualTo(SpanStatus.ERROR);
    assertThat(errorType(guardrail)).isEqualTo("guardrail_failure");
    assertThat(guardrail.attributes().get("agentops.guardrail.result")).isEqualTo("fatal");
    assertThat(trace.root().status()).isEqualTo(SpanStatus.ERROR);
  }

  @Test
  void retrieval_isASpan_withItsEmbeddingsBelow() {
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(new ScriptedModel(request -> answer("done")))
            .contentRetriever(ops.wrapRetriever(new Searching(ops.wrap(new Ones())), "manuals"))
            .build();

    assistant.chat("how?");

    Trace trace = theOnlyTrace();
    Span retrieval = named(trace, "retrieval manuals").get(0);
    assertThat(retrieval.kind()).isEqualTo(SpanKind.CLIENT);
    assertThat(retrieval.parentSpanId()).isEqualTo(trace.root().spanId());
    assertThat(retrieval.attributes().asMap())
        .containsEntry("gen_ai.operation.name", "retrieval")
        .containsEntry("gen_ai.data_source.id", "manuals")
        .containsEntry("gen_ai.retrieval.query.text", "how?")
        .containsEntry(
            "gen_ai.retrieval.documents",
            "[{\"id\":\"doc-1\",\"score\":0.9,\"content\":\"press the button\"}]")
        .containsEntry("agentops.retrieval.document_count", 1L);
    assertThat(trace.children(retrieval)).extracting(Span::action).containsExactly("embeddings");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void severalRetrievers_onThePoolOfTheAugmentor_haveItForTheirParent(boolean byHand) {
    ContentRetriever one = ops.wrapRetriever(new Searching(ops.wrap(new Ones())), "one");
    ContentRetriever two = ops.wrapRetriever(new Searching(ops.wrap(new Ones())), "two");
    RetrievalAugmentor augmentor =
        DefaultRetrievalAugmentor.builder().queryRouter(new DefaultQueryRouter(one, two)).build();
    AiServices<Assistant> builder =
        byHand
            ? AiServices.builder(Assistant.class).retrievalAugmentor(ops.wrapAugmentor(augmentor))
            : ops.aiServices(Assistant.class).retrievalAugmentor(augmentor);
    Assistant assistant = builder.chatModel(new ScriptedModel(request -> answer("done"))).build();

    assistant.chat("how?");

    Trace trace = theOnlyTrace();
    Span whole = named(trace, "retrieval DefaultRetrievalAugmentor").get(0);
    assertThat(trace.children(whole))
        .extracting(Span::name)
        .containsExactlyInAnyOrder("retrieval one", "retrieval two");
    assertThat(trace.spans())
        .filteredOn(span -> span.action().equals("embeddings"))
        .hasSize(2)
        .allMatch(
            span -> trace.span(span.parentSpanId()).orElseThrow().name().startsWith("retrieval "));
  }

  @Test
  void retrieverThatFails_isAnError() {
    ContentRetriever failing =
        query -> {
          throw new IllegalStateException("no index");
        };
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(new ScriptedModel(request -> answer("done")))
            .contentRetriever(failing)
            .build();

    assertThatThrownBy(() -> assistant.chat("x")).hasMessage("no index");

    assertThat(theOnlyTrace().spans())
        .hasSize(2)
        .allMatch(span -> span.status() == SpanStatus.ERROR);
  }

  @Test
  void stream_tellsOfItsChunks() throws Exception {
    ScriptedStreamingModel model =
        new ScriptedStreamingModel(
            (request, handler) -> {
              handler.onPartialResponse("a ");
              handler.onPartialResponse("b ");
              handler.onPartialResponse("c");
              handler.onCompleteResponse(answer("a b c"));
            });
    ops.wrap(model)
        .chat(
            ChatRequest.builder().messages(UserMessage.from("x")).build(),
            new CollectingHandler(false));

    Map<String, Object> attributes = tracer.spans().get(0).attributes().asMap();
    assertThat(attributes).containsEntry("agentops.stream.chunks", 3L);
    assertThat((Double) attributes.get("agentops.stream.max_gap"))
        .isGreaterThanOrEqualTo((Double) attributes.get("agentops.stream.mean_gap"));
  }

  private void atOnce(ExecutorService threads, int turns, Way way) throws Exception {
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < turns; i++) {
        running.add(
            threads.submit(
                () -> {
                  ask(way);
                  return null;
                }));
      }
      for (Future<?> one : running) {
        one.get(50, SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void ask(Way way) throws Exception {
    if (way.streams()) {
      CompletableFuture<ChatResponse> end = new CompletableFuture<>();
      tracedStreaming(way.concurrently())
          .chat("how is it?")
          .onPartialResponse(text -> {})
          .onCompleteResponse(end::complete)
          .onError(end::completeExceptionally)
          .start();
      assertThat(end.get(30, SECONDS).aiMessage().text()).isEqualTo("sunny at noon");
    } else {
      AiServices<Assistant> builder =
          ops.aiServices(Assistant.class)
              .chatModel(new ScriptedModel(AgentTracingTest::next))
              .tools(new Tools());
      Assistant assistant =
          (way.concurrently() ? builder.executeToolsConcurrently() : builder).build();
      assertThat(assistant.chat("how is it?")).isEqualTo("sunny at noon");
    }
  }

  private Streaming tracedStreaming(boolean concurrently) {
    AiServices<Streaming> builder =
        ops.aiServices(Streaming.class)
            .streamingChatModel(
                ScriptedStreamingModel.onItsOwnThread(
                    (request, handler) -> {
                      ChatResponse response = next(request);
                      List<ToolExecutionRequest> calls =
                          response.aiMessage().toolExecutionRequests();
                      for (int i = 0; i < calls.size(); i++) {
                        handler.onCompleteToolCall(new CompleteToolCall(i, calls.get(i)));
                      }
                      handler.onCompleteResponse(response);
                    }))
            .tools(new Tools());
    return (concurrently ? builder.executeToolsConcurrently() : builder).build();
  }

  /** The agent, under it the question for two tools, these, and the answer; nothing else. */
  private static void assertTurn(Trace trace) {
    assertThat(trace.roots()).hasSize(1);
    Span agent = trace.root();
    assertThat(agent.parentSpanId()).isNull();
    assertThat(agent.action()).isEqualTo("invoke_agent");
    assertThat(agent.output()).isEqualTo("sunny at noon");
    assertThat(trace.spans()).hasSize(5).allMatch(span -> span.status() == SpanStatus.OK);
    assertThat(trace.children(agent))
        .extracting(Span::name)
        .containsExactlyInAnyOrder(
            "chat gpt-4", "execute_tool weather", "execute_tool time", "chat gpt-4");
    assertThat(trace.spans()).allMatch(span -> span.agentName().equals(agent.agentName()));
    assertThat(trace.spans())
        .allMatch(span -> !span.endTime().isAfter(agent.endTime()), "ends within the turn");
    assertThat(named(trace, "execute_tool time").get(0).links()).hasSize(1);
  }

  private Trace theOnlyTrace() {
    assertThat(tracer.spans().stream().map(Span::traceId).distinct()).hasSize(1);
    return Trace.of(tracer.spans());
  }

  private static List<Span> named(Trace trace, String name) {
    return trace.spans().stream().filter(span -> span.name().equals(name)).toList();
  }

  private static Object errorType(Span span) {
    return span.attributes().get("error.type");
  }

  private static InputGuardrail guardrail(boolean failing) {
    return new InputGuardrail() {
      @Override
      public InputGuardrailResult validate(UserMessage message) {
        return failing ? fatal("not allowed") : success();
      }

      @Override
      public String name() {
        return "words";
      }
    };
  }

  private static ChatResponse next(ChatRequest request) {
    return request.messages().stream().anyMatch(ToolExecutionResultMessage.class::isInstance)
        ? answer("sunny at noon")
        : ChatResponse.builder()
            .aiMessage(AiMessage.from(call("weather"), call("time")))
            .tokenUsage(new TokenUsage(10, 5))
            .finishReason(FinishReason.TOOL_EXECUTION)
            .build();
  }

  private static ToolExecutionRequest call(String tool) {
    return ToolExecutionRequest.builder()
        .id("id-" + tool)
        .name(tool)
        .arguments("{\"arg0\": \"Rome\", \"city\": \"Rome\"}")
        .build();
  }

  private static ChatResponse answer(String text) {
    return ChatResponse.builder()
        .aiMessage(AiMessage.from(text))
        .tokenUsage(new TokenUsage(20, 7))
        .finishReason(FinishReason.STOP)
        .build();
  }

  /** A retriever that embeds the query, as those over a vector store do. */
  private record Searching(EmbeddingModel embeddings) implements ContentRetriever {

    @Override
    public List<Content> retrieve(Query query) {
      embeddings.embed(query.text());
      return List.of(
          Content.from(
              TextSegment.from("press the button"),
              Map.of(ContentMetadata.EMBEDDING_ID, "doc-1", ContentMetadata.SCORE, 0.9)));
    }
  }

  private static final class Ones implements EmbeddingModel {

    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
      return Response.from(
          segments.stream().map(segment -> Embedding.from(new float[] {1})).toList());
    }
  }
}
