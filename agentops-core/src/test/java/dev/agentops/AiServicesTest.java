package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.ToolCallEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingInterceptor;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.tool.ToolExecutor;
import dev.langchain4j.service.tool.ToolProvider;
import dev.langchain4j.service.tool.ToolProviderResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The chain under LangChain4j's own agent loop: first the model asks for two tools, then it answers
 * with their results.
 */
@Timeout(30)
class AiServicesTest {

  private final RecordingInterceptor seen = new RecordingInterceptor();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final List<String> toolUsers = new CopyOnWriteArrayList<>();
  private final AgentOps ops = AgentOps.with(seen).listener(events::add).build();

  interface Assistant {
    String chat(String message);
  }

  interface StreamingAssistant {
    TokenStream chat(String message);
  }

  enum Tools {
    SEQUENTIAL,
    CONCURRENT,
    CONCURRENT_BY_PROVIDER
  }

  @ParameterizedTest
  @EnumSource
  void chat_modelAsksForTwoTools_bothRunInTheCallersContext(Tools tools) {
    AiServices<Assistant> builder =
        AiServices.builder(Assistant.class)
            .chatModel(ops.wrap(FakeChatModel.answering(AiServicesTest::answer)));
    Assistant assistant = with(builder, tools).build();

    String reply;
    try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
      reply = assistant.chat("add and multiply");
    }

    assertThat(reply).isEqualTo("results: add=7, multiply=12");
    assertTurn();
  }

  @ParameterizedTest
  @EnumSource
  void stream_modelAsksForTwoTools_bothRunInTheCallersContext(Tools tools) throws Exception {
    FakeStreamingChatModel model =
        FakeStreamingChatModel.scripted(
            (request, handler) ->
                // as an HTTP client does: on a thread that knows nothing of the caller
                new Thread(() -> stream(answer(request), handler)).start());
    AiServices<StreamingAssistant> builder =
        AiServices.builder(StreamingAssistant.class).streamingChatModel(ops.wrap(model));
    StreamingAssistant assistant = with(builder, tools).build();

    CompletableFuture<String> reply = new CompletableFuture<>();
    try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
      assistant
          .chat("add and multiply")
          .onPartialResponse(partial -> {})
          .onCompleteResponse(response -> reply.complete(response.aiMessage().text()))
          .onError(reply::completeExceptionally)
          .start();
    }

    assertThat(reply.get(10, TimeUnit.SECONDS)).isEqualTo("results: add=7, multiply=12");
    assertTurn();
  }

  @Test
  void stream_rejectedInTheSecondRound_endsTheTokenStream() throws Exception {
    AgentOps oneCall =
        AgentOps.with(
                new ChatInterceptor() {
                  @Override
                  public ChatResponse before(ModelCall call) {
                    if (call.request().messages().get(call.request().messages().size() - 1)
                        instanceof ToolExecutionResultMessage) {
                      throw new CallRejectedException("one call is enough");
                    }
                    return null;
                  }
                })
            .build();
    FakeStreamingChatModel model =
        FakeStreamingChatModel.scripted(
            (request, handler) -> new Thread(() -> stream(answer(request), handler)).start());
    StreamingAssistant assistant =
        with(
                AiServices.builder(StreamingAssistant.class)
                    .streamingChatModel(oneCall.wrap(model)),
                Tools.SEQUENTIAL)
            .build();
    CompletableFuture<Throwable> error = new CompletableFuture<>();

    assistant
        .chat("add and multiply")
        .onPartialResponse(partial -> {})
        .onError(error::complete)
        .start();

    assertThat(error.get(10, TimeUnit.SECONDS)).isInstanceOf(CallRejectedException.class);
  }

  private void assertTurn() {
    assertThat(toolUsers).containsExactlyInAnyOrder("alice", "alice");
    assertThat(seen.begun()).hasSize(4);
    assertThat(seen.ended()).hasSize(4);
    assertThat(seen.ended())
        .allSatisfy(ended -> assertThat(ended.outcome().status()).isEqualTo(CallStatus.OK));
    assertThat(seen.begun())
        .allSatisfy(call -> assertThat(call.attributes().get("user.id")).isEqualTo("alice"));
    assertThat(events).filteredOn(ModelCallEvent.class::isInstance).hasSize(2);
    assertThat(events)
        .filteredOn(ToolCallEvent.class::isInstance)
        .extracting(event -> ((ToolCallEvent) event).tool())
        .containsExactlyInAnyOrder("add", "multiply");
    assertThat(ops.faults()).isZero();
    assertThat(ops.toolCallOrigins().size()).isZero();
  }

  private <T> AiServices<T> with(AiServices<T> builder, Tools tools) {
    Map<ToolSpecification, ToolExecutor> executors =
        Map.of(
            ToolSpecification.builder().name("add").description("adds").build(), tool("7"),
            ToolSpecification.builder().name("multiply").description("multiplies").build(),
                tool("12"));
    if (tools == Tools.CONCURRENT_BY_PROVIDER) {
      ToolProvider provider = request -> ToolProviderResult.builder().addAll(executors).build();
      return builder.toolProvider(ops.wrap(provider)).executeToolsConcurrently();
    }
    Map<ToolSpecification, ToolExecutor> wrapped = new HashMap<>();
    executors.forEach((specification, executor) -> wrapped.put(specification, ops.wrap(executor)));
    builder.tools(wrapped);
    return tools == Tools.CONCURRENT ? builder.executeToolsConcurrently() : builder;
  }

  private ToolExecutor tool(String result) {
    return (request, memoryId) -> {
      toolUsers.add(String.valueOf(Context.current().attributes().get("user.id")));
      return result;
    };
  }

  private static void stream(ChatResponse response, StreamingChatResponseHandler handler) {
    List<ToolExecutionRequest> tools = response.aiMessage().toolExecutionRequests();
    for (int i = 0; i < tools.size(); i++) {
      handler.onCompleteToolCall(new CompleteToolCall(i, tools.get(i)));
    }
    handler.onCompleteResponse(response);
  }

  private static ChatResponse answer(ChatRequest request) {
    List<ToolExecutionResultMessage> results =
        request.messages().stream()
            .filter(ToolExecutionResultMessage.class::isInstance)
            .map(ToolExecutionResultMessage.class::cast)
            .toList();
    if (results.isEmpty()) {
      return FakeChatModel.response(
          AiMessage.from(
              List.of(
                  ToolExecutionRequest.builder().id("1").name("add").arguments("{}").build(),
                  ToolExecutionRequest.builder().id("2").name("multiply").arguments("{}").build())),
          FinishReason.TOOL_EXECUTION);
    }
    List<String> lines =
        results.stream().map(result -> result.toolName() + "=" + result.text()).sorted().toList();
    return FakeChatModel.response("results: " + String.join(", ", lines));
  }
}
