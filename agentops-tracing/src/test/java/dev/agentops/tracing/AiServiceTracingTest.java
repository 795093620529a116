package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.AgentOps;
import dev.agentops.Context;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.tool.ToolExecutor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real AI services of LangChain4j over wrapped models and tools: each turn is one tree. */
class AiServiceTracingTest {

  private final Tracer tracer = Tracer.create();
  private final AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();

  interface Assistant {
    String chat(String message);
  }

  interface StreamingAssistant {
    TokenStream chat(String message);
  }

  @AfterEach
  void nothingIsLeftOpen() {
    assertThat(tracer.openSpans()).isEmpty();
    assertThat(Context.current()).isSameAs(Context.root());
    tracer.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void sync_toolsInTurn(int tools) {
    Assistant assistant =
        AiServices.builder(Assistant.class)
            .chatModel(ops.wrap(new ScriptedModel(request -> next(request, tools))))
            .tools(tools(tools, null))
            .build();

    try (TraceContext turn = tracer.startTrace("turn", "support", "invoke_agent")) {
      assertThat(assistant.chat("go")).isEqualTo("done");
    }

    assertTree("turn", tools);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void sync_toolsConcurrently(int tools) {
    CyclicBarrier together = new CyclicBarrier(tools);
    Assistant assistant =
        AiServices.builder(Assistant.class)
            .chatModel(ops.wrap(new ScriptedModel(request -> next(request, tools))))
            .tools(tools(tools, together))
            .executeToolsConcurrently()
            .build();

    try (TraceContext turn = tracer.startTrace("turn", "support", "invoke_agent")) {
      assertThat(assistant.chat("go")).isEqualTo("done");
    }

    assertTree("turn", tools);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void streaming_toolsInTurn(int tools) throws Exception {
    StreamingAssistant assistant =
        AiServices.builder(StreamingAssistant.class)
            .streamingChatModel(ops.wrap(streaming(tools)))
            .tools(tools(tools, null))
            .build();

    stream(assistant, "turn");

    assertTree("turn", tools);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void streaming_toolsConcurrently(int tools) throws Exception {
    CyclicBarrier together = new CyclicBarrier(tools);
    StreamingAssistant assistant =
        AiServices.builder(StreamingAssistant.class)
            .streamingChatModel(ops.wrap(streaming(tools)))
            .tools(tools(tools, together))
            .executeToolsConcurrently()
            .build();

    stream(assistant, "turn");

    assertTree("turn", tools);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void manyConversationsAtOnce_neverMix(boolean streaming) throws Exception {
    int conversations = 24;
    int tools = 2;
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      Assistant assistant =
          AiServices.builder(Assistant.class)
              .chatModel(ops.wrap(new ScriptedModel(request -> next(request, tools))))
              .tools(tools(tools, null))
              .executeToolsConcurrently()
              .build();
      StreamingAssistant streamingAssistant =
          AiServices.builder(StreamingAssistant.class)
              .streamingChatModel(ops.wrap(streaming(tools)))
              .tools(tools(tools, null))
              .executeToolsConcurrently()
              .build();
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < conversations; i++) {
        String id = "turn" + i;
        running.add(
            threads.submit(
                () -> {
                  if (streaming) {
                    stream(streamingAssistant, id);
                  } else {
                    try (TraceContext turn = tracer.startTrace(id, "support", "invoke_agent")) {
                      assertThat(assistant.chat("go")).isEqualTo("done");
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> one : running) {
        one.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(tracer.spans()).hasSize(conversations * (3 + tools));
    for (int i = 0; i < conversations; i++) {
      assertTree("turn" + i, tools);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void toolThatThrows_isAnErrorInTheTree(boolean concurrently) {
    ToolExecutor failing =
        (request, memoryId) -> {
          throw new IllegalStateException("disk full");
        };
    AiServices<Assistant> builder =
        AiServices.builder(Assistant.class)
            .chatModel(ops.wrap(new ScriptedModel(request -> next(request, 2))))
            .tools(
                Map.of(specification(0), ops.wrap(failing), specification(1), ops.wrap(failing)));
    Assistant assistant = (concurrently ? builder.executeToolsConcurrently() : builder).build();

    assertThat(tracer.<String>trace("support", "invoke_agent", turn -> assistant.chat("go")))
        .isEqualTo("done");

    List<Span> tools =
        tracer.spans().stream().filter(span -> span.action().equals("execute_tool")).toList();
    assertThat(tools).hasSize(2).allMatch(span -> span.status() == SpanStatus.ERROR);
    assertThat(tools).allMatch(span -> String.valueOf(span.error()).contains("disk full"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void modelThatFailsInItsSecondRound_endsAllSpans(boolean streaming) throws Exception {
    IllegalStateException down = new IllegalStateException("provider is down");
    Assistant assistant =
        AiServices.builder(Assistant.class)
            .chatModel(
                ops.wrap(
                    new ScriptedModel(
                        request -> {
                          if (hasToolResult(request)) {
                            throw down;
                          }
                          return next(request, 1);
                        })))
            .tools(tools(1, null))
            .build();
    StreamingAssistant streamingAssistant =
        AiServices.builder(StreamingAssistant.class)
            .streamingChatModel(
                ops.wrap(
                    ScriptedStreamingModel.onItsOwnThread(
                        (request, handler) -> {
                          if (hasToolResult(request)) {
                            handler.onError(down);
                          } else {
                            handler.onCompleteResponse(next(request, 1));
                          }
                        })))
            .tools(tools(1, null))
            .build();

    if (streaming) {
      assertThatThrownBy(() -> stream(streamingAssistant, "turn")).hasRootCause(down);
    } else {
      assertThatThrownBy(
              () -> tracer.trace("support", "invoke_agent", turn -> assistant.chat("go")))
          .isSameAs(down);
    }

    assertThat(tracer.spans()).hasSize(4);
    Span last =
        tracer.spans().stream().filter(span -> span.action().equals("chat")).toList().get(1);
    assertThat(last.status()).isEqualTo(SpanStatus.ERROR);
    assertThat(last.error()).contains("provider is down");
  }

  /**
   * One turn, under it the model's question for the tools, the tools, and the model's answer;
   * nothing else.
   */
  private void assertTree(String traceId, int tools) {
    List<Span> spans = tracer.spansOfTrace(traceId);
    assertThat(spans).hasSize(3 + tools).allMatch(span -> span.status() == SpanStatus.OK);
    assertThat(spans).allMatch(span -> span.agentName().equals("support"));
    Span turn = spans.get(0);
    assertThat(turn.action()).isEqualTo("invoke_agent");
    assertThat(turn.parentSpanId()).isNull();
    List<Span> steps = spans.subList(1, spans.size());
    assertThat(steps).allMatch(span -> turn.spanId().equals(span.parentSpanId()));
    assertThat(steps.get(0).name()).isEqualTo("chat gpt-4");
    assertThat(steps.subList(1, 1 + tools))
        .extracting(Span::name)
        .containsExactlyInAnyOrderElementsOf(
            toolNames(tools).stream().map(name -> "execute_tool " + name).toList());
    assertThat(steps.get(1 + tools).name()).isEqualTo("chat gpt-4");
    assertThat(steps.get(0).attributes().get("gen_ai.response.finish_reasons"))
        .isEqualTo(List.of("tool_call"));
  }

  private void stream(StreamingAssistant assistant, String traceId) throws Exception {
    CompletableFuture<ChatResponse> end = new CompletableFuture<>();
    try (TraceContext turn = tracer.startTrace(traceId, "support", "invoke_agent")) {
      assistant
          .chat("go")
          .onPartialResponse(text -> {})
          .onCompleteResponse(end::complete)
          .onError(end::completeExceptionally)
          .start();
      assertThat(end.get(30, TimeUnit.SECONDS).aiMessage().text()).isEqualTo("done");
    }
  }

  private static ScriptedStreamingModel streaming(int tools) {
    return ScriptedStreamingModel.onItsOwnThread(
        (request, handler) -> {
          ChatResponse response = next(request, tools);
          if (response.aiMessage().text() != null) {
            handler.onPartialResponse(response.aiMessage().text());
          }
          List<ToolExecutionRequest> calls = response.aiMessage().toolExecutionRequests();
          for (int i = 0; i < calls.size(); i++) { // where LangChain4j starts concurrent tools
            handler.onCompleteToolCall(new CompleteToolCall(i, calls.get(i)));
          }
          handler.onCompleteResponse(response);
        });
  }

  /** Asks for the tools, and is done once it has their results. */
  private static ChatResponse next(ChatRequest request, int tools) {
    if (hasToolResult(request)) {
      return ChatResponse.builder()
          .aiMessage(AiMessage.from("done"))
          .finishReason(FinishReason.STOP)
          .build();
    }
    List<ToolExecutionRequest> calls =
        toolNames(tools).stream()
            .map(
                name ->
                    ToolExecutionRequest.builder()
                        .id("id-" + name)
                        .name(name)
                        .arguments("{}")
                        .build())
            .toList();
    return ChatResponse.builder()
        .aiMessage(AiMessage.from(calls))
        .finishReason(FinishReason.TOOL_EXECUTION)
        .build();
  }

  private static boolean hasToolResult(ChatRequest request) {
    return request.messages().stream().anyMatch(ToolExecutionResultMessage.class::isInstance);
  }

  private Map<ToolSpecification, ToolExecutor> tools(int count, CyclicBarrier together) {
    Map<ToolSpecification, ToolExecutor> tools = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      ToolExecutor tool =
          (request, memoryId) -> {
            if (together != null) {
              try {
                together.await(30, TimeUnit.SECONDS);
              } catch (Exception e) {
                throw new IllegalStateException("the tools do not run at once", e);
              }
            }
            return "result";
          };
      tools.put(specification(i), ops.wrap(tool));
    }
    return tools;
  }

  private static ToolSpecification specification(int number) {
    return ToolSpecification.builder()
        .name("tool" + number)
        .description("a tool")
        .parameters(JsonObjectSchema.builder().build())
        .build();
  }

  private static List<String> toolNames(int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add("tool" + i);
    }
    return names;
  }
}
