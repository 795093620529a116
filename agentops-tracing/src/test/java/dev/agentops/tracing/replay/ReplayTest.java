package dev.agentops.tracing.replay;

import static dev.agentops.tracing.replay.Weather.TOOLS;
import static dev.agentops.tracing.replay.Weather.asking;
import static dev.agentops.tracing.replay.Weather.assistant;
import static dev.agentops.tracing.replay.Weather.call;
import static dev.agentops.tracing.replay.Weather.record;
import static dev.agentops.tracing.replay.Weather.results;
import static dev.agentops.tracing.replay.Weather.saying;
import static dev.agentops.tracing.replay.Weather.tools;
import static dev.agentops.tracing.replay.Weather.wrapped;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentops.AgentOps;
import dev.agentops.CallRejectedException;
import dev.agentops.ChatInterceptor;
import dev.agentops.ModelCall;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.tracing.ContentCapture;
import dev.agentops.tracing.Detector;
import dev.agentops.tracing.Redactor;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanStatus;
import dev.agentops.tracing.Trace;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.MemoryId;
import dev.langchain4j.service.tool.ToolExecutionResult;
import dev.langchain4j.service.tool.ToolExecutor;
import dev.langchain4j.service.tool.ToolProviderResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real AI services of LangChain4j, recorded with a model and replayed without. */
class ReplayTest {

  private static final String ANSWER = "sunny in Oslo and noon in Oslo";

  @Test
  void replay_recordedRun_givesTheSameAnswerFromTheSameTools() {
    Trace recorded = record("Oslo?");
    Replay replay = Replay.of(recorded);

    Trace replayed =
        record(
            "again",
            ops ->
                assertThat(
                        assistant(ops.wrap(replay.chatModel()), wrapped(ops, replay.tools(TOOLS)))
                            .chat("Oslo?"))
                    .isEqualTo(ANSWER));

    replay.verifyFinished();
    assertThat(replay.divergence()).isEmpty();
    assertThat(replay.remaining()).isEmpty();
    TraceAssertions.assertThat(replayed).calledTools("weather", "time");
    assertThat(said(replayed)).isEqualTo(said(recorded));
  }

  @Test
  void chatModel_answers_asRecorded() {
    ChatModel model = Replay.of(record("Oslo?")).chatModel();

    ChatResponse response = model.chat(UserMessage.from("Oslo?"));

    ChatResponse original = asking(call("call-1", "weather", "Oslo"));
    assertThat(response.metadata()).isEqualTo(original.metadata());
    assertThat(response.aiMessage().thinking()).isEqualTo("I need weather");
    assertThat(response.aiMessage().toolExecutionRequests().get(0).id()).isEqualTo("call-1");
    assertThat(response.aiMessage().toolExecutionRequests().get(0).arguments())
        .isEqualTo("{\"arg0\":\"Oslo\"}"); // spaces aside
    assertThat(model.defaultRequestParameters().modelName()).isEqualTo("gpt-4");
  }

  @Test
  void replay_fromAFile_isThatOfTheTrace(@TempDir Path directory) {
    Path file = directory.resolve("runs/oslo.jsonl");
    TraceFile.write(file, record("Oslo?"));
    Replay replay = Replay.load(file, "turn");

    assertThat(assistant(replay.chatModel(), replay.tools(TOOLS)).chat("Oslo?")).isEqualTo(ANSWER);

    replay.verifyFinished();
    assertThatThrownBy(() -> Replay.load(file, "other"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'other'");
  }

  @Test
  void replay_toolProvider_givesRecordedResults() {
    Replay replay = Replay.of(record("Oslo?"));
    Map<ToolSpecification, ToolExecutor> forbidden = new LinkedHashMap<>();
    TOOLS.forEach(each -> forbidden.put(each, failing("must not run")));

    Weather.Assistant assistant =
        AiServices.builder(Weather.Assistant.class)
            .chatModel(replay.chatModel())
            .toolProvider(replay.tools(request -> new ToolProviderResult(forbidden)))
            .build();

    assertThat(assistant.chat("Oslo?")).isEqualTo(ANSWER);
    replay.verifyFinished();
  }

  @Test
  void changedPrompt_isNamed() {
    Replay replay = Replay.of(record("Is it sunny in Oslo?"));

    assertThatThrownBy(
            () -> assistant(replay.chatModel(), replay.tools(TOOLS)).chat("Is it rainy in Oslo?"))
        .isInstanceOf(ReplayDivergenceException.class)
        .hasMessage(
            "the replay has left the record at model call 0, message 0 (user), parts[0].content:"
                + " recorded \"Is it sunny in Oslo?\", came \"Is it rainy in Oslo?\"");
    assertThat(replay.divergence().orElseThrow().step()).isZero();
    assertThatThrownBy(replay::verifyFinished).isInstanceOf(ReplayDivergenceException.class);
  }

  @Test
  void changedToolResult_isNamedAtTheModelCallThatGotIt() {
    Replay replay = Replay.of(record("Oslo?"));
    Map<ToolSpecification, ToolExecutor> tools = new LinkedHashMap<>(replay.tools(TOOLS));
    tools.replaceAll(
        (tool, recorded) ->
            tool.name().equals("time") ? (request, memoryId) -> "midnight" : recorded);

    Throwable thrown =
        catchThrowableOfType(
            ReplayDivergenceException.class,
            () -> assistant(replay.chatModel(), tools).chat("Oslo?"));

    assertThat(thrown)
        .hasMessageContaining("model call 2, message 4 (tool), parts[0].response:")
        .hasMessageContaining("recorded \"noon in Oslo\", came \"midnight\"");
    assertThat(replay.divergence().orElseThrow().step()).isEqualTo(2);
  }

  @Test
  void changedToolArguments_areNamed_evenThoughTheAiServiceSwallowsWhatToolsThrow() {
    Replay replay = Replay.of(record("Oslo?"));
    ToolExecutor weather = replay.toolExecutor("weather");
    Map<ToolSpecification, ToolExecutor> tools = new LinkedHashMap<>(replay.tools(TOOLS));
    tools.replaceAll(
        (tool, recorded) ->
            tool.name().equals("weather")
                ? (request, memoryId) ->
                    weather.execute(
                        request.toBuilder().arguments("{\"arg0\":\"Bergen\"}").build(), memoryId)
                : recorded);

    assertThatThrownBy(() -> assistant(replay.chatModel(), tools).chat("Oslo?"))
        .isInstanceOf(ReplayDivergenceException.class)
        .hasMessageContaining(
            "tool call weather after model call 0, arguments, arg0: recorded \"Oslo\", came"
                + " \"Bergen\"");
  }

  @Test
  void toolThatWasNotRecorded_isNamed() {
    Replay replay = Replay.of(record("Oslo?"));

    assertThatThrownBy(() -> replay.toolExecutor("launch").execute(call("1", "launch", "x"), "m"))
        .isInstanceOf(ReplayDivergenceException.class)
        .hasMessageContaining("tool call launch")
        .hasMessageContaining("recorded no further call of it, but one of weather");
  }

  @Test
  void modelCallTooMany_isNamed() {
    Replay replay =
        Replay.of(record("turn", ops -> ops.wrap(FakeChatModel.saying("hi")).chat("hello")));
    assertThat(replay.chatModel().chat("hello")).isEqualTo("hi");

    assertThatThrownBy(() -> replay.chatModel().chat("hello"))
        .isInstanceOf(ReplayDivergenceException.class)
        .hasMessageContaining("model call 1: recorded no further model call");
  }

  @Test
  void messagesThatAreMissing_areNamed() {
    Trace trace =
        record(
            "turn",
            ops ->
                ops.wrap(FakeChatModel.saying("hi"))
                    .chat(UserMessage.from("one"), AiMessage.from("two"), UserMessage.from("x")));

    assertThatThrownBy(
            () -> Replay.of(trace).chatModel().chat(UserMessage.from("one"), AiMessage.from("two")))
        .isInstanceOf(ReplayDivergenceException.class)
        .hasMessageContaining("model call 0, message 2 (user): recorded {")
        .hasMessageEndingWith("came nothing");
  }

  @Test
  void verifyFinished_runThatEndedEarly_listsWhatDidNotCome() {
    Replay replay = Replay.of(record("Oslo?"));
    replay.toolExecutor("weather");
    replay.chatModel().chat("Oslo?");

    assertThat(replay.remaining())
        .extracting(Span::name)
        .containsExactly("execute_tool weather", "chat gpt-4", "chat gpt-4");
    assertThatThrownBy(replay::verifyFinished)
        .isInstanceOf(ReplayDivergenceException.class)
        .hasMessageContaining("3 more calls (tool call weather after model call 0, model call 1,");
  }

  @Test
  void lenient_changedPrompt_isAnsweredFromTheClosestCall() {
    Replay replay = Replay.builder(record("Oslo?")).lenient().build();

    assertThat(assistant(replay.chatModel(), replay.tools(TOOLS)).chat("And Oslo?"))
        .isEqualTo(ANSWER);

    assertThat(replay.divergence().orElseThrow().where()).startsWith("model call 0, message 0");
    assertThat(replay.remaining()).isEmpty();
  }

  @Test
  void normalise_whatDiffersFromRunToRun_isLeftOut() {
    Replay replay =
        Replay.builder(record("At 10:31, Oslo?"))
            .normalise(text -> text.replaceAll("\\d\\d:\\d\\d", "hh:mm"))
            .build();

    assertThat(assistant(replay.chatModel(), replay.tools(TOOLS)).chat("At 23:59, Oslo?"))
        .isEqualTo(ANSWER);
    replay.verifyFinished();
  }

  @Test
  void normalise_withTheRedactor_matchesWhatIsRedactedInTheRecord() {
    Redactor redactor =
        Redactor.builder().detectors(Detector.values()).pseudonyms(new byte[32]).build();
    String question = "Write to jane@example.com, card 4111111111111111";
    Trace recorded = recordWith(redactor, question);
    assertThat(String.valueOf(recorded.spans())).doesNotContain("jane@");

    assertThatThrownBy(() -> Replay.of(recorded).chatModel().chat(question))
        .isInstanceOf(ReplayDivergenceException.class);
    Replay replay = Replay.builder(recorded).normalise(redactor::redact).build();
    assertThat(assistant(replay.chatModel(), replay.tools(TOOLS)).chat(question)).isNotEmpty();
    replay.verifyFinished();
    Replay another = Replay.builder(recorded).normalise(redactor::redact).build();
    assertThatThrownBy(
            () -> another.chatModel().chat(question.replace("jane@example", "joe@example")))
        .isInstanceOf(ReplayDivergenceException.class);
  }

  /** A run in which the tools are asked for what the user has said. */
  private static Trace recordWith(Redactor redactor, String question) {
    try (Tracer tracer = Tracer.builder().redactor(redactor).build()) {
      AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
      ChatModel model =
          FakeChatModel.answering(
              request ->
                  results(request).isEmpty()
                      ? asking(call("call-1", "weather", "jane@example.com"))
                      : saying("sent to jane@example.com"));
      try (TraceContext span = tracer.startTrace("redacted", "weather", "invoke_agent")) {
        assistant(ops.wrap(model), wrapped(ops, tools())).chat(question);
      }
      return tracer.findTrace("redacted").orElseThrow();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void forkAt_liveModel_isAskedFromThatStepOn(int step) {
    FakeChatModel live = FakeChatModel.saying("live");
    Replay replay = Replay.builder(record("Oslo?")).forkAt(step, live).build();

    String answer = assistant(replay.chatModel(), replay.tools(TOOLS)).chat("Oslo?");

    assertThat(answer).isEqualTo(step < 3 ? "live" : ANSWER);
    assertThat(live.requests()).hasSize(step < 3 ? 1 : 0);
    if (step < 3) {
      assertThat(results(live.requests().get(0))).hasSize(step);
      assertThat(live.requests().get(0).parameters().modelName()).isEqualTo(FakeChatModel.MODEL);
    }
    replay.verifyFinished();
  }

  @Test
  void forkAt_liveTools_runAfterTheForkOnly() {
    FakeChatModel live =
        FakeChatModel.answering(
            request ->
                results(request).size() < 3
                    ? asking(call("live", "weather", "Oslo"))
                    : saying(String.join(", ", results(request))));
    AtomicInteger executed = new AtomicInteger();
    Map<String, ToolExecutor> liveTools =
        Map.of("weather", (request, memoryId) -> "rain " + executed.incrementAndGet());
    Replay replay = Replay.builder(record("Oslo?")).forkAt(1, live).liveTools(liveTools).build();

    String answer = assistant(replay.chatModel(), replay.tools(TOOLS)).chat("Oslo?");

    assertThat(answer).isEqualTo("sunny in Oslo, rain 1, rain 2");
    replay.verifyFinished();
  }

  @Test
  void forkAt_toolThatIsNotLive_givesRecordedResultsOrDiverges() {
    FakeChatModel live =
        FakeChatModel.answering(
            request ->
                results(request).size() < 2
                    ? asking(call("live", "time", "Oslo"))
                    : asking(call("live", "time", "Bergen")));
    Replay replay = Replay.builder(record("Oslo?")).forkAt(1, live).build();

    assertThatThrownBy(() -> assistant(replay.chatModel(), replay.tools(TOOLS)).chat("Oslo?"))
        .isInstanceOf(ReplayDivergenceException.class)
        .hasMessageContaining("tool call time");
    assertThat(live.requests()).hasSize(2);
  }

  @Test
  void forkAt_callOfALaterStepFirst_isLiveAndTheEarlierOneIsRecorded() {
    Trace recorded = threeQuestions();
    FakeChatModel live = FakeChatModel.saying("live");
    Replay replay = Replay.builder(recorded).forkAt(1, live).build();

    assertThat(replay.chatModel().chat("third")).isEqualTo("live");
    assertThat(replay.chatModel().chat("first")).isEqualTo("answer to first");
    assertThat(replay.chatModel().chat("something else")).isEqualTo("live");

    replay.verifyFinished();
  }

  @Test
  void forkAt_unknownCallBeforeTheFork_diverges() {
    Replay replay =
        Replay.builder(threeQuestions()).forkAt(2, FakeChatModel.saying("live")).build();

    assertThatThrownBy(() -> replay.chatModel().chat("something else"))
        .isInstanceOf(ReplayDivergenceException.class);
  }

  @Test
  void inOrder_swappedCalls_diverge() {
    Replay any = Replay.of(threeQuestions());
    Replay strict = Replay.builder(threeQuestions()).inOrder().build();
    Replay lenient = Replay.builder(threeQuestions()).inOrder().lenient().build();

    assertThat(any.chatModel().chat("second")).isEqualTo("answer to second");
    assertThat(any.chatModel().chat("first")).isEqualTo("answer to first");
    assertThat(any.chatModel().chat("third")).isEqualTo("answer to third");
    any.verifyFinished();
    assertThat(strict.chatModel().chat("first")).isEqualTo("answer to first");
    assertThatThrownBy(() -> strict.chatModel().chat("third"))
        .isInstanceOf(ReplayDivergenceException.class)
        .hasMessageContaining("model call 1: recorded this one first, came model call 2 before it");
    assertThat(lenient.chatModel().chat("second")).isEqualTo("answer to second");
    assertThat(lenient.divergence()).map(Divergence::step).contains(0);
  }

  @Test
  void inOrder_recordedRun_passes() {
    Replay replay = Replay.builder(record("Oslo?")).inOrder().build();

    assertThat(assistant(replay.chatModel(), replay.tools(TOOLS)).chat("Oslo?")).isEqualTo(ANSWER);

    replay.verifyFinished();
  }

  private static Trace threeQuestions() {
    return record(
        "turn",
        ops -> {
          ChatModel model =
              ops.wrap(
                  FakeChatModel.answering(
                      request ->
                          FakeChatModel.response(
                              "answer to "
                                  + ((UserMessage) request.messages().get(0)).singleText())));
          List.of("first", "second", "third").forEach(model::chat);
        });
  }

  @Test
  void builder_wrongFork_isRefused() {
    Trace trace = record("Oslo?");
    FakeChatModel live = FakeChatModel.saying("live");

    assertThatThrownBy(() -> Replay.builder(trace).forkAt(-1, live))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
    assertThatThrownBy(() -> Replay.builder(trace).forkAt(4, live).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("step 4")
        .hasMessageContaining("3 model calls");
    assertThatThrownBy(() -> Replay.builder(trace).forkAt(1, live).forkAt(2, live))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 and 2");
    assertThatThrownBy(
            () -> Replay.builder(trace).liveTools(Map.of("weather", failing("x"))).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[weather]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"OFF", "METADATA"})
  void of_traceWithoutFullContent_saysSo(ContentCapture capture) {
    try (Tracer tracer = Tracer.builder().contentCapture(capture).build()) {
      AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
      ops.wrap(FakeChatModel.saying("hi")).chat("hello");
      Trace trace = Trace.of(tracer.spans());

      assertThatThrownBy(() -> Replay.of(trace))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("chat fake-model")
          .hasMessageContaining("record with ContentCapture.FULL");
    }
  }

  @Test
  void of_traceWithoutCalls_isRefused() {
    Trace trace = record("empty", ops -> {});

    assertThatThrownBy(() -> Replay.of(trace))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[empty]");
  }

  @Test
  void errorOfTheModel_isThrownAgain() {
    Trace trace =
        record(
            "turn",
            ops ->
                assertThatThrownBy(
                        () ->
                            ops.wrap(FakeChatModel.throwing(new IllegalStateException("down: no")))
                                .chat("hello"))
                    .isNotNull());

    RecordedErrorException error =
        catchThrowableOfType(
            RecordedErrorException.class, () -> Replay.of(trace).chatModel().chat("hello"));

    assertThat(error).hasMessage("down: no");
    assertThat(error.errorType()).isEqualTo("java.lang.IllegalStateException");
    assertThat(error.status()).isEqualTo(SpanStatus.ERROR);
    assertThat(error.toString()).contains("java.lang.IllegalStateException: down: no");
  }

  @Test
  void refusalOfAnInterceptor_isThrownAgain_butNotWaitedFor() {
    ChatInterceptor limiter =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            throw new CallRejectedException("over budget");
          }
        };
    Trace trace;
    try (Tracer tracer = Tracer.create()) {
      AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer), limiter).build();
      assertThatThrownBy(() -> ops.wrap(FakeChatModel.saying("hi")).chat("hello")).isNotNull();
      trace = Trace.of(tracer.spans());
    }

    Replay.of(trace).verifyFinished();
    assertThatThrownBy(() -> Replay.of(trace).chatModel().chat("hello"))
        .isInstanceOfSatisfying(
            RecordedErrorException.class,
            error -> assertThat(error.status()).isEqualTo(SpanStatus.REJECTED))
        .hasMessage("over budget");
  }

  @ParameterizedTest
  @ValueSource(strings = {"disk full", ""})
  void errorOfATool_isThrownAgain_soThatTheModelIsToldTheSame(String message) {
    Map<ToolSpecification, ToolExecutor> broken = new LinkedHashMap<>(tools());
    broken.replaceAll((tool, executor) -> failing(message.isEmpty() ? null : message));
    Trace trace =
        record(
            "turn",
            ops -> assistant(ops.wrap(Weather.model()), wrapped(ops, broken)).chat("Oslo?"));
    Replay replay = Replay.of(trace);

    assistant(replay.chatModel(), replay.tools(TOOLS)).chat("Oslo?");

    replay.verifyFinished();
  }

  @Test
  void resultThatIsAnError_isOneAgain() {
    ToolExecutor tool =
        new ToolExecutor() {
          @Override
          public String execute(ToolExecutionRequest request, Object memoryId) {
            throw new AssertionError("not asked for");
          }

          @Override
          public ToolExecutionResult executeWithContext(
              ToolExecutionRequest request, InvocationContext context) {
            return ToolExecutionResult.builder().resultText("no such city").isError(true).build();
          }
        };
    ToolExecutionRequest request = call("1", "weather", "Atlantis");
    Trace trace = record("turn", ops -> ops.wrap(tool).executeWithContext(request, null));

    ToolExecutionResult result =
        Replay.of(trace).toolExecutor("weather").executeWithContext(request, null);

    assertThat(result.isError()).isTrue();
    assertThat(result.resultText()).isEqualTo("no such city");
  }

  @Test
  void equalToolCalls_areAnsweredByTheirIdThenInOrder() {
    AtomicInteger number = new AtomicInteger();
    Trace trace =
        record(
            "turn",
            ops -> {
              ToolExecutor tool = ops.wrap((ToolExecutor) (r, m) -> "" + number.incrementAndGet());
              List.of("a", "b", "c", "d")
                  .forEach(id -> tool.execute(call(id, "dice", "Oslo"), "memory"));
            });
    ToolExecutor dice = Replay.of(trace).toolExecutor("dice");

    assertThat(
            List.of(
                dice.execute(call("c", "dice", "Oslo"), "memory"),
                dice.execute(call("x", "dice", "Oslo"), "memory"),
                dice.execute(call(null, "dice", "Oslo"), "memory"),
                dice.execute(call("d", "dice", "Oslo"), "memory")))
        .containsExactly("3", "1", "2", "4");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void concurrentCalls_areAnsweredByTheirContent(long seed) throws Exception {
    int agents = 20;
    Trace trace =
        record(
            "turn",
            ops -> {
              Weather.Assistant assistant = assistant(ops.wrap(echo()), wrapped(ops, tools()));
              for (int i = 0; i < agents; i++) {
                assistant.chat("Question " + i % 7); // some are equal
              }
            });
    Replay replay = Replay.of(trace);
    Weather.Assistant assistant = assistant(replay.chatModel(), replay.tools(TOOLS));
    List<Integer> order = new ArrayList<>(IntStream.range(0, agents).boxed().toList());
    Collections.shuffle(order, new Random(seed));

    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<Callable<String>> questions = new ArrayList<>();
      order.forEach(i -> questions.add(() -> assistant.chat("Question " + i % 7)));
      List<Future<String>> answers = threads.invokeAll(questions, 60, TimeUnit.SECONDS);
      for (int i = 0; i < agents; i++) {
        assertThat(answers.get(i).get())
            .isEqualTo("Question " + order.get(i) % 7 + ": sunny in Oslo");
      }
    } finally {
      threads.shutdownNow();
    }

    replay.verifyFinished();
  }

  @Test
  void concurrentTools_areReplayed() {
    List<ToolExecutionRequest> calls =
        IntStream.range(0, 6).mapToObj(i -> call("id" + i, "weather", "city" + i)).toList();
    FakeChatModel model =
        FakeChatModel.answering(
            request ->
                results(request).isEmpty()
                    ? asking(calls.toArray(ToolExecutionRequest[]::new))
                    : saying(String.join(", ", results(request))));
    Trace trace = record("turn", ops -> concurrent(ops.wrap(model), wrapped(ops, tools())));
    Replay replay = Replay.of(trace);

    String answer = concurrent(replay.chatModel(), replay.tools(TOOLS));

    assertThat(answer).startsWith("sunny in city0, sunny in city1").endsWith("city5");
    replay.verifyFinished();
  }

  @Test
  void agentInsideATool_isLeftOut_whereTheToolIsReplayed() {
    ChatModel outer = Weather.model();
    Trace trace =
        record(
            "turn",
            ops -> {
              ChatModel inner = ops.wrap(FakeChatModel.saying("foggy"));
              Map<ToolSpecification, ToolExecutor> tools = new LinkedHashMap<>(tools());
              tools.replaceAll((tool, executor) -> (request, memoryId) -> inner.chat(tool.name()));
              assistant(ops.wrap(outer), wrapped(ops, tools)).chat("Oslo?");
            });
    Replay replay = Replay.of(trace);
    Replay forked =
        Replay.builder(trace).forkAt(4, (ChatModel) FakeChatModel.saying("live")).build();

    assertThat(assistant(replay.chatModel(), replay.tools(TOOLS)).chat("Oslo?"))
        .isEqualTo("foggy and foggy");
    assertThat(assistant(forked.chatModel(), forked.tools(TOOLS)).chat("Oslo?")).isEqualTo("live");

    replay.verifyFinished();
    forked.verifyFinished();
  }

  interface Chat {
    String chat(@MemoryId String id, @dev.langchain4j.service.UserMessage String message);
  }

  @Test
  void conversation_ofSeveralTraces_isReplayedAsOne() {
    List<Trace> turns = new ArrayList<>();
    try (Tracer tracer = Tracer.create()) {
      AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
      Chat chat = chat(ops.wrap(counting()));
      for (String turn : List.of("first", "second", "third")) {
        try (TraceContext span = tracer.startTrace(turn, "chat", "invoke_agent")) {
          chat.chat("ada", turn);
        }
        turns.add(tracer.findTrace(turn).orElseThrow());
      }
    }
    Replay replay = Replay.of(turns);

    Chat chat = chat(replay.chatModel());

    assertThat(List.of(chat.chat("ada", "first"), chat.chat("ada", "second")))
        .containsExactly("1 messages", "3 messages");
    assertThat(replay.remaining()).hasSize(1);
    assertThat(chat.chat("ada", "third")).isEqualTo("5 messages");
    replay.verifyFinished();
  }

  record City(String name, int people) {}

  interface Extractor {
    City extract(String text);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void structuredOutput_isReplayed_whetherTheModelKnowsSchemasOrNot(boolean knows) {
    ChatModel model =
        new ChatModel() {
          @Override
          public ChatResponse doChat(ChatRequest request) {
            return saying("{\"name\": \"Oslo\", \"people\": 700000}");
          }

          @Override
          public Set<Capability> supportedCapabilities() {
            return knows ? Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA) : Set.of();
          }
        };
    Trace trace =
        record("turn", ops -> AiServices.create(Extractor.class, ops.wrap(model)).extract("Oslo"));
    Replay replay = Replay.of(trace);

    City city = AiServices.create(Extractor.class, replay.chatModel()).extract("Oslo");

    assertThat(city).isEqualTo(new City("Oslo", 700_000));
    replay.verifyFinished();
  }

  @Test
  void numbersInArguments_areTheSame_howeverTheyAreWritten() {
    ToolExecutionRequest asked =
        ToolExecutionRequest.builder()
            .id("1")
            .name("weather")
            .arguments("{ \"arg0\": 20.0, \"arg1\": 1.50, \"arg2\": 3 }")
            .build();
    FakeChatModel model =
        FakeChatModel.answering(
            request -> results(request).isEmpty() ? asking(asked) : saying("done"));
    Trace trace =
        record("turn", ops -> assistant(ops.wrap(model), wrapped(ops, tools())).chat("go"));
    Replay replay = Replay.of(trace);

    assertThat(assistant(replay.chatModel(), replay.tools(TOOLS)).chat("go")).isEqualTo("done");

    replay.verifyFinished();
  }

  @Test
  void messagesOfTheApplicationsOwn_matchThemselves() {
    List<ChatMessage> messages =
        List.of(CustomMessage.from(Map.of("a", 1)), UserMessage.from("go"));
    Trace trace = record("turn", ops -> ops.wrap(FakeChatModel.saying("hi")).chat(messages));

    assertThatCode(() -> Replay.of(trace).chatModel().chat(messages)).doesNotThrowAnyException();
    assertThat(Replay.of(trace).chatModel().chat(messages).finishReason())
        .isEqualTo(FinishReason.STOP);
  }

  private static Chat chat(ChatModel model) {
    return AiServices.builder(Chat.class)
        .chatModel(model)
        .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(10))
        .build();
  }

  private static ChatModel counting() {
    return FakeChatModel.answering(request -> saying(request.messages().size() + " messages"));
  }

  /** Asks for the weather, and repeats the question in the answer. */
  private static ChatModel echo() {
    return FakeChatModel.answering(
        request ->
            results(request).isEmpty()
                ? asking(call("call-1", "weather", "Oslo"))
                : saying(
                    ((UserMessage) request.messages().get(0)).singleText()
                        + ": "
                        + results(request).get(0)));
  }

  private static String concurrent(ChatModel model, Map<ToolSpecification, ToolExecutor> tools) {
    return AiServices.builder(Weather.Assistant.class)
        .chatModel(model)
        .tools(tools)
        .executeToolsConcurrently()
        .build()
        .chat("all");
  }

  private static ToolExecutor failing(String message) {
    return (request, memoryId) -> {
      throw message == null ? new IllegalStateException() : new IllegalStateException(message);
    };
  }

  /** What models and tools were given and answered. */
  private static List<List<Object>> said(Trace trace) {
    List<List<Object>> said = new ArrayList<>();
    for (Span span : trace.spans()) {
      if (span.input() != null) {
        said.add(
            List.of(
                span.name(),
                String.valueOf(span.input()).replace(": ", ":"),
                String.valueOf(span.output())));
      }
    }
    return said;
  }
}
