package dev.agentops.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentops.AgentOps;
import dev.agentops.CallRejectedException;
import dev.agentops.ChatInterceptor;
import dev.agentops.Context;
import dev.agentops.Cost;
import dev.agentops.Deadline;
import dev.agentops.ModelCall;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.RunGuardEvent;
import dev.agentops.testing.FakeChatModel;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.service.tool.ToolExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs whose loops are written by hand, agents inside of agents, and what is bounded. */
@Timeout(60)
class RunGuardTest {

  private final TestClock clock = TestClock.create();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final FakeChatModel fake = FakeChatModel.saying("hello");

  @Test
  void manyThreadsInOneRun_neverMakeMoreCallsThanAllowed() throws Exception {
    RunGuard guard = guard(RunLimits.builder().maxModelCalls(100).build());
    ChatModel model = ops(guard).wrap(fake);
    AtomicInteger refused = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(64);
    try (Run run = guard.run("crowd")) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        all.add(
            pool.submit(
                Scope.wrap(
                    () -> {
                      for (int call = 0; call < 5; call++) {
                        try {
                          model.chat("hi " + Thread.currentThread().getId() + call);
                        } catch (RunLimitExceededException e) {
                          refused.incrementAndGet();
                        }
                      }
                    })));
      }
      for (Future<?> each : all) {
        each.get(30, TimeUnit.SECONDS);
      }
      assertThat(run.spent().modelCalls()).isEqualTo(100);
    } finally {
      pool.shutdownNow();
    }
    assertThat(fake.requests()).hasSize(100);
    assertThat(refused).hasValue(64 * 5 - 100);
    assertThat(guard.stats().refusedByLimit()).isEqualTo(64 * 5 - 100);
    assertThat(guard.stats().stoppedRuns()).isEqualTo(1);
  }

  @Test
  void stoppedRun_staysStopped_andTheNextOneIsFree() {
    RunGuard guard = guard(RunLimits.builder().maxModelCalls(1).build());
    AgentOps ops = ops(guard);
    ChatModel model = ops.wrap(fake);
    ToolExecutor tool = ops.wrap((request, memory) -> "found");
    try (Run run = guard.run("one")) {
      model.chat("hi");
      assertThatThrownBy(() -> model.chat("hi")).isInstanceOf(RunLimitExceededException.class);
      assertThatThrownBy(() -> tool.execute(Agents.request("search", "{}"), ""))
          .isInstanceOf(RunLimitExceededException.class);
      assertThatThrownBy(() -> guard.run("inner")).isInstanceOf(RunLimitExceededException.class);
      assertThat(guard.runs())
          .singleElement()
          .satisfies(
              status -> {
                assertThat(status.stoppedBy()).contains(RunBound.MODEL_CALLS);
                assertThat(status.runId()).isEqualTo(run.runId());
              });
    }
    try (Run run = guard.run("one")) {
      assertThatCode(() -> model.chat("hi")).doesNotThrowAnyException();
    }
    assertThat(guard.runs()).isEmpty();
  }

  @Test
  void refusal_saysWhichLimitAndWhatWasSpent() {
    RunGuard guard = guard(RunLimits.builder().maxModelCalls(2).build());
    ChatModel model = ops(guard).wrap(fake);
    try (Run run = guard.run("researcher")) {
      model.chat("hi");
      model.chat("hi again");
      clock.advance(Duration.ofSeconds(12));

      RunLimitExceededException refusal =
          catchThrowableOfType(RunLimitExceededException.class, () -> model.chat("once more"));

      assertThat(refusal)
          .hasMessage(
              "the run "
                  + run.runId()
                  + " of the agent 'researcher' is stopped by maxModelCalls(2): 2 model calls were"
                  + " made; spent: 2 model calls, 0 tool calls, 30 tokens, $0.00 in PT12S");
      assertThat(refusal.runId()).isEqualTo(run.runId());
      assertThat(refusal.retryAfter()).isNull();
      assertThat(refusal.spent().tokens()).isEqualTo(30);
    }
  }

  @Test
  void agentsInsideOfAgents_shareTheirRun_andKeepLimitsOfTheirOwn() {
    RunGuard guard =
        RunGuard.builder()
            .limits(RunLimits.builder().maxModelCalls(10).maxDepth(2).build())
            .limits("inner", RunLimits.builder().maxModelCalls(3).build())
            .clock(clock)
            .build();
    ChatModel model = ops(guard).wrap(fake);
    try (Run outer = guard.run("outer")) {
      for (int round = 0; round < 3; round++) {
        try (Run inner = guard.run("inner")) {
          assertThat(inner.runId()).isEqualTo(outer.runId());
          model.chat("hi");
          model.chat("hi");
          model.chat("hi");
          assertThatThrownBy(() -> model.chat("hi"))
              .isInstanceOf(RunLimitExceededException.class)
              .hasMessageContaining("agent 'inner' is stopped by maxModelCalls(3)");
        }
      }
      model.chat("hi");
      assertThatThrownBy(() -> model.chat("hi"))
          .hasMessageContaining("agent 'outer' is stopped by maxModelCalls(10)");
    }
  }

  @Test
  void agentsTooDeep_areRefused() {
    RunGuard guard = guard(RunLimits.builder().maxDepth(2).build());
    try (Run first = guard.run("first");
        Run second = guard.run("second")) {
      RunLimitExceededException refusal =
          catchThrowableOfType(RunLimitExceededException.class, () -> guard.run("third"));
      assertThat(refusal.bound()).isEqualTo(RunBound.DEPTH);
      assertThat(refusal.used()).isEqualTo("3");
    }
  }

  @Test
  void agentThatCallsItselfAsATool_isStoppedByItsDepth() {
    RunGuard guard = guard(RunLimits.builder().maxDepth(4).build());
    AgentOps ops = ops(guard);
    AtomicInteger asked = new AtomicInteger();
    Agents.Assistant[] self = new Agents.Assistant[1];
    Map<String, ToolExecutor> tools =
        Map.of("delegate", (request, memory) -> self[0].chat("you do it"));
    self[0] =
        Agents.Kind.with(ops.aiServices(Agents.Assistant.class), tools)
            .chatModel(
                FakeChatModel.answering(
                    Agents.script(asked, n -> Agents.call("delegate", "{\"n\":" + n + "}"))))
            .build();

    assertThatThrownBy(() -> self[0].chat("go"))
        .isInstanceOf(RunLimitExceededException.class)
        .hasMessageContaining("maxDepth(4)");
    assertThat(asked).hasValue(4);
  }

  @Test
  void callThatAnotherInterceptorRefuses_doesNotCount() {
    ChatInterceptor refusing =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            throw new CallRejectedException("busy");
          }
        };
    RunGuard guard = guard(RunLimits.builder().maxModelCalls(1).maxTokens(1_000).build());
    ChatModel model = AgentOps.with(GuardInterceptor.of(guard), refusing).build().wrap(fake);
    try (Run run = guard.run("agent")) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> model.chat("hi")).hasMessage("busy");
      }
      assertThat(run.spent().modelCalls()).isZero();
    }
  }

  @Test
  void cachedAnswers_countAsCallsAndCostNothing() {
    ChatInterceptor cache =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            call.markCached();
            return FakeChatModel.response("from the cache");
          }
        };
    RunGuard guard = guard(RunLimits.builder().maxModelCalls(3).maxCost(Cost.usd("0.01")).build());
    ChatModel model = AgentOps.with(GuardInterceptor.of(guard), cache).build().wrap(fake);
    try (Run run = guard.run("agent")) {
      model.chat("a");
      model.chat("b");
      model.chat("c");
      assertThat(run.spent().tokens()).isZero();
      assertThatThrownBy(() -> model.chat("d")).isInstanceOf(RunLimitExceededException.class);
    }
  }

  @Test
  void embeddings_useTokensOfTheRun() {
    EmbeddingModel embedding =
        new EmbeddingModel() {
          @Override
          public Response<List<Embedding>> embedAll(List<TextSegment> texts) {
            return Response.from(
                List.of(Embedding.from(new float[] {1})), new TokenUsage(400, 0, 400));
          }
        };
    RunGuard guard = guard(RunLimits.builder().maxTokens(1_000).build());
    EmbeddingModel wrapped = ops(guard).wrap(embedding);
    try (Run run = guard.run("indexer")) {
      wrapped.embed("text");
      wrapped.embed("text");
      wrapped.embed("text"); // begins at 800
      assertThat(run.spent().tokens()).isEqualTo(1_200);
      assertThat(run.spent().modelCalls()).isZero();
      assertThatThrownBy(() -> wrapped.embed("text"))
          .isInstanceOf(RunLimitExceededException.class)
          .hasMessageContaining("maxTokens(1000)");
    }
  }

  @Test
  void time_isTheDeadlineOfTheRun_andStopsItWithoutACall() {
    RunGuard guard = guard(RunLimits.builder().maxDuration(Duration.ofMinutes(1)).build());
    try (Run run = guard.run("agent")) {
      assertThat(Deadline.current()).isNotNull();
      assertThat(Deadline.current().remaining()).isGreaterThanOrEqualTo(Duration.ofMinutes(1));
      clock.advance(Duration.ofMinutes(1));
      assertThat(guard.runs())
          .singleElement()
          .satisfies(status -> assertThat(status.stoppedBy()).contains(RunBound.DURATION));
    }
    assertThat(Deadline.current()).isNull();
    assertThat(clock.pendingTimers()).isZero();
    assertThat(events)
        .singleElement()
        .satisfies(
            event ->
                assertThat(((RunGuardEvent) event).type()).isEqualTo(RunGuardEvent.Type.STOPPED));
  }

  @Test
  void answers_toNewQuestions_mayRepeat() {
    RunGuard guard = guard(RunLimits.builder().maxStalledAnswers(3).build());
    ChatModel model = ops(guard).wrap(fake);
    try (Run run = guard.run("classifier")) {
      for (int row = 0; row < 50; row++) {
        model.chat("row " + row);
      }
    }
    try (Run run = guard.run("talker")) {
      List<ChatMessage> talk =
          List.of(UserMessage.from("hi"), AiMessage.from("hm"), UserMessage.from("go on"));
      for (int i = 0; i < 4; i++) {
        model.chat(talk);
      }
      assertThatThrownBy(() -> model.chat(talk))
          .isInstanceOf(RunLimitExceededException.class)
          .hasMessageContaining("maxStalledAnswers(3)");
    }
  }

  @Test
  void equalQuestionsWithoutAConversation_areVotesAndNotStalled() {
    RunGuard guard = guard(RunLimits.builder().maxStalledAnswers(3).build());
    ChatModel model = ops(guard).wrap(fake);
    try (Run run = guard.run("voters")) {
      for (int i = 0; i < 15; i++) {
        model.chat("Is it so?");
      }
      assertThat(run.spent().modelCalls()).isEqualTo(15);
    }
  }

  @Test
  void runInsideOfARun_keepsTheLoopLimitsOfTheOuterOne() {
    RunGuard guard =
        RunGuard.builder()
            .limits(RunLimits.builder().maxIdenticalToolCalls(3).build())
            .limits("researcher", RunLimits.builder().maxModelCalls(100).build())
            .build();
    ToolExecutor search = ops(guard).wrap((request, memory) -> "nothing");
    try (Run outer = guard.run("outer");
        Run inner = guard.run("researcher")) {
      for (int i = 0; i < 3; i++) {
        search.execute(Agents.request("search", "{}"), "memory");
      }
      assertThatThrownBy(() -> search.execute(Agents.request("search", "{}"), "memory"))
          .isInstanceOf(RunLimitExceededException.class)
          .hasMessageContaining("maxIdenticalToolCalls(3)");
    }
  }

  @Test
  void runClosedOnAnotherThread_isLeftOnTheThreadThatOpenedIt() throws Exception {
    RunGuard guard = guard(RunLimits.builder().maxModelCalls(2).build());
    ChatModel model = ops(guard).wrap(fake);
    ExecutorService opener = Executors.newSingleThreadExecutor(); // whose context stays behind
    try {
      Run run = opener.submit(() -> guard.run("agent")).get();
      run.close();

      opener
          .submit(
              () -> {
                for (int i = 0; i < 5; i++) {
                  model.chat("not of that run");
                }
              })
          .get();

      assertThat(run.spent().modelCalls()).isZero();
      assertThat(guard.runs()).isEmpty();
    } finally {
      opener.shutdown();
    }
  }

  @Test
  void singleCallOfARunOfOne_isNotWarnedOf() {
    List<RunGuardEvent> events = new CopyOnWriteArrayList<>();
    RunGuard guard =
        RunGuard.builder()
            .limits(RunLimits.builder().maxModelCalls(1).build())
            .listener(event -> events.add((RunGuardEvent) event))
            .build();
    try (Run run = guard.run("one-shot")) {
      ops(guard).wrap(fake).chat("hi");
    }
    assertThat(events).isEmpty();
  }

  @Test
  void oneAnswerWithManyToolCalls_stopsAtTheLimit() {
    RunGuard guard = guard(RunLimits.builder().maxToolCalls(10).build());
    AtomicInteger ran = new AtomicInteger();
    AtomicInteger asked = new AtomicInteger();
    List<ToolExecutionRequest> storm = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      storm.add(Agents.request("search", "{\"n\":" + i + "}"));
    }
    Runnable agent =
        Agents.Kind.STREAMING_CONCURRENT_TOOLS.agent(
            ops(guard),
            Agents.script(asked, n -> AiMessage.from(storm)),
            Map.of(
                "search",
                (request, memory) -> {
                  ran.incrementAndGet();
                  return "found";
                }));

    assertThatThrownBy(agent::run).isInstanceOf(RunLimitExceededException.class);
    assertThat(ran).hasValue(10);
    assertThat(asked).hasValue(1);
  }

  @Test
  void callsOutsideOfRuns_areNotLimited() {
    RunGuard guard = guard(RunLimits.builder().maxModelCalls(1).build());
    ChatModel model = ops(guard).wrap(fake);
    model.chat("hi");
    model.chat("hi");
    assertThat(guard.runs()).isEmpty();
  }

  @Test
  void traces_areRunsIfWanted() {
    ChatInterceptor tracing =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            call.recordSpan("trace of " + call.request().messages(), "span");
            return null;
          }
        };
    RunGuard guard =
        RunGuard.builder()
            .limits(RunLimits.builder().maxModelCalls(1).build())
            .tracesAreRuns()
            .maximumRuns(50)
            .clock(clock)
            .build();
    ChatModel model = AgentOps.with(tracing, GuardInterceptor.of(guard)).build().wrap(fake);
    model.chat("hi");
    assertThatThrownBy(() -> model.chat("hi")).isInstanceOf(RunLimitExceededException.class);

    for (int i = 0; i < 1_000; i++) {
      model.chat("hi " + i);
    }
    assertThat(guard.runs()).hasSize(50);
    assertThat(guard.stats().forgottenRuns()).isEqualTo(951);

    clock.advance(Runs.LONGEST_IDLE);
    for (int i = 0; i < 10; i++) {
      model.chat("later " + i);
    }
    assertThat(guard.runs()).hasSizeLessThan(20);
  }

  @Test
  void runsThatNobodyEnds_areBounded() {
    RunGuard guard =
        RunGuard.builder().limits(RunLimits.none()).maximumRuns(100).clock(clock).build();
    List<Run> open = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      Scope outside = Context.root().makeCurrent();
      open.add(guard.run("leak"));
      outside.close();
    }
    assertThat(guard.runs()).hasSize(100);
    assertThat(guard.stats().forgottenRuns()).isEqualTo(400);
    open.forEach(Run::close);
    assertThat(guard.runs()).isEmpty();
  }

  @Test
  void nonsense_isRefusedWithTheValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunLimits.builder().maxModelCalls(0))
        .withMessage("maxModelCalls must be positive: 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunLimits.builder().maxTokens(-5))
        .withMessageContaining("-5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunLimits.builder().maxCost(Cost.ZERO))
        .withMessageContaining("$0.00");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunLimits.builder().maxTokenVelocity(Double.NaN))
        .withMessageContaining("NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunLimits.builder().warnAt(1.5))
        .withMessageContaining("1.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RunGuard.builder().maximumRuns(0))
        .withMessageContaining("0");
  }

  @Test
  void hugeLimits_doNotOverflow() {
    RunGuard guard =
        guard(
            RunLimits.builder()
                .maxModelCalls(Long.MAX_VALUE)
                .maxTokens(Long.MAX_VALUE)
                .maxDuration(Duration.ofSeconds(Long.MAX_VALUE))
                .maxIdenticalToolCalls(Integer.MAX_VALUE)
                .build());
    ChatModel model = ops(guard).wrap(fake);
    try (Run run = guard.run("agent")) {
      assertThatCode(() -> model.chat("hi")).doesNotThrowAnyException();
    }
    assertThat(guard.stats().warnings()).isZero();
  }

  private RunGuard guard(RunLimits limits) {
    return RunGuard.builder().limits(limits).clock(clock).listener(events::add).build();
  }

  private AgentOps ops(RunGuard guard) {
    return AgentOps.with(GuardInterceptor.of(guard)).clock(clock).build();
  }
}
