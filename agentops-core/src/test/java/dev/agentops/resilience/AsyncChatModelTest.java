package dev.agentops.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.http.AgentHttpClient;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AsyncChatModelTest {

  private static final ChatRequest REQUEST =
      ChatRequest.builder().messages(UserMessage.from("hello")).build();

  private final TestClock clock = TestClock.create();

  @Test
  void chatAsync_answers_inTheContextOfTheCaller() throws Exception {
    ChatModel model =
        FakeChatModel.answering(
            request ->
                FakeChatModel.response("team " + Context.current().attributes().text("team")));
    try (AsyncChatModel async = AsyncChatModel.of(model);
        Scope ignored = Context.root().with(Attributes.of("team", "search")).makeCurrent()) {
      assertThat(async.chatAsync("hello").get().aiMessage().text()).isEqualTo("team search");
      assertThat(async.chatAsync("hello", Duration.ofMinutes(1)).get().aiMessage().text())
          .isEqualTo("team search");
    }
  }

  @Test
  void chatAsync_streamingModel_answersWithTheWhole() throws Exception {
    try (AsyncChatModel async = AsyncChatModel.of(FakeStreamingChatModel.saying("one two"))) {
      assertThat(async.chatAsync(REQUEST).get().aiMessage().text()).isEqualTo("one two");
    }
  }

  @Test
  void chatAsync_modelThatThrows_failsTheFuture() {
    IllegalStateException error = new IllegalStateException("no model");
    try (AsyncChatModel async = AsyncChatModel.of(FakeChatModel.throwing(error));
        AsyncChatModel streaming =
            AsyncChatModel.of(
                FakeStreamingChatModel.scripted((request, handler) -> handler.onError(error)))) {
      assertThatThrownBy(() -> async.chatAsync(REQUEST).get()).hasCause(error);
      assertThatThrownBy(() -> streaming.chatAsync(REQUEST).get()).hasCause(error);
    }
  }

  @Test
  void cancel_beforeTheFirstToken_closesTheConnection_andTheClientDoesNotAskAgain()
      throws Exception {
    try (SilentServer server = SilentServer.start();
        AsyncChatModel async = AsyncChatModel.of(AgentOps.with().build().wrap(openAi(server)))) {
      CompletableFuture<ChatResponse> answer = async.chatAsync(REQUEST);
      await().until(() -> server.asked() == 1);
      answer.thenApply(ChatResponse::aiMessage).cancel(true);

      await().until(() -> server.closedByClient() == 1);
      await().until(() -> async.stats().running() == 0);
      assertThat(answer).isCancelled();
      assertThat(server.asked()).isEqualTo(1);
    }
  }

  @Test
  void timeout_beforeTheFirstToken_closesTheConnection() throws Exception {
    try (SilentServer server = SilentServer.start();
        AsyncChatModel async = AsyncChatModel.builder(openAi(server)).clock(clock).build()) {
      CompletableFuture<ChatResponse> answer = async.chatAsync(REQUEST, Duration.ofSeconds(20));
      await().until(() -> server.asked() == 1);
      clock.advance(Duration.ofSeconds(20));

      assertThatThrownBy(answer::get).hasCauseInstanceOf(TimeoutException.class);
      await().until(() -> server.closedByClient() == 1);
      await().until(() -> async.stats().running() == 0);
      assertThat(server.asked()).isEqualTo(1);
    }
  }

  @Test
  void orTimeout_abortsTheCall() throws Exception {
    try (SilentServer server = SilentServer.start();
        AsyncChatModel async = AsyncChatModel.of(openAi(server))) {
      CompletableFuture<ChatResponse> answer =
          async.chatAsync(REQUEST).orTimeout(500, TimeUnit.MILLISECONDS);

      assertThatThrownBy(answer::get).hasCauseInstanceOf(TimeoutException.class);
      await().until(() -> server.closedByClient() == server.asked());
      await().until(() -> async.stats().running() == 0);
    }
  }

  @Test
  void cancel_ofAStream_closesTheConnection() throws Exception {
    try (SilentServer server = SilentServer.streaming("once upon");
        AsyncChatModel async =
            AsyncChatModel.of(
                AgentOps.with()
                    .build()
                    .wrap(
                        OpenAiStreamingChatModel.builder()
                            .baseUrl(server.baseUrl())
                            .modelName("m")
                            .build()))) {
      CompletableFuture<ChatResponse> answer = async.chatAsync(REQUEST);
      await().until(() -> server.asked() == 1);
      answer.cancel(true);

      await().until(() -> server.closedByClient() == 1);
      assertThat(answer).isCancelled();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void cancel_ofAStreamBeforeItsFirstToken_closesTheConnection_whereTheClientCan(boolean wrapped)
      throws Exception {
    try (SilentServer server = SilentServer.start()) {
      StreamingChatModel bare =
          OpenAiStreamingChatModel.builder()
              .httpClientBuilder(AgentHttpClient.builder())
              .baseUrl(server.baseUrl())
              .modelName("m")
              .build();
      try (AsyncChatModel async =
          AsyncChatModel.of(wrapped ? AgentOps.with().build().wrap(bare) : bare)) {
        CompletableFuture<ChatResponse> answer = async.chatAsync(REQUEST);
        await().until(() -> server.asked() == 1);
        answer.cancel(true);

        await().until(() -> server.closedByClient() == 1);
        await().until(() -> async.stats().running() == 0);
      }
    }
  }

  @Test
  void cancel_endsTheCallsEventAsCancelled() throws Exception {
    List<OpsEvent> events = new CopyOnWriteArrayList<>();
    try (SilentServer server = SilentServer.start();
        AsyncChatModel async =
            AsyncChatModel.of(
                AgentOps.with()
                    .listener(events::add)
                    .build()
                    .wrap(
                        OpenAiChatModel.builder()
                            .httpClientBuilder(AgentHttpClient.builder())
                            .baseUrl(server.baseUrl())
                            .modelName("m")
                            .build()))) {
      CompletableFuture<ChatResponse> answer = async.chatAsync(REQUEST);
      await().until(() -> server.asked() == 1);
      answer.cancel(true);

      await().until(() -> !events.isEmpty());
      assertThat(((ModelCallEvent) events.get(0)).status()).isEqualTo(CallStatus.CANCELLED);
    }
  }

  @Test
  void cancel_ofAStreamBeforeItsFirstChunk_cancelsItWithThat() {
    FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
    FakeStreamingChatModel.Handle handle = new FakeStreamingChatModel.Handle();
    try (AsyncChatModel async = AsyncChatModel.of(model)) {
      CompletableFuture<ChatResponse> answer = async.chatAsync(REQUEST);
      await().until(() -> model.requests().size() == 1);
      answer.cancel(true);
      await().until(() -> async.stats().running() == 0);

      model.chunk("too late", handle);

      assertThat(handle.isCancelled()).isTrue();
    }
  }

  @Test
  void chatAsync_asManyAsAllowedRunAndWait_failsWithQueueFull() throws Exception {
    Gate gate = new Gate();
    ChatModel model =
        FakeChatModel.answering(
            request -> {
              try {
                gate.pass();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return FakeChatModel.response("done");
            });
    try (AsyncChatModel async = AsyncChatModel.builder(model).concurrency(1).capacity(1).build()) {
      CompletableFuture<ChatResponse> running = async.chatAsync(REQUEST);
      gate.awaitVisitor();
      CompletableFuture<ChatResponse> waiting = async.chatAsync(REQUEST);

      assertThatThrownBy(() -> async.chatAsync(REQUEST).get())
          .hasCauseInstanceOf(QueueFullException.class);
      gate.open();
      assertThat(running.get()).isNotNull();
      assertThat(waiting.get()).isNotNull();
    }
  }

  @Test
  void deadline_ofTheCaller_isSeenByTheCall() throws Exception {
    ChatModel model =
        FakeChatModel.answering(
            request -> {
              Deadline deadline = Deadline.current();
              return FakeChatModel.response(
                  deadline == null ? "none" : deadline.remaining().toString());
            });
    try (AsyncChatModel async = AsyncChatModel.builder(model).clock(clock).build();
        Scope ignored = Deadline.after(Duration.ofSeconds(5), clock).open()) {
      assertThat(async.chatAsync(REQUEST, Duration.ofSeconds(3)).get().aiMessage().text())
          .isEqualTo("PT3S");
      assertThat(async.chatAsync(REQUEST, Duration.ofSeconds(9)).get().aiMessage().text())
          .isEqualTo("PT5S");
    }
  }

  /** With the retries that LangChain4j has by default. */
  private static ChatModel openAi(SilentServer server) {
    return OpenAiChatModel.builder().baseUrl(server.baseUrl()).modelName("m").build();
  }
}
