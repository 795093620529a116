package dev.agentops.guard;

import static dev.agentops.guard.Agents.call;
import static dev.agentops.guard.Agents.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.agentops.AgentOps;
import dev.agentops.ChatInterceptor;
import dev.agentops.Cost;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.TestClock;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.RunGuardEvent;
import dev.agentops.guard.Agents.Kind;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.service.tool.ToolExecutor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Agents that would go on for ever are stopped by each limit alone, and healthy ones by none; each
 * call of a model takes 15 tokens, a cent, and ten seconds.
 */
@Timeout(60)
class RunawayAgentTest {

  /** Concurrent tools may begin before the cost of the call that asks for them is known. */
  private static final int ANY = -1;

  private final TestClock clock = TestClock.create();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger toolsRun = new AtomicInteger();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final Map<String, ToolExecutor> tools =
      Map.of(
          "search", this::tool, "open", this::tool, "read", this::tool, "job_status", this::tool);

  /** As the interceptor of agentops-cost does. */
  private final ChatInterceptor prices =
      new ChatInterceptor() {
        @Override
        public void after(ModelCall call, Outcome<ChatResponse> outcome) {
          call.recordCost(Cost.usd("0.01"));
        }
      };

  /**
   * An agent out of control.
   *
   * @param limits with one limit only
   * @param nth what its model says
   * @param modelCalls how many are made before it is stopped
   * @param toolCalls how many are made
   */
  record Runaway(
      RunBound bound, RunLimits limits, IntFunction<AiMessage> nth, int modelCalls, int toolCalls) {

    @Override
    public String toString() {
      return limits.toString();
    }
  }

  static Stream<Arguments> runaways() {
    IntFunction<AiMessage> sameTool = n -> call("search", "{\"q\":\"weather\"}");
    IntFunction<AiMessage> newArguments = n -> call("search", "{\"page\":" + n + "}");
    IntFunction<AiMessage> cycle =
        n -> call(List.of("search", "open", "read").get(n % 3), "{\"a\":1, \"b\":2}");
    IntFunction<AiMessage> otherSpelling =
        n -> call("search", n % 2 == 0 ? "{\"a\":1,\"b\":2}" : "{ \"b\": 2, \"a\": 1 }");
    IntFunction<AiMessage> two =
        n -> AiMessage.from(request("search", "{\"a\":" + n + "}"), request("open", "{}"));
    Duration minute = Duration.ofMinutes(1);
    List<Runaway> runaways =
        List.of(
            new Runaway(
                RunBound.MODEL_CALLS, limits().maxModelCalls(7).build(), newArguments, 7, 7),
            new Runaway(RunBound.TOOL_CALLS, limits().maxToolCalls(5).build(), newArguments, 6, 5),
            new Runaway(RunBound.TOOL_CALLS, limits().maxToolCalls(5).build(), two, 3, 5),
            new Runaway(
                RunBound.COST, limits().maxCost(Cost.usd("0.05")).build(), newArguments, 5, ANY),
            new Runaway(
                RunBound.DURATION, limits().maxDuration(minute).build(), newArguments, 6, 5),
            new Runaway(
                RunBound.IDENTICAL_TOOL_CALLS,
                limits().maxIdenticalToolCalls(4).build(),
                sameTool,
                5,
                4),
            new Runaway(
                RunBound.IDENTICAL_TOOL_CALLS,
                limits().maxIdenticalToolCalls(4).build(),
                otherSpelling,
                5,
                4),
            new Runaway(
                RunBound.REPEATED_CYCLES, limits().maxRepeatedCycles(3).build(), cycle, 12, 11),
            new Runaway(
                RunBound.REPEATED_CYCLES, limits().maxRepeatedCycles(3).build(), sameTool, 4, 3),
            // the first answer was to the question, the second to the result
            new Runaway(
                RunBound.STALLED_ANSWERS, limits().maxStalledAnswers(3).build(), sameTool, 5, 5));
    return runaways.stream()
        .flatMap(runaway -> Stream.of(Kind.values()).map(kind -> Arguments.of(kind, runaway)));
  }

  @ParameterizedTest
  @MethodSource("runaways")
  void agent_outOfControl_isStoppedOnceAndForAll(Kind kind, Runaway runaway) {
    AgentOps ops = ops(guard(runaway.limits()));

    RunLimitExceededException stopped =
        catchThrowableOfType(RunLimitExceededException.class, agent(kind, ops, runaway.nth())::run);

    assertThat(stopped).isNotNull();
    assertThat(stopped.bound()).isEqualTo(runaway.bound());
    assertThat(stopped.agent()).endsWith(Agents.NAME);
    assertThat(stopped).hasMessageContaining(stopped.limit() + "(" + stopped.allowed() + ")");
    assertThat(asked).hasValue(runaway.modelCalls());
    if (runaway.toolCalls() != ANY) {
      assertThat(toolsRun).hasValue(runaway.toolCalls());
    }
    assertThat(types()).containsExactly(RunGuardEvent.Type.WARNED, RunGuardEvent.Type.STOPPED);
    assertThat(ops.faults()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void agent_usesTokens_isStoppedBeforeItPassesTheLimit(Kind kind) {
    RunGuard guard = guard(limits().maxTokens(200).build());

    RunLimitExceededException stopped =
        catchThrowableOfType(
            RunLimitExceededException.class,
            agent(kind, ops(guard), n -> call("search", "{\"page\":" + n + "}"))::run);

    assertThat(stopped.bound()).isEqualTo(RunBound.TOKENS);
    assertThat(stopped.spent().tokens()).isEqualTo(15L * asked.get()).isBetween(60L, 200L);
  }

  @ParameterizedTest
  @EnumSource
  void agent_usesManyTimesItsOwnNorm_isStopped(Kind kind) {
    RunGuard guard = guard(limits().maxTokenVelocity(10).build());
    AgentOps ops = ops(guard);
    for (int i = 0; i < VelocityNorms.WARM_UP; i++) {
      agent(kind, ops, n -> AiMessage.from("done")).run();
      clock.advance(Duration.ofMinutes(2));
    }
    assertThat(events).noneMatch(RunGuardEvent.class::isInstance);

    RunLimitExceededException stopped =
        catchThrowableOfType(
            RunLimitExceededException.class,
            agent(kind, ops, n -> call("search", "{\"page\":\"" + "x".repeat(20_000) + n + "\"}"))
                ::run);

    assertThat(stopped.bound()).isEqualTo(RunBound.TOKEN_VELOCITY);
  }

  @ParameterizedTest
  @EnumSource
  void agent_pagesThroughResults_isLeftAlone(Kind kind) {
    Runnable agent =
        agent(
            kind,
            ops(guard(RunLimits.standard())),
            n ->
                n < 60
                    ? call("search", "{\"q\":\"weather\",\"page\":" + n + "}")
                    : AiMessage.from("done"));

    assertThatCode(agent::run).doesNotThrowAnyException();
    assertThat(events).noneMatch(RunGuardEvent.class::isInstance);
  }

  @ParameterizedTest
  @EnumSource
  void agent_triesEachCallTwice_isLeftAlone(Kind kind) {
    Runnable agent =
        agent(
            kind,
            ops(guard(RunLimits.standard())),
            n -> n < 40 ? call("search", "{\"page\":" + n / 2 + "}") : AiMessage.from("done"));

    assertThatCode(agent::run).doesNotThrowAnyException();
    assertThat(events).noneMatch(RunGuardEvent.class::isInstance);
  }

  @ParameterizedTest
  @EnumSource
  void agent_polls_isLeftAloneIfTheToolIsSaidToPoll(Kind kind) {
    IntFunction<AiMessage> poll =
        n -> n < 30 ? call("job_status", "{\"id\":1}") : AiMessage.from("done");
    RunLimits polling = RunLimits.standard().toBuilder().pollingTools("job_status").build();

    assertThatCode(agent(kind, ops(guard(polling)), poll)::run).doesNotThrowAnyException();
    assertThat(events).noneMatch(RunGuardEvent.class::isInstance);

    asked.set(0);
    assertThat(
            catchThrowableOfType(
                RunLimitExceededException.class,
                agent(kind, ops(guard(RunLimits.standard())), poll)::run))
        .isNotNull();
  }

  private Runnable agent(Kind kind, AgentOps ops, IntFunction<AiMessage> nth) {
    return kind.agent(
        ops,
        Agents.script(
            asked,
            n -> {
              clock.advance(Duration.ofSeconds(10));
              return nth.apply(n);
            }),
        tools);
  }

  private String tool(Object request, Object memoryId) {
    toolsRun.incrementAndGet();
    return "found";
  }

  private List<RunGuardEvent.Type> types() {
    return events.stream()
        .filter(RunGuardEvent.class::isInstance)
        .map(event -> ((RunGuardEvent) event).type())
        .toList();
  }

  private RunGuard guard(RunLimits limits) {
    return RunGuard.builder().limits(limits).clock(clock).build();
  }

  private AgentOps ops(RunGuard guard) {
    return AgentOps.with(GuardInterceptor.of(guard), prices)
        .listener(events::add)
        .clock(clock)
        .build();
  }

  private static RunLimits.Builder limits() {
    return RunLimits.builder();
  }
}
