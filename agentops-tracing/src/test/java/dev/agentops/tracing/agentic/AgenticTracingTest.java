package dev.agentops.tracing.agentic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Context;
import dev.agentops.Scope;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.tracing.ContentCapture;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanStatus;
import dev.agentops.tracing.SpanTree;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.agentic.UntypedAgent;
import dev.langchain4j.agentic.agent.ErrorRecoveryResult;
import dev.langchain4j.agentic.observability.AgentRequest;
import dev.langchain4j.agentic.planner.AgentInstance;
import dev.langchain4j.agentic.scope.AgenticScope;
import dev.langchain4j.agentic.supervisor.SupervisorAgent;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.service.MemoryId;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real systems of langchain4j-agentic over fake models: each call is one tree. */
class AgenticTracingTest {

  private final Tracer tracer = Tracer.create();
  private final AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
  private final AgenticTracing tracing = AgenticTracing.of(tracer);

  @AfterEach
  void nothingIsLeftOpen() {
    assertThat(tracer.openSpans()).isEmpty();
    assertThat(Context.current()).isSameAs(Context.root());
    tracer.close();
  }

  @Test
  void sequence_agentsAndTheirModelsNest() {
    UntypedAgent system =
        tracing.wrap(
            AgenticServices.sequenceBuilder()
                .subAgents(writer("draft"), editor("final"))
                .outputKey("text")
                .build());

    assertThat(system.invoke(Map.of("topic", "cats"))).isEqualTo("final");

    assertThat(tree())
        .isEqualTo(
            """
            invoke_workflow Sequential
              invoke_agent write
                chat fake-model
              invoke_agent edit
                chat fake-model
            """);
    Span writer = span("invoke_agent write");
    assertThat(writer.input()).isEqualTo(Map.of("topic", "cats"));
    assertThat(writer.output()).isEqualTo("draft");
    assertThat(writer.agentName()).isEqualTo("write");
    assertThat(writer.attribute(GenAiAttributes.AGENT_ID)).isEqualTo("write$0");
    assertThat(writer.attribute(GenAiAttributes.AGENT_DESCRIPTION)).isEqualTo("Writes");
    assertThat(writer.attribute(GenAiAttributes.CONVERSATION_ID)).isNull();
    Span root = span("invoke_workflow Sequential");
    assertThat(root.attribute(GenAiAttributes.WORKFLOW_NAME)).isEqualTo("Sequential");
    assertThat(root.attribute("agentops.agent.topology")).isEqualTo("sequence");
    assertThat(root.output()).isEqualTo("final");
    assertThat(root.startTime()).isBeforeOrEqualTo(writer.startTime());
    assertThat(root.endTime()).isAfterOrEqualTo(writer.endTime());
  }

  @Test
  void listenerAlone_recordsTheTreeToo() {
    UntypedAgent system =
        AgenticServices.sequenceBuilder()
            .subAgents(writer("draft"), editor("final"))
            .listener(tracing)
            .build();

    system.invoke(Map.of("topic", "cats"));

    assertThat(tree())
        .isEqualTo(
            """
            invoke_workflow Sequential
              invoke_agent write
                chat fake-model
              invoke_agent edit
                chat fake-model
            """);
  }

  @Test
  void listenerAndWrap_recordOnce() {
    UntypedAgent system =
        tracing.wrap(
            AgenticServices.sequenceBuilder()
                .subAgents(new Upper(), editor("final"))
                .listener(tracing)
                .build());

    system.invoke(Map.of("topic", "cats", "text", "t"));

    assertThat(tree())
        .isEqualTo(
            """
            invoke_workflow Sequential
              invoke_agent upper
              invoke_agent edit
                chat fake-model
            """);
  }

  @Test
  void callersSpan_isTheParentAndItsScopeHolds() {
    UntypedAgent system =
        tracing.wrap(AgenticServices.parallelBuilder().subAgents(writer("a"), editor("b")).build());

    try (Scope user = ops.scope(Attributes.of(Attributes.USER_ID, "alice"));
        TraceContext turn = tracer.startTrace("support", "turn")) {
      system.invoke(Map.of("topic", "cats", "text", "t"));
    }

    assertThat(tree()).startsWith("turn support\n  invoke_workflow Parallel\n");
    assertThat(tracer.spans())
        .hasSize(6)
        .allSatisfy(span -> assertThat(span.attribute(Attributes.USER_ID)).isEqualTo("alice"));
  }

  @Test
  void parallel_sameAgentTwiceAtOnce() {
    CountDownLatch both = new CountDownLatch(2);
    ChatModel model =
        model(
            request -> {
              both.countDown();
              await(both);
              return "ok";
            });
    Writer writer = AgenticServices.agentBuilder(Writer.class).chatModel(model).build();
    Writer twin = AgenticServices.agentBuilder(Writer.class).chatModel(model).build();
    UntypedAgent system =
        tracing.wrap(AgenticServices.parallelBuilder().subAgents(writer, twin).build());

    system.invoke(Map.of("topic", "cats"));

    assertThat(tree())
        .isEqualTo(
            """
            invoke_workflow Parallel
              invoke_agent write
                chat fake-model
              invoke_agent write
                chat fake-model
            """);
  }

  @Test
  void mapper_oneSpanForEachItem() {
    UntypedAgent system =
        tracing.wrap(
            AgenticServices.parallelMapperBuilder()
                .subAgents(writer("ok"))
                .itemsProvider("topics")
                .build());

    system.invoke(Map.of("topics", List.of("cats", "dogs", "eels")));

    assertThat(sortedTree())
        .containsExactly(
            "    chat fake-model",
            "    chat fake-model",
            "    chat fake-model",
            "  invoke_agent write_0",
            "  invoke_agent write_1",
            "  invoke_agent write_2",
            "invoke_workflow ParallelMapper");
  }

  @Test
  void loop_iterationsAreVisible() {
    AtomicInteger round = new AtomicInteger();
    UntypedAgent system =
        tracing.wrap(
            AgenticServices.loopBuilder()
                .subAgents(new Upper(), new Counter(round))
                .maxIterations(5)
                .exitCondition(scope -> round.get() == 3)
                .build());

    system.invoke(Map.of("text", "t"));

    assertThat(named("invoke_agent upper"))
        .extracting(span -> span.attribute("agentops.agent.iteration"))
        .containsExactly(1L, 2L, 3L);
    assertThat(named("invoke_agent count")).hasSize(3);
    assertThat(named("invoke_workflow Loop")).hasSize(1);
    assertThat(tracer.spans()).hasSize(7);
  }

  @Test
  void conditional_onlyTheChosenAgent() {
    UntypedAgent system =
        tracing.wrap(
            AgenticServices.conditionalBuilder()
                .subAgents(scope -> false, writer("no"))
                .subAgents(scope -> true, editor("yes"))
                .build());

    system.invoke(Map.of("topic", "cats", "text", "t"));

    assertThat(tree())
        .isEqualTo(
            """
            invoke_workflow Conditional
              invoke_agent edit
                chat fake-model
            """);
  }

  @Test
  void supervisor_itsOwnModelCallsAreItsChildren() {
    AtomicInteger turn = new AtomicInteger();
    ChatModel planner =
        model(
            request ->
                turn.getAndIncrement() == 0
                    ? "{\"agentName\":\"write$0\",\"arguments\":{\"topic\":\"cats\"}}"
                    : "{\"agentName\":\"done\",\"arguments\":{\"response\":\"ready\"}}");
    SupervisorAgent system =
        tracing.wrap(
            AgenticServices.supervisorBuilder()
                .chatModel(planner)
                .subAgents(writer("draft"))
                .build());

    assertThat(system.invoke("write about cats")).isEqualTo("draft");

    assertThat(tree())
        .isEqualTo(
            """
            invoke_workflow invoke
              chat fake-model
              invoke_agent write
                chat fake-model
              chat fake-model
            """);
    assertThat(span("invoke_workflow invoke").attribute("agentops.agent.topology"))
        .isEqualTo("supervisor");
  }

  @Test
  void supervisor_whosePlannerFails_endsWithTheError() {
    SupervisorAgent system =
        tracing.wrap(
            AgenticServices.supervisorBuilder()
                .chatModel(ops.wrap(FakeChatModel.throwing(new IllegalStateException("down"))))
                .subAgents(writer("draft"))
                .build());

    assertThatThrownBy(() -> system.invoke("go")).hasMessageContaining("down");

    Span root = span("invoke_workflow invoke");
    assertThat(root.status()).isEqualTo(SpanStatus.ERROR);
    assertThat(root.attribute(GenAiAttributes.ERROR_TYPE))
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(tree()).isEqualTo("invoke_workflow invoke\n  chat fake-model\n");
  }

  @Test
  void async_childOfTheWorkflowThatInvokedIt() {
    CountDownLatch release = new CountDownLatch(1);
    ChatModel slow =
        model(
            request -> {
              await(release);
              return "late";
            });
    AsyncWriter async = AgenticServices.agentBuilder(AsyncWriter.class).chatModel(slow).build();
    UntypedAgent system =
        tracing.wrap(
            AgenticServices.sequenceBuilder()
                .subAgents(async, new Releaser(release))
                .outputKey("note")
                .build());

    assertThat(system.invoke(Map.of("topic", "cats"))).isEqualTo("late");

    Awaitility.await().until(() -> tracer.spans().size() == 4);
    assertThat(sortedTree())
        .containsExactly(
            "    chat fake-model",
            "  invoke_agent release",
            "  invoke_agent writeLater",
            "invoke_workflow Sequential");
  }

  @Test
  void async_begunAfterTheWorkflowEnded_isItsChildStill() {
    CountDownLatch release = new CountDownLatch(1);
    UntypedAgent system =
        tracing.wrap(
            AgenticServices.sequenceBuilder()
                .subAgents(new Forgotten(release), new Upper())
                .build());

    system.invoke(Map.of("text", "t"));
    assertThat(named("invoke_workflow Sequential")).hasSize(1);
    release.countDown();

    Awaitility.await().until(() -> named("invoke_agent linger").size() == 1);
    assertThat(span("invoke_agent linger").parentSpanId())
        .isEqualTo(span("invoke_workflow Sequential").spanId());
  }

  @Test
  void nested_workflowsInWorkflows() {
    UntypedAgent inner =
        AgenticServices.parallelBuilder().name("both").subAgents(writer("a"), new Upper()).build();
    UntypedAgent loop =
        AgenticServices.loopBuilder()
            .name("again")
            .subAgents(inner, editor("b"))
            .maxIterations(1)
            .build();
    UntypedAgent system =
        tracing.wrap(AgenticServices.sequenceBuilder().name("all").subAgents(loop).build());

    system.invoke(Map.of("topic", "cats", "text", "t"));

    assertThat(sortedTree())
        .containsExactly(
            "        chat fake-model",
            "      chat fake-model",
            "      invoke_agent upper",
            "      invoke_agent write",
            "    invoke_agent edit",
            "    invoke_workflow both",
            "  invoke_workflow again",
            "invoke_workflow all");
  }

  @Test
  void agentThatThrows_failsItAndWhatIsAroundIt() {
    UntypedAgent system =
        tracing.wrap(
            AgenticServices.sequenceBuilder()
                .subAgents(
                    AgenticServices.parallelBuilder()
                        .subAgents(new Broken(new ArithmeticException("by zero")), new Upper())
                        .build())
                .build());

    assertThatThrownBy(() -> system.invoke(Map.of("text", "t")));

    for (String name :
        List.of("invoke_workflow Sequential", "invoke_workflow Parallel", "invoke_agent fail")) {
      assertThat(span(name).status()).as(name).isEqualTo(SpanStatus.ERROR);
      assertThat(span(name).error()).contains("by zero");
      assertThat(span(name).attribute(GenAiAttributes.ERROR_TYPE))
          .isEqualTo("java.lang.ArithmeticException");
    }
    assertThat(span("invoke_agent upper").status()).isEqualTo(SpanStatus.OK);
  }

  @Test
  void agentThatThrowsAnError_endsTheSpans() {
    UntypedAgent system =
        tracing.wrap(
            AgenticServices.sequenceBuilder()
                .subAgents(new Broken(new StackOverflowError()))
                .build());

    assertThatThrownBy(() -> system.invoke(Map.of("text", "t")));

    assertThat(tree()).isEqualTo("invoke_workflow Sequential\n  invoke_agent fail\n");
    assertThat(span("invoke_agent fail").attribute(GenAiAttributes.ERROR_TYPE))
        .isEqualTo("java.lang.StackOverflowError");
  }

  @Test
  void listenerAlone_agentThatThrows_endsTheOutermostWorkflow() {
    ChatModel broken = ops.wrap(FakeChatModel.throwing(new ArithmeticException("by zero")));
    UntypedAgent sequence =
        AgenticServices.sequenceBuilder()
            .subAgents(AgenticServices.agentBuilder(Writer.class).chatModel(broken).build())
            .listener(tracing)
            .build();
    UntypedAgent parallel =
        AgenticServices.parallelBuilder()
            .subAgents(
                AgenticServices.agentBuilder(Writer.class).chatModel(broken).build(), editor("ok"))
            .listener(tracing)
            .build();

    assertThatThrownBy(() -> sequence.invoke(Map.of("topic", "cats")));
    assertThatThrownBy(() -> parallel.invoke(Map.of("topic", "cats", "text", "t")));

    assertThat(span("invoke_workflow Sequential").status()).isEqualTo(SpanStatus.ERROR);
    assertThat(span("invoke_workflow Parallel").status()).isEqualTo(SpanStatus.ERROR);
    assertThat(span("invoke_agent edit").status()).isEqualTo(SpanStatus.OK);
  }

  @Test
  void missingArgument_whichTheModuleDoesNotReport_endsTheWorkflow() {
    UntypedAgent system =
        tracing.wrap(AgenticServices.sequenceBuilder().subAgents(writer("draft")).build());

    assertThatThrownBy(() -> system.invoke(Map.of())).hasMessageContaining("topic");

    assertThat(span("invoke_workflow Sequential").status()).isEqualTo(SpanStatus.ERROR);
  }

  @Test
  void retriedAgent_isASpanForEachAttempt() {
    AtomicInteger attempts = new AtomicInteger();
    UntypedAgent system =
        tracing.wrap(
            AgenticServices.sequenceBuilder()
                .subAgents(new Flaky(attempts))
                .errorHandler(failure -> ErrorRecoveryResult.retry())
                .build());

    system.invoke(Map.of("text", "t"));

    assertThat(named("invoke_agent flaky"))
        .extracting(Span::status)
        .containsExactly(SpanStatus.ERROR, SpanStatus.ERROR, SpanStatus.OK);
    assertThat(span("invoke_workflow Sequential").status()).isEqualTo(SpanStatus.OK);
    assertThat(tree()).startsWith("invoke_workflow Sequential\n  invoke_agent flaky\n");
  }

  @Test
  void agentWhoseEndIsNotReported_endsWithTheCallAndLeavesNothingCurrent() {
    UntypedAgent system =
        tracing.wrap(
            AgenticServices.sequenceBuilder()
                .subAgents(new Suspended(tracing, tracer), new Upper())
                .build());

    assertThatThrownBy(() -> system.invoke(Map.of("text", "t")));

    Span suspended = span("invoke_agent suspended");
    assertThat(suspended.status()).isEqualTo(SpanStatus.ERROR);
    assertThat(suspended.error()).isEqualTo("its end was not reported");
    assertThat(tree())
        .isEqualTo(
            """
            invoke_workflow Sequential
              invoke_agent suspend
                invoke_agent suspended
            """);
  }

  @Test
  void humanInTheLoop_isAnAgentSpan() {
    UntypedAgent system =
        tracing.wrap(
            AgenticServices.sequenceBuilder()
                .subAgents(
                    AgenticServices.humanInTheLoopBuilder()
                        .responseProvider(scope -> "yes")
                        .outputKey("answer")
                        .build())
                .outputKey("answer")
                .build());

    assertThat(system.invoke(Map.of())).isEqualTo("yes");

    Span human = span("invoke_agent askUser");
    assertThat(human.attribute("agentops.agent.topology")).isEqualTo("human_in_the_loop");
    assertThat(human.output()).isEqualTo("yes");
    assertThat(human.input()).isEqualTo(Map.of());
  }

  @Test
  void systemAsToolOfAnAgent_nestsInIt() {
    UntypedAgent inner =
        tracing.wrap(
            AgenticServices.sequenceBuilder().name("research").subAgents(new Upper()).build());
    AtomicInteger turn = new AtomicInteger();
    ChatModel model =
        ops.wrap(
            FakeChatModel.answering(
                request ->
                    turn.getAndIncrement() == 0
                        ? FakeChatModel.response(
                            AiMessage.from(ToolRequests.of("research", "{}")), null)
                        : FakeChatModel.response("done")));
    Writer writer =
        AgenticServices.agentBuilder(Writer.class)
            .chatModel(model)
            .tools(new ResearchTool(inner))
            .build();
    UntypedAgent system =
        tracing.wrap(AgenticServices.sequenceBuilder().name("all").subAgents(writer).build());

    system.invoke(Map.of("topic", "cats"));

    assertThat(tree())
        .isEqualTo(
            """
            invoke_workflow all
              invoke_agent write
                chat fake-model
                execute_tool research
                  invoke_workflow research
                    invoke_agent upper
                chat fake-model
            """);
  }

  @Test
  void memoryId_isTheConversationOfAllItsSpans() {
    WithMemory system =
        tracing.wrap(
            AgenticServices.sequenceBuilder(WithMemory.class).subAgents(writer("ok")).build());

    system.run("c-7", "cats");

    assertThat(tracer.spans())
        .hasSize(3)
        .allSatisfy(
            span -> {
              assertThat(span.attribute(GenAiAttributes.CONVERSATION_ID)).isEqualTo("c-7");
              assertThat(span.sessionId()).isEqualTo("c-7");
              assertThat(span.attribute(Attributes.SESSION_ID)).isEqualTo("c-7");
            });
  }

  @Test
  void oneMemoryIdTwiceAtOnce_executorThatCarriesTheContext_keepsThemApart() throws Exception {
    CountDownLatch all = new CountDownLatch(4);
    ChatModel model =
        model(
            request -> {
              all.countDown();
              await(all);
              return "ok";
            });
    ExecutorService pool = Executors.newFixedThreadPool(6);
    try {
      WithMemory system =
          tracing.wrap(
              AgenticServices.parallelBuilder(WithMemory.class)
                  .subAgents(
                      AgenticServices.agentBuilder(Writer.class).chatModel(model).build(),
                      AgenticServices.agentBuilder(Writer.class).chatModel(model).build())
                  .executor(Scope.wrap(pool))
                  .build());

      Callable<Object> call = () -> system.run("c-7", "cats");
      for (Future<Object> done : pool.invokeAll(List.of(call, call))) {
        done.get();
      }
    } finally {
      pool.shutdown();
    }

    String one =
        """
        invoke_workflow run
          invoke_agent write
            chat fake-model
          invoke_agent write
            chat fake-model
        """;
    assertThat(tree()).isEqualTo(one + one);
  }

  @Test
  void contentOff_noInputsNorOutputs() {
    try (Tracer quiet = Tracer.builder().contentCapture(ContentCapture.OFF).build()) {
      UntypedAgent system =
          AgenticTracing.of(quiet)
              .wrap(AgenticServices.sequenceBuilder().subAgents(writer("secret")).build());

      system.invoke(Map.of("topic", "cats"));

      assertThat(quiet.spans())
          .hasSize(2)
          .allSatisfy(
              span -> {
                assertThat(span.input()).isNull();
                assertThat(span.output()).isNull();
                assertThat(span.attributes().toString()).doesNotContain("secret", "cats");
              });
    }
    tracer.spans(); // the model's own, on the other tracer
  }

  @Test
  void wrap_keepsTheOtherInterfacesOfTheSystem() {
    WithMemory system =
        tracing.wrap(
            AgenticServices.sequenceBuilder(WithMemory.class).subAgents(writer("ok")).build());

    assertThat(((AgentInstance) system).name()).isEqualTo("run");
    assertThat(system.toString()).isEqualTo("Sequential<WithMemory>");
    assertThat(tracer.spans()).isEmpty();
  }

  @Test
  void wrap_ofSomethingElse_isRefused() {
    assertThatThrownBy(() -> tracing.wrap("text"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.lang.String");
    Object proxy =
        Proxy.newProxyInstance(
            getClass().getClassLoader(), new Class<?>[] {Runnable.class}, (p, m, a) -> null);
    assertThatThrownBy(() -> tracing.wrap(proxy)).isInstanceOf(IllegalArgumentException.class);
  }

  private ChatModel model(Function<ChatRequest, String> answer) {
    return ops.wrap(
        FakeChatModel.answering(request -> FakeChatModel.response(answer.apply(request))));
  }

  private Writer writer(String answer) {
    return AgenticServices.agentBuilder(Writer.class).chatModel(model(request -> answer)).build();
  }

  private Editor editor(String answer) {
    return AgenticServices.agentBuilder(Editor.class).chatModel(model(request -> answer)).build();
  }

  private Span span(String name) {
    assertThat(named(name)).as(name).hasSize(1);
    return named(name).get(0);
  }

  private List<Span> named(String name) {
    return tracer.spans().stream().filter(span -> span.name().equals(name)).toList();
  }

  private String tree() {
    return SpanTree.of(tracer.spans());
  }

  private List<String> sortedTree() {
    return tree().lines().sorted().toList();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes. */
  public interface Writer {
    @Agent(description = "Writes", outputKey = "text")
    @UserMessage("Write about {{topic}}")
    String write(@V("topic") String topic);
  }

  /** Writes on another thread. */
  public interface AsyncWriter {
    @Agent(outputKey = "note", async = true)
    @UserMessage("Write about {{topic}}")
    String writeLater(@V("topic") String topic);
  }

  /** Edits. */
  public interface Editor {
    @Agent(outputKey = "text")
    @UserMessage("Edit {{text}}")
    String edit(@V("text") String text);
  }

  /** A system with a memory. */
  public interface WithMemory {
    @Agent
    Object run(@MemoryId String memoryId, @V("topic") String topic);
  }

  /** Asks no model. */
  public static final class Upper {
    @Agent(outputKey = "upper")
    public String upper(@V("text") String text) {
      return text.toUpperCase(java.util.Locale.ROOT);
    }
  }

  /** Counts how often it was invoked. */
  public record Counter(AtomicInteger rounds) {
    @Agent(outputKey = "count")
    public int count() {
      return rounds.incrementAndGet();
    }
  }

  /** Lets another agent go on. */
  public record Releaser(CountDownLatch latch) {
    @Agent(outputKey = "released")
    public String release() {
      latch.countDown();
      return "released";
    }
  }

  /** Runs on another thread, and nobody waits for it. */
  public record Forgotten(CountDownLatch latch) {
    @Agent(async = true)
    public String linger() {
      await(latch);
      return "late";
    }
  }

  /** Always throws. */
  public record Broken(Throwable failure) {
    @Agent(outputKey = "never")
    public String fail() {
      if (failure instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) failure;
    }
  }

  /** Succeeds the third time. */
  public record Flaky(AtomicInteger attempts) {
    @Agent(outputKey = "never")
    public String flaky() {
      if (attempts.incrementAndGet() < 3) {
        throw new IllegalStateException("not yet");
      }
      return "ok";
    }
  }

  /** Begins an invocation of an agent that is suspended: its end is never reported. */
  public record Suspended(AgenticTracing listener, Tracer tracer) {
    @Agent(outputKey = "never")
    public String suspend(AgenticScope scope) {
      AgentInstance agent =
          (AgentInstance)
              AgenticServices.sequenceBuilder().name("other").subAgents(new Named()).build();
      listener.beforeAgentInvocation(
          new AgentRequest(scope, agent.subagents().get(0), Map.of("text", "t")));
      throw new IllegalStateException("suspended");
    }
  }

  /** An agent of that name. */
  public static final class Named {
    @Agent(outputKey = "never")
    public String suspended() {
      return "never";
    }
  }

  /** A tool that asks another system. */
  public record ResearchTool(UntypedAgent system) {
    @Tool
    public String research() {
      system.invoke(Map.of("text", "t"));
      return "found";
    }
  }
}
