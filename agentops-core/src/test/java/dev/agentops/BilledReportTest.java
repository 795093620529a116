package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BilledReportTest {

  /** One message of four tokens and one of two words. */
  private static final ChatRequest REQUEST =
      ChatRequest.builder().messages(UserMessage.from("tell me")).build();

  private final BilledReports billed = new BilledReports();
  private final List<OpsEvent> events = new ArrayList<>();
  private final AgentOps ops =
      AgentOps.with(billed).tokenCounter(BilledReportTest::words).listener(events::add).build();
  private final FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
  private final FakeStreamingChatModel.Handle handle = new FakeStreamingChatModel.Handle();
  private final RecordingHandler handler = new RecordingHandler();

  @Test
  void usageTold_isTheReport() {
    ops.wrap(FakeChatModel.saying("hi")).chat(REQUEST);

    assertThat(billed.only())
        .isEqualTo(
            UsageReport.builder()
                .usage(Usage.of(10, 5))
                .model(FakeChatModel.MODEL + "-2026-01-01")
                .build());
  }

  @Test
  void noUsageTold_isCountedFromTheRequestAndTheAnswer() {
    AiMessage answer =
        AiMessage.builder()
            .text("one two three")
            .thinking("hm hm")
            .toolExecutionRequests(
                List.of(ToolExecutionRequest.builder().name("look").arguments("{} {}").build()))
            .build();

    ops.wrap(answering(answer, null)).chat(REQUEST);

    assertThat(billed.only()).isEqualTo(counted(4 + 2, 3 + 2 + 1 + 2));
  }

  @Test
  void outputUntold_isCountedAndTheInputKept() {
    ops.wrap(answering(AiMessage.from("one two three"), new TokenUsage(77, null))).chat(REQUEST);

    assertThat(billed.only())
        .isEqualTo(
            UsageReport.builder()
                .usage(Usage.of(77, 3))
                .model("answered")
                .gap(UsageGap.OUTPUT)
                .build());
  }

  @Test
  void cancelledStream_isCountedFromAllThatWasDelivered() {
    ops.wrap(model).chat(REQUEST, handler);
    model.handler().onPartialThinking(new PartialThinking("let me"));
    model.handler().onPartialThinking(new PartialThinking(" think"));
    model.chunk("Once upon ", handle);
    model.handler().onPartialToolCall(tool(0, "look", "{a "));
    model.handler().onPartialToolCall(tool(0, "look", "b}"));
    model.handler().onCompleteToolCall(whole(0, "look", "{a b}"));
    model.handler().onCompleteToolCall(whole(1, "find", "{c d}"));

    Objects.requireNonNull(handler.handle()).cancel();

    int toolCalls = words(null, "look{a b}find{c d}");
    assertThat(billed.only()).isEqualTo(counted(4 + 2, 3 + 2 + toolCalls));
    assertThat(((ModelCallEvent) events.get(0)).usage()).isEmpty();
  }

  @Test
  void brokenStream_ofThinkingOnly_isCounted() {
    ops.wrap(model).chat(REQUEST, handler);
    model.handler().onPartialThinking(new PartialThinking("let me think"));

    model.handler().onError(new IllegalStateException("broken pipe"));

    assertThat(billed.only()).isEqualTo(counted(4 + 2, 3));
  }

  @Test
  void longBrokenStream_isKeptInPartAndCountedWhole() {
    ops.wrap(model).chat(REQUEST, handler);
    String chunk = "x".repeat(100_000);
    for (int i = 0; i < 10; i++) {
      model.handler().onPartialThinking(new PartialThinking(chunk));
    }

    model.handler().onError(new IllegalStateException("broken pipe"));

    long beyond = 10 * 100_000 - StreamedParts.MAXIMUM_LENGTH;
    assertThat(Objects.requireNonNull(billed.only()).usage().outputTokens())
        .isBetween(1 + beyond / 4, 1 + beyond / 4 + 10);
  }

  @Test
  void failedWithoutAWord_isNothing() {
    ops.wrap(model).chat(REQUEST, handler);

    model.handler().onError(new IllegalStateException("503"));

    assertThat(billed.only()).isNull();
  }

  @Test
  void cachedAnswer_isNotBilledAndTellsWhatItSaved() {
    List<UsageReport> saved = new ArrayList<>();
    List<UsageReport> billedOfHit = new ArrayList<>();
    ChatInterceptor cache =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            call.markCached();
            return FakeChatModel.response("kept");
          }

          @Override
          public void after(ModelCall call, Outcome<ChatResponse> outcome) {
            billedOfHit.add(call.billedReport(outcome));
            saved.add(call.savedReport());
          }
        };

    AgentOps.with(cache).listener(events::add).build().wrap(model).chat(REQUEST, handler);

    ModelCallEvent event = (ModelCallEvent) events.get(0);
    assertThat(event.usage()).isEmpty();
    assertThat(event.savedUsage()).contains(Usage.of(10, 5));
    assertThat(billedOfHit).containsExactly((UsageReport) null);
    assertThat(saved)
        .containsExactly(
            UsageReport.builder()
                .usage(Usage.of(10, 5))
                .model(FakeChatModel.MODEL + "-2026-01-01")
                .build());
  }

  @Test
  void answerOfAnotherInterceptor_savesNothing() {
    ChatInterceptor canned =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            return FakeChatModel.response("canned");
          }

          @Override
          public void after(ModelCall call, Outcome<ChatResponse> outcome) {}
        };

    AgentOps.with(canned).listener(events::add).build().wrap(model).chat(REQUEST, handler);

    assertThat(((ModelCallEvent) events.get(0)).savedUsage()).isEmpty();
  }

  @Test
  void billedReport_longTexts_showTheTokenizerTheBeginningAndExtrapolate() {
    List<Integer> shown = new ArrayList<>();
    AgentOps counting =
        AgentOps.with(billed)
            .tokenCounter(
                (name, text) -> {
                  shown.add(text.length());
                  return text.length() / 2;
                })
            .build();
    EmbeddingModel model =
        new EmbeddingModel() {
          @Override
          public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
            return Response.from(List.of());
          }
        };

    counting
        .wrap(model)
        .embedAll(
            List.of(
                TextSegment.from("x".repeat(150_000)),
                TextSegment.from("y".repeat(150_000)),
                TextSegment.from("z".repeat(1_000_000))));

    assertThat(Objects.requireNonNull(billed.only()).usage().inputTokens()).isEqualTo(650_000);
    assertThat(shown).containsExactly(150_000, 50_000, 150_000, 50_000); // it is asked twice
  }

  @Test
  void counterThatFails_isAFaultAndTheLengthIsTaken() {
    AgentOps failing =
        AgentOps.with(billed)
            .tokenCounter(
                (name, text) -> {
                  throw new IllegalStateException("no table");
                })
            .build();

    failing.wrap(answering(AiMessage.from("12345678"), null)).chat(REQUEST);

    assertThat(billed.only()).isEqualTo(counted(4 + 2, 2));
    assertThat(failing.faults()).isEqualTo(2);
  }

  @Test
  void counterThatCountsBelowZero_isAFaultAndTheLengthIsTaken() {
    AgentOps failing = AgentOps.with(billed).tokenCounter((name, text) -> -1).build();

    failing.wrap(answering(AiMessage.from("12345678"), null)).chat(REQUEST);

    assertThat(billed.only()).isEqualTo(counted(4 + 2, 2));
    assertThat(failing.faults()).isEqualTo(2);
  }

  @Test
  void embedding_withoutUsage_isCounted() {
    ops.wrap(embedding(null)).embedAll(List.of(TextSegment.from("one two"), TextSegment.from("x")));

    assertThat(billed.only())
        .isEqualTo(UsageReport.builder().usage(Usage.of(3, 0)).gap(UsageGap.INPUT).build());
  }

  @Test
  void embedding_withUsage_isTheReport() {
    ops.wrap(embedding(new TokenUsage(7))).embedAll(List.of(TextSegment.from("one two")));

    assertThat(billed.only()).isNotNull();
    assertThat(billed.only().usage()).isEqualTo(Usage.of(7, 0));
    assertThat(billed.only().gaps()).isEmpty();
  }

  private static UsageReport counted(long input, long output) {
    return UsageReport.builder()
        .usage(Usage.of(input, output))
        .gap(UsageGap.INPUT)
        .gap(UsageGap.OUTPUT)
        .build();
  }

  private static int words(@Nullable String model, String text) {
    return text.strip().split("\\s+").length;
  }

  private static PartialToolCall tool(int index, String name, String arguments) {
    return PartialToolCall.builder()
        .index(index)
        .id("id")
        .name(name)
        .partialArguments(arguments)
        .build();
  }

  private static CompleteToolCall whole(int index, String name, String arguments) {
    return new CompleteToolCall(
        index, ToolExecutionRequest.builder().id("id").name(name).arguments(arguments).build());
  }

  private static FakeChatModel answering(AiMessage answer, @Nullable TokenUsage tokens) {
    return FakeChatModel.answering(
        request ->
            ChatResponse.builder()
                .aiMessage(answer)
                .modelName("answered")
                .tokenUsage(tokens)
                .build());
  }

  private static EmbeddingModel embedding(@Nullable TokenUsage tokens) {
    return new EmbeddingModel() {
      @Override
      public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
        return Response.from(
            segments.stream().map(segment -> Embedding.from(new float[] {1})).toList(), tokens);
      }
    };
  }
}
