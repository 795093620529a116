package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.ChatInterceptor;
import dev.agentops.Cost;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.Scope;
import dev.agentops.event.AgentCallEvent;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.ToolCallEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.TokenStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** LangChain4j's own agent loop over a cache: the model asks for a tool, then answers. */
class ResponseCacheAgentTest {

  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final AtomicInteger added = new AtomicInteger();
  private final AtomicInteger ids = new AtomicInteger();

  interface Assistant {
    String chat(String message);
  }

  interface StreamingAssistant {
    TokenStream chat(String message);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void secondRun_asksNothing_andRunsItsToolsAgain_whereToolCallsAreCached(boolean toolCalls) {
    AgentOps ops = ops(cache(toolCalls));
    FakeChatModel model = FakeChatModel.answering(this::answer);
    for (int i = 1; i <= 2; i++) {
      Assistant assistant =
          ops.aiServices(Assistant.class).chatModel(model).tools(new Calculator()).build();
      try (Scope ignored = ops.scope(Attributes.of("user.id", "alice"))) {
        assertThat(assistant.chat("add")).isEqualTo("the sum is 7");
      }
      assertThat(added).hasValue(i);
    }
    // the ids of tool calls differ from run to run, and are no part of the question
    assertThat(model.requests()).hasSize(toolCalls ? 2 : 3);
    assertThat(runs()).hasSize(2).allMatch(run -> run.status() == CallStatus.OK);
    assertThat(calls()).filteredOn(ModelCallEvent::cached).hasSize(toolCalls ? 2 : 1);
    assertThat(events).filteredOn(ToolCallEvent.class::isInstance).hasSize(2);
  }

  @Test
  void streamingRuns_atTheSameTime_shareBothRounds() throws Exception {
    AgentOps ops = ops(cache(true));
    List<Runnable> held = new CopyOnWriteArrayList<>();
    FakeStreamingChatModel model =
        FakeStreamingChatModel.scripted(
            (request, handler) ->
                held.add(
                    () -> {
                      ChatResponse response = answer(request);
                      AiMessage message = response.aiMessage();
                      if (message.hasToolExecutionRequests()) {
                        handler.onCompleteToolCall(
                            new CompleteToolCall(0, message.toolExecutionRequests().get(0)));
                      } else {
                        handler.onPartialResponse("the sum ");
                        handler.onPartialResponse("is 7");
                      }
                      handler.onCompleteResponse(response);
                    }));
    List<CompletableFuture<String>> replies = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 3; i++) {
      StreamingAssistant assistant =
          ops.aiServices(StreamingAssistant.class)
              .streamingChatModel(model)
              .tools(new Calculator())
              .build();
      CompletableFuture<String> reply = new CompletableFuture<>();
      try (Scope ignored = ops.scope(Attributes.of("user.id", "alice"))) {
        assistant
            .chat("add")
            .onPartialResponse(partial -> {})
            .onCompleteResponse(response -> reply.complete(response.aiMessage().text()))
            .onError(reply::completeExceptionally)
            .start();
      }
      replies.add(reply);
    }
    assertThat(held).hasSize(1);
    held.get(0).run();
    await().until(() -> added.get() == 3 && held.size() == 2);
    held.get(1).run();
    for (CompletableFuture<String> reply : replies) {
      assertThat(reply.get(10, TimeUnit.SECONDS)).isEqualTo("the sum is 7");
    }
    assertThat(model.requests()).hasSize(2);
    await().until(() -> runs().size() == 3);
    assertThat(runs()).allMatch(run -> run.status() == CallStatus.OK && run.modelCalls() == 2);
    assertThat(calls()).filteredOn(ModelCallEvent::cached).hasSize(4);
    assertThat(ops.faults()).isZero();
  }

  @Test
  void streamingRun_cancelledWhileAnotherFollows_isChargedWhatTheStreamCost() {
    ChatInterceptor pricing =
        new ChatInterceptor() {
          @Override
          public void after(ModelCall call, Outcome<ChatResponse> outcome) {
            call.recordCost(Cost.usd("0.05"));
          }
        };
    AgentOps ops =
        AgentOps.with(CachingInterceptor.of(cache(false)), pricing).listener(events::add).build();
    FakeStreamingChatModel fake = FakeStreamingChatModel.drivenByHand();
    FakeStreamingChatModel.Handle upstream = new FakeStreamingChatModel.Handle();
    StreamingChatModel model = ops.wrap(fake);
    RecordingHandler follower = new RecordingHandler();
    AtomicReference<StreamingHandle> handle = new AtomicReference<>();
    try (Scope ignored = ops.scope(Attributes.of("user.id", "alice"))) {
      ops.aiServices(StreamingAssistant.class)
          .streamingChatModel(model)
          .build()
          .chat("q")
          .onPartialResponseWithContext((part, context) -> handle.set(context.streamingHandle()))
          .ignoreErrors()
          .start();
      model.chat(fake.requests().get(0), follower);
    }
    fake.chunk("Hel", upstream);
    handle.get().cancel();
    assertThat(runs()).isEmpty();
    fake.handler().onCompleteResponse(FakeChatModel.response("Hello"));
    assertThat(runs()).hasSize(1);
    assertThat(runs().get(0).status()).isEqualTo(CallStatus.CANCELLED);
    assertThat(runs().get(0).cost()).isEqualTo(Cost.usd("0.05"));
    assertThat(fake.requests()).hasSize(1);
  }

  private ChatResponse answer(ChatRequest request) {
    boolean done =
        request.messages().get(request.messages().size() - 1) instanceof ToolExecutionResultMessage;
    ToolExecutionRequest tool =
        ToolExecutionRequest.builder()
            .id("call-" + ids.incrementAndGet())
            .name("add")
            .arguments("{}")
            .build();
    return done
        ? FakeChatModel.response("the sum is 7")
        : FakeChatModel.response(AiMessage.from(List.of(tool)), FinishReason.TOOL_EXECUTION);
  }

  private static ResponseCache cache(boolean toolCalls) {
    ResponseCache.Builder builder = ResponseCache.builder();
    return toolCalls ? builder.cacheToolCalls().build() : builder.build();
  }

  private AgentOps ops(ResponseCache cache) {
    return AgentOps.with(CachingInterceptor.of(cache)).listener(events::add).build();
  }

  private List<AgentCallEvent> runs() {
    return events.stream()
        .filter(AgentCallEvent.class::isInstance)
        .map(AgentCallEvent.class::cast)
        .toList();
  }

  private List<ModelCallEvent> calls() {
    return events.stream()
        .filter(ModelCallEvent.class::isInstance)
        .map(ModelCallEvent.class::cast)
        .toList();
  }

  private final class Calculator {

    @Tool
    int add() {
      added.incrementAndGet();
      return 7;
    }
  }
}
