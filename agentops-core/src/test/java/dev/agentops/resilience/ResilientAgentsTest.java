package dev.agentops.resilience;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.event.AgentCallEvent;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.ToolCallEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.TokenStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Agents with tools over models that fail: each attempt is a call of the run, which ends once. */
@Timeout(60)
class ResilientAgentsTest {

  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final AgentOps ops = AgentOps.with().listener(events::add).build();
  private final AtomicInteger failures = new AtomicInteger();
  private final Resilience resilience =
      Resilience.builder()
          .deadline(Duration.ofSeconds(30))
          .retry(
              Retry.builder()
                  .backoff(Duration.ofNanos(1), Duration.ofMillis(1))
                  .maxAttempts(2)
                  .build())
          .build();

  interface Assistant {
    String chat(String message);
  }

  interface Streaming {
    TokenStream chat(String message);
  }

  static class Adder {
    @Tool("adds two numbers") // without parameters, the names of which not every compiler keeps
    int add() {
      return 5;
    }
  }

  @Test
  void chat_eachRoundFailsOnce_theRunGoesOn() {
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(resilience.wrap(ops.wrap(FakeChatModel.answering(this::everyOtherFails))))
            .tools(new Adder())
            .build();

    assertThat(assistant.chat("2 and 3?")).isEqualTo("5");
    theRunOf(4, CallStatus.OK);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stream_eachRoundFailsOnce_theRunGoesOn(boolean concurrently) throws Exception {
    Streaming assistant = streaming(concurrently, request -> everyOtherFails(request));

    assertThat(start(assistant).get(30, SECONDS)).isEqualTo("5");
    await().until(() -> events.stream().anyMatch(AgentCallEvent.class::isInstance));
    theRunOf(4, CallStatus.OK);
  }

  @Test
  void stream_allAttemptsFail_theRunEndsWithTheError() {
    Streaming assistant =
        streaming(
            false,
            request -> {
              throw new RateLimitException("slow down");
            });

    assertThatThrownBy(() -> start(assistant).get(30, SECONDS))
        .hasRootCauseInstanceOf(RateLimitException.class);
    await().until(() -> events.stream().anyMatch(AgentCallEvent.class::isInstance));
    theEnd(2, CallStatus.ERROR);
  }

  @Test
  void stream_failsForGoodInTheSecondRound_theRunEndsWithTheError() {
    Streaming assistant =
        streaming(
            false,
            request -> {
              if (asksForTheTool(request)) {
                return answer(request);
              }
              throw new InvalidRequestException("what?");
            });

    assertThatThrownBy(() -> start(assistant).get(30, SECONDS))
        .hasRootCauseInstanceOf(InvalidRequestException.class);
    await().until(() -> events.stream().anyMatch(AgentCallEvent.class::isInstance));
    theEnd(2, CallStatus.ERROR);
  }

  @Test
  void aiServices_decoratorOfUnwrappedModels_isOneCall() {
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .chatModel(resilience.wrap(FakeChatModel.saying("hi")))
            .build();

    assertThat(assistant.chat("hello")).isEqualTo("hi");
    theEnd(1, CallStatus.OK);
  }

  @Test
  void wrap_decoratorOfWrappedModels_isLeftAlone() {
    var model = resilience.wrap(ops.wrap(FakeChatModel.saying("hi")));

    assertThat(ops.wrap(model)).isSameAs(model);
    assertThat(AgentOps.with().build().wrap(model)).isNotSameAs(model);
    assertThatThrownBy(
            () ->
                ops.wrap(
                    resilience.wrap(
                        ops.wrap(FakeChatModel.saying("hi")), FakeChatModel.saying("ho"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 of 2");
  }

  private void theRunOf(int modelCalls, CallStatus status) {
    theEnd(modelCalls, status);
    assertThat(events).filteredOn(ToolCallEvent.class::isInstance).hasSize(1);
    assertThat(events)
        .filteredOn(ModelCallEvent.class::isInstance)
        .map(call -> ((ModelCallEvent) call).status())
        .containsExactly(CallStatus.ERROR, CallStatus.OK, CallStatus.ERROR, CallStatus.OK);
  }

  private void theEnd(int modelCalls, CallStatus status) {
    assertThat(events).filteredOn(ModelCallEvent.class::isInstance).hasSize(modelCalls);
    assertThat(events)
        .filteredOn(AgentCallEvent.class::isInstance)
        .singleElement()
        .satisfies(
            run -> {
              assertThat(((AgentCallEvent) run).status()).isEqualTo(status);
              assertThat(((AgentCallEvent) run).modelCalls()).isEqualTo(modelCalls);
            });
    assertThat(ops.faults()).isZero();
  }

  private Streaming streaming(boolean concurrently, Function<ChatRequest, ChatResponse> answers) {
    FakeStreamingChatModel fake =
        FakeStreamingChatModel.scripted(
            (request, handler) -> {
              Thread http =
                  new Thread(
                      () -> {
                        ChatResponse response;
                        try {
                          response = answers.apply(request);
                        } catch (RuntimeException e) {
                          handler.onError(e);
                          return;
                        }
                        List<ToolExecutionRequest> tools =
                            response.aiMessage().toolExecutionRequests();
                        for (int i = 0; i < tools.size(); i++) {
                          handler.onCompleteToolCall(new CompleteToolCall(i, tools.get(i)));
                        }
                        handler.onCompleteResponse(response);
                      },
                      "http");
              http.setDaemon(true);
              http.start();
            });
    var builder =
        ops.aiServices(Streaming.class)
            .streamingChatModel(resilience.wrap(ops.wrap(fake)))
            .tools(new Adder());
    return (concurrently ? builder.executeToolsConcurrently() : builder).build();
  }

  private static CompletableFuture<String> start(Streaming assistant) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    assistant
        .chat("2 and 3?")
        .onPartialResponse(part -> {})
        .onCompleteResponse(response -> answer.complete(response.aiMessage().text()))
        .onError(answer::completeExceptionally)
        .start();
    return answer;
  }

  private ChatResponse everyOtherFails(ChatRequest request) {
    if (failures.getAndIncrement() % 2 == 0) {
      throw new InternalServerException("broken");
    }
    return answer(request);
  }

  private static ChatResponse answer(ChatRequest request) {
    return asksForTheTool(request)
        ? FakeChatModel.response(
            AiMessage.from(
                ToolExecutionRequest.builder()
                    .id("1")
                    .name("add")
                    .arguments("{\"arg0\": 2, \"arg1\": 3}")
                    .build()),
            FinishReason.TOOL_EXECUTION)
        : FakeChatModel.response("5");
  }

  private static boolean asksForTheTool(ChatRequest request) {
    return request.messages().stream().noneMatch(ToolExecutionResultMessage.class::isInstance);
  }
}
