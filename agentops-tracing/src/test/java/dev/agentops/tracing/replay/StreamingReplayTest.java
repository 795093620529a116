package dev.agentops.tracing.replay;

import static dev.agentops.tracing.replay.Weather.TOOLS;
import static dev.agentops.tracing.replay.Weather.asking;
import static dev.agentops.tracing.replay.Weather.call;
import static dev.agentops.tracing.replay.Weather.record;
import static dev.agentops.tracing.replay.Weather.results;
import static dev.agentops.tracing.replay.Weather.saying;
import static dev.agentops.tracing.replay.Weather.tools;
import static dev.agentops.tracing.replay.Weather.wrapped;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.testing.FakeChatModel;
import dev.agentops.tracing.SpanStatus;
import dev.agentops.tracing.Trace;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.tool.ToolExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamingReplayTest {

  interface Assistant {
    TokenStream chat(String message);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void replay_streamedRun_givesTheSameAnswer(boolean concurrently) throws Exception {
    Trace trace =
        record(
            "turn",
            ops ->
                assertThat(chat(ops.wrap(weather()), wrapped(ops, tools()), concurrently, "Oslo?"))
                    .isEqualTo("sunny in Oslo and noon in Oslo"));
    Replay replay = Replay.of(trace);

    String answer = chat(replay.streamingChatModel(), replay.tools(TOOLS), concurrently, "Oslo?");

    assertThat(answer).isEqualTo("sunny in Oslo and noon in Oslo");
    replay.verifyFinished();
  }

  @Test
  void stream_ofAWholeAnswer_comesWordByWordOnTheCallersThread() {
    ChatResponse answer =
        ChatResponse.builder()
            .aiMessage(
                AiMessage.builder()
                    .thinking("hm, well")
                    .text("two  words\n and one")
                    .toolExecutionRequests(List.of(call("1", "weather", "Oslo")))
                    .build())
            .finishReason(FinishReason.TOOL_EXECUTION)
            .build();
    Trace trace =
        record("turn", ops -> ops.wrap(FakeChatModel.answering(any -> answer)).chat("go"));
    Callbacks callbacks = new Callbacks();

    Replay.of(trace).streamingChatModel().chat("go", callbacks);

    assertThat(callbacks.heard)
        .containsExactly(
            "thinking hm, ",
            "thinking well",
            "text two  ",
            "text words\n ",
            "text and ",
            "text one",
            "tool 0 1",
            "complete");
    assertThat(callbacks.threads).containsOnly(Thread.currentThread());
  }

  @Test
  void changedPrompt_isToldToTheHandler() {
    Trace trace = record("turn", ops -> ops.wrap(FakeChatModel.saying("hi")).chat("hello"));
    Callbacks callbacks = new Callbacks();

    Replay.of(trace).streamingChatModel().chat("bye", callbacks);

    assertThat(callbacks.heard).containsExactly("error");
    assertThat(callbacks.error)
        .isInstanceOf(ReplayDivergenceException.class)
        .hasMessageContaining("recorded \"hello\", came \"bye\"");
  }

  @Test
  void streamThatBroke_breaksAgainAfterWhatHadArrived() {
    Trace trace =
        record(
            "turn",
            ops ->
                ops.wrap(
                        streaming(
                            (request, handler) -> {
                              handler.onPartialResponse("half an ");
                              handler.onPartialResponse("answ");
                              handler.onError(new IllegalStateException("connection reset"));
                            }))
                    .chat("go", new Callbacks()));
    Callbacks callbacks = new Callbacks();

    Replay.of(trace).streamingChatModel().chat("go", callbacks);

    assertThat(callbacks.heard).containsExactly("text half ", "text an ", "text answ", "error");
    assertThat(callbacks.error)
        .isInstanceOf(RecordedErrorException.class)
        .hasMessage("connection reset");
  }

  @Test
  void streamThatWasCancelled_endsWhereTheHandlerCancelsAgain() {
    Replay replay = Replay.of(cancelled());
    Callbacks callbacks = new Callbacks();
    callbacks.cancelAfter = "one two ";

    replay.streamingChatModel().chat("go", callbacks);

    assertThat(callbacks.heard).containsExactly("text one ", "text two ");
    replay.verifyFinished();
  }

  @Test
  void streamThatWasCancelled_isADivergence_whereTheHandlerDoesNot() {
    Trace trace = cancelled();
    Replay replay = Replay.of(trace);
    Callbacks callbacks = new Callbacks();

    replay.streamingChatModel().chat("go", callbacks);

    assertThat(callbacks.heard).containsExactly("text one ", "text two ", "error");
    assertThat(callbacks.error).hasMessageContaining("recorded a stream that the caller cancelled");
    assertThatThrownBy(() -> Replay.of(trace).chatModel().chat("go"))
        .isInstanceOfSatisfying(
            RecordedErrorException.class,
            error -> assertThat(error.status()).isEqualTo(SpanStatus.CANCELLED));
  }

  @Test
  void handlerThatCancelsAWholeStream_isADivergence() {
    Replay replay =
        Replay.of(record("turn", ops -> ops.wrap(FakeChatModel.saying("a b c")).chat("go")));
    Callbacks callbacks = new Callbacks();
    callbacks.cancelAfter = "a ";

    replay.streamingChatModel().chat("go", callbacks);

    assertThat(callbacks.heard).containsExactly("text a ");
    assertThat(replay.divergence().orElseThrow().actual()).contains("cancelled");
  }

  @Test
  void forkAt_streamsTheLiveModel() throws Exception {
    Trace trace = Weather.record("Oslo?");
    StreamingChatModel live =
        streaming((request, handler) -> handler.onCompleteResponse(saying("live")));
    Replay replay = Replay.builder(trace).forkAt(2, live).build();

    assertThat(chat(replay.streamingChatModel(), replay.tools(TOOLS), false, "Oslo?"))
        .isEqualTo("live");

    replay.verifyFinished();
  }

  @Test
  void forkAt_withoutALiveModelOfTheKind_saysSo() {
    Trace trace = record("turn", ops -> ops.wrap(FakeChatModel.saying("hi")).chat("hello"));
    Replay replay = Replay.builder(trace).forkAt(0, FakeChatModel.saying("live")).build();
    Callbacks callbacks = new Callbacks();

    replay.streamingChatModel().chat("hello", callbacks);

    assertThat(callbacks.error).hasMessageContaining("no live StreamingChatModel");
  }

  /** A replay can be recorded as any model can: this one cancels it half way. */
  private static Trace cancelled() {
    Trace whole =
        record("whole", ops -> ops.wrap(FakeChatModel.saying("one two three")).chat("go"));
    Callbacks callbacks = new Callbacks();
    callbacks.cancelAfter = "one two ";
    return record(
        "cancelled", ops -> ops.wrap(Replay.of(whole).streamingChatModel()).chat("go", callbacks));
  }

  private static String chat(
      StreamingChatModel model,
      Map<ToolSpecification, ToolExecutor> tools,
      boolean concurrently,
      String question) {
    AiServices<Assistant> builder =
        AiServices.builder(Assistant.class).streamingChatModel(model).tools(tools);
    Assistant assistant = (concurrently ? builder.executeToolsConcurrently() : builder).build();
    CompletableFuture<ChatResponse> end = new CompletableFuture<>();
    assistant
        .chat(question)
        .onPartialResponse(text -> {})
        .onCompleteResponse(end::complete)
        .onError(end::completeExceptionally)
        .start();
    return end.orTimeout(30, TimeUnit.SECONDS).join().aiMessage().text();
  }

  /** Asks for both tools at once, and streams their results, on a thread of its own. */
  private static StreamingChatModel weather() {
    return streaming(
        (request, handler) -> {
          Thread thread = new Thread(() -> answer(request, handler), "http");
          thread.setDaemon(true);
          thread.start();
        });
  }

  private static void answer(ChatRequest request, StreamingChatResponseHandler handler) {
    List<String> results = results(request);
    ChatResponse response =
        results.isEmpty()
            ? asking(call("call-1", "weather", "Oslo"), call("call-2", "time", "Oslo"))
            : saying(String.join(" and ", results));
    if (response.aiMessage().text() != null) {
      handler.onPartialResponse(response.aiMessage().text());
    }
    for (int i = 0; i < response.aiMessage().toolExecutionRequests().size(); i++) {
      handler.onCompleteToolCall(
          new CompleteToolCall(i, response.aiMessage().toolExecutionRequests().get(i)));
    }
    handler.onCompleteResponse(response);
  }

  private static StreamingChatModel streaming(
      BiConsumer<ChatRequest, StreamingChatResponseHandler> script) {
    return new StreamingChatModel() {
      @Override
      public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        script.accept(request, handler);
      }
    };
  }

  private static final class Callbacks implements StreamingChatResponseHandler {

    private final List<String> heard = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private String cancelAfter;
    private Throwable error;

    @Override
    public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
      hear("text " + partial.text());
      text.append(partial.text());
      if (text.toString().equals(cancelAfter)) {
        context.streamingHandle().cancel();
      }
    }

    @Override
    public void onPartialThinking(PartialThinking partial) {
      hear("thinking " + partial.text());
    }

    @Override
    public void onCompleteToolCall(CompleteToolCall complete) {
      hear("tool " + complete.index() + ' ' + complete.toolExecutionRequest().id());
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      hear("complete");
    }

    @Override
    public void onError(Throwable thrown) {
      hear("error");
      error = thrown;
    }

    private void hear(String what) {
      heard.add(what);
      threads.add(Thread.currentThread());
    }
  }
}
