package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.AgentOps;
import dev.agentops.Context;
import dev.agentops.TestClock;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.tracing.agentic.AgenticTracing;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.agentic.UntypedAgent;
import dev.langchain4j.agentic.supervisor.SupervisorAgent;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.rag.DefaultRetrievalAugmentor;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.query.router.DefaultQueryRouter;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.MemoryId;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import dev.langchain4j.service.tool.ToolExecutor;
import dev.langchain4j.spi.observability.AiServiceListenerRegistrarFactory;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real AI services that know nothing of tracing; a services file names the registrar. */
class TracingAiServiceRegistrarTest {

  private final TestClock clock = TestClock.create();
  private final Tracer tracer = Tracer.builder().clock(clock).maximumSpans(1_000_000).build();
  private final AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();

  @TempDir private Path services;

  @BeforeEach
  void install() {
    TracingAiServiceRegistrar.install(tracer);
  }

  @AfterEach
  void nothingIsLeftCurrent() {
    TracingAiServiceRegistrar.uninstall();
    assertThat(Context.current()).isSameAs(Context.root());
    tracer.close();
  }

  interface Assistant {
    String chat(@MemoryId String memoryId, @UserMessage String message);
  }

  interface Streaming {
    TokenStream chat(String message);
  }

  /** Writes. */
  public interface Writer {
    @Agent(outputKey = "text")
    @UserMessage("Write about {{topic}}")
    String write(@V("topic") String topic);
  }

  /** Writes word by word. */
  public interface StreamingWriter {
    @Agent(outputKey = "text")
    @UserMessage("Write about {{topic}}")
    TokenStream stream(@V("topic") String topic);
  }

  @Test
  void sync_modelsAndToolsNest() {
    Assistant assistant = assistant(request -> next(request, 1), 1, false);

    assertThat(assistant.chat("c-1", "go")).isEqualTo("done");

    assertThat(tree())
        .isEqualTo(
            """
            invoke_agent Assistant
              chat fake-model
              execute_tool tool0
              chat fake-model
            """);
    Span agent = tracer.spans().get(0);
    assertThat(agent.agentName()).isEqualTo("Assistant");
    assertThat(agent.status()).isEqualTo(SpanStatus.OK);
    assertThat(agent.sessionId()).isEqualTo("c-1");
    assertThat(agent.output()).isEqualTo("done");
    assertThat(String.valueOf(agent.input())).contains("\"go\"");
    assertThat(tracer.openSpans()).isEmpty();
  }

  @Test
  void retrieversOnAPool_areChildrenOfTheService() {
    ContentRetriever nothing = query -> List.of();
    Assistant assistant =
        withServicesFile(
            () ->
                AiServices.builder(Assistant.class)
                    .chatModel(FakeChatModel.saying("done"))
                    .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(9))
                    .retrievalAugmentor(
                        DefaultRetrievalAugmentor.builder()
                            .queryRouter(
                                new DefaultQueryRouter(
                                    ops.wrapRetriever(nothing, "same"),
                                    ops.wrapRetriever(nothing, "same")))
                            .build())
                    .build());

    assistant.chat("c-1", "go");

    assertThat(tree())
        .isEqualTo(
            """
            invoke_agent Assistant
              retrieval same
              retrieval same
            """);
  }

  @Test
  void modelThatIsNotWrapped_countsForTheService() {
    Assistant assistant =
        withServicesFile(
            () ->
                AiServices.builder(Assistant.class)
                    .chatModel(FakeChatModel.answering(request -> next(request, 1)))
                    .tools(tools(1))
                    .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(20))
                    .build());

    assistant.chat("c-1", "go");

    assertThat(tree()).startsWith("invoke_agent Assistant").doesNotContain("chat");
    Span agent = tracer.spans().get(0);
    assertThat(agent.attribute(GenAiAttributes.AGENT_MODEL_CALLS)).isEqualTo(2L);
    assertThat(agent.attribute(GenAiAttributes.USAGE_INPUT_TOKENS)).isEqualTo(20L);
    assertThat(agent.attribute(GenAiAttributes.USAGE_OUTPUT_TOKENS)).isEqualTo(10L);
    assertThat(agent.attribute(GenAiAttributes.RESPONSE_FINISH_REASONS)).isEqualTo(List.of("stop"));
  }

  @Test
  void concurrentTools_areChildrenOfTheService() {
    Assistant assistant = assistant(request -> next(request, 3), 3, true);

    assistant.chat("c-1", "go");

    Span agent = tracer.spans().get(0);
    assertThat(tracer.spans()).hasSize(6);
    assertThat(tracer.spans().subList(1, 6))
        .allSatisfy(span -> assertThat(span.parentSpanId()).isEqualTo(agent.spanId()));
  }

  @Test
  void callersSpan_isTheParent() {
    Assistant assistant = assistant(request -> next(request, 1), 1, false);

    try (TraceContext turn = tracer.startTrace("support", "turn")) {
      assistant.chat("c-1", "go");
    }

    assertThat(tree()).startsWith("turn support\n  invoke_agent Assistant\n    chat fake-model\n");
  }

  @Test
  void stream_onOtherThreads_nestsUntilItsEnd() throws Exception {
    ExecutorService http = Executors.newSingleThreadExecutor();
    try {
      FakeStreamingChatModel model =
          FakeStreamingChatModel.scripted(
              (request, handler) ->
                  http.execute(() -> handler.onCompleteResponse(next(request, 1))));
      Streaming assistant =
          withServicesFile(
              () ->
                  AiServices.builder(Streaming.class)
                      .streamingChatModel(ops.wrap(model))
                      .tools(tools(1))
                      .build());
      CompletableFuture<ChatResponse> done = new CompletableFuture<>();

      assistant
          .chat("go")
          .onCompleteResponse(done::complete)
          .onError(done::completeExceptionally)
          .start();

      assertThat(done.get(20, TimeUnit.SECONDS).aiMessage().text()).isEqualTo("done");
      Future<Context> left = http.submit(() -> Context.current());
      assertThat(left.get(20, TimeUnit.SECONDS)).isSameAs(Context.root());
    } finally {
      http.shutdown();
    }
    assertThat(tree())
        .isEqualTo(
            """
            invoke_agent Streaming
              chat fake-model
              execute_tool tool0
              chat fake-model
            """);
  }

  @Test
  void modelThatThrows_endsTheServiceWithItsError() {
    Assistant assistant =
        assistant(
            request -> {
              throw new IllegalStateException("down");
            },
            1,
            false);

    assertThatThrownBy(() -> assistant.chat("c-1", "go")).hasMessage("down");

    Span agent = tracer.spans().get(0);
    assertThat(agent.status()).isEqualTo(SpanStatus.ERROR);
    assertThat(agent.attribute(GenAiAttributes.ERROR_TYPE))
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(tracer.openSpans()).isEmpty();
  }

  @Test
  void endThatIsNotAnnounced_leavesNothingCurrentAndIsAbandoned() {
    Assistant assistant =
        assistant(
            request -> {
              throw new StackOverflowError();
            },
            1,
            false);
    Streaming streaming =
        withServicesFile(
            () ->
                AiServices.builder(Streaming.class)
                    .streamingChatModel(ops.wrap(FakeStreamingChatModel.saying("hi")))
                    .build());

    assertThatThrownBy(() -> assistant.chat("c-1", "go")).isInstanceOf(StackOverflowError.class);
    streaming.chat("never started");

    assertThat(Context.current()).isSameAs(Context.root());
    assertThat(tracer.openSpans()).hasSize(2);
    clock.advance(Duration.ofHours(2));
    assertThat(tracer.openSpans()).isEmpty();
    assertThat(tracer.abandonedSpans()).isEqualTo(2);
  }

  @Test
  void equalRequestsAtOnce_doNotMix() throws Exception {
    Random random = new Random(7);
    Assistant assistant = assistant(request -> next(request, random.nextInt(3)), 3, false);
    List<Callable<String>> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String memory = "c-" + i; // the messages are equal all the same
      calls.add(() -> assistant.chat(memory, "go"));
    }
    ExecutorService callers = Executors.newFixedThreadPool(4);
    try {
      for (Future<String> call : callers.invokeAll(calls)) {
        assertThat(call.get()).isEqualTo("done");
      }
    } finally {
      callers.shutdown();
    }

    Map<String, List<Span>> traces = new LinkedHashMap<>();
    tracer.spans().forEach(s -> traces.computeIfAbsent(s.traceId(), t -> new ArrayList<>()).add(s));
    assertThat(traces).hasSize(200);
    traces
        .values()
        .forEach(
            spans -> {
              Span agent = spans.get(0);
              assertThat(agent.name()).isEqualTo("invoke_agent Assistant");
              assertThat(spans.size()).isGreaterThan(1);
              assertThat(spans.subList(1, spans.size()))
                  .allSatisfy(s -> assertThat(s.parentSpanId()).isEqualTo(agent.spanId()));
            });
  }

  @Test
  void agentOfASystem_isOneSpan_andItsPlannerAnother() {
    UntypedAgent system =
        withServicesFile(
            () ->
                AgenticTracing.of(tracer)
                    .wrap(
                        AgenticServices.sequenceBuilder()
                            .subAgents(
                                AgenticServices.agentBuilder(Writer.class)
                                    .chatModel(ops.wrap(FakeChatModel.saying("ok")))
                                    .build())
                            .build()));

    system.invoke(Map.of("topic", "cats"));

    assertThat(tree())
        .isEqualTo(
            """
            invoke_workflow Sequential
              invoke_agent write
                chat fake-model
            """);
    assertThat(tracer.openSpans()).isEmpty();
  }

  @Test
  void streamOfAnAgent_isTheAgentsChild_onAPoolToo() {
    UntypedAgent system =
        withServicesFile(
            () ->
                AgenticTracing.of(tracer)
                    .wrap(
                        AgenticServices.parallelBuilder()
                            .subAgents(streamingWriter(), streamingWriter())
                            .output(scope -> scope.readState("text"))
                            .build()));

    assertThat(system.invoke(Map.of("topic", "cats"))).isEqualTo("hi");

    Awaitility.await().until(() -> tracer.spans().size() == 5);
    assertThat(tree())
        .isEqualTo(
            """
            invoke_workflow Parallel
              invoke_agent stream
                chat fake-model
              invoke_agent stream
                chat fake-model
            """);
  }

  @Test
  void supervisorsPlanner_isAnAgentInIt() {
    ChatModel planner =
        ops.wrap(
            FakeChatModel.saying("{\"agentName\":\"done\",\"arguments\":{\"response\":\"ok\"}}"));
    Supplier<SupervisorAgent> system =
        () ->
            AgenticTracing.of(tracer)
                .wrap(
                    AgenticServices.supervisorBuilder()
                        .chatModel(planner)
                        .subAgents(
                            AgenticServices.agentBuilder(Writer.class).chatModel(planner).build())
                        .build());

    withServicesFile(() -> system.get().invoke("go"));

    assertThat(tree())
        .isEqualTo(
            """
            invoke_workflow invoke
              invoke_agent PlannerAgent
                chat fake-model
            """);
  }

  @Test
  void uninstalled_recordsTheModelOnly() {
    Assistant assistant = assistant(request -> next(request, 0), 1, false);
    TracingAiServiceRegistrar.uninstall();

    assistant.chat("c-1", "go");

    assertThat(tree()).isEqualTo("chat fake-model\n");
  }

  @Test
  void install_ofAnotherTracer_isRefused() {
    try (Tracer other = Tracer.create()) {
      assertThatThrownBy(() -> TracingAiServiceRegistrar.install(other))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("another tracer");
    }
    TracingAiServiceRegistrar.install(tracer);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void withoutServicesFile_isNotUsed(boolean named) {
    Supplier<Assistant> build =
        () ->
            AiServices.builder(Assistant.class)
                .chatModel(ops.wrap(FakeChatModel.saying("hi")))
                .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(9))
                .build();
    Assistant assistant = named ? withServicesFile(build) : build.get();

    assistant.chat("c-1", "go");

    assertThat(tracer.spans()).hasSize(named ? 2 : 1);
  }

  private Assistant assistant(
      Function<ChatRequest, ChatResponse> answers, int tools, boolean concurrently) {
    return withServicesFile(
        () -> {
          AiServices<Assistant> builder =
              AiServices.builder(Assistant.class)
                  .chatModel(ops.wrap(FakeChatModel.answering(answers)))
                  .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(99))
                  .tools(tools(tools));
          return (concurrently ? builder.executeToolsConcurrently() : builder).build();
        });
  }

  private Object streamingWriter() {
    return AgenticServices.agentBuilder(StreamingWriter.class)
        .streamingChatModel(ops.wrap(FakeStreamingChatModel.saying("hi")))
        .build();
  }

  /** Runs code that finds the registrar as an application would name it. */
  private <T> T withServicesFile(Supplier<T> code) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try {
      Path folder = Files.createDirectories(services.resolve("META-INF/services"));
      Files.writeString(
          folder.resolve(AiServiceListenerRegistrarFactory.class.getName()),
          TracingAiServiceRegistrar.class.getName());
      try (URLClassLoader loader =
          new URLClassLoader(new URL[] {services.toUri().toURL()}, before)) {
        thread.setContextClassLoader(loader);
        return code.get();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private Map<ToolSpecification, ToolExecutor> tools(int count) {
    Map<ToolSpecification, ToolExecutor> tools = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      tools.put(
          ToolSpecification.builder()
              .name("tool" + i)
              .parameters(JsonObjectSchema.builder().build())
              .build(),
          ops.wrap((ToolExecutor) (request, memoryId) -> "result"));
    }
    return Collections.unmodifiableMap(tools);
  }

  private static ChatResponse next(ChatRequest request, int tools) {
    boolean answered =
        request.messages().stream().anyMatch(ToolExecutionResultMessage.class::isInstance);
    if (answered || tools == 0) {
      return FakeChatModel.response("done");
    }
    List<ToolExecutionRequest> asked = new ArrayList<>();
    for (int i = 0; i < tools; i++) {
      asked.add(
          ToolExecutionRequest.builder().id("c" + i).name("tool" + i).arguments("{}").build());
    }
    return FakeChatModel.response(AiMessage.from(asked), FinishReason.TOOL_EXECUTION);
  }

  private String tree() {
    return SpanTree.of(tracer.spans());
  }
}
