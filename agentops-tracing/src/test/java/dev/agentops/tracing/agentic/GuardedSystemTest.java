package dev.agentops.tracing.agentic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.agentops.AgentOps;
import dev.agentops.Scope;
import dev.agentops.guard.GuardInterceptor;
import dev.agentops.guard.Run;
import dev.agentops.guard.RunBound;
import dev.agentops.guard.RunGuard;
import dev.agentops.guard.RunLimitExceededException;
import dev.agentops.guard.RunLimits;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.agentic.UntypedAgent;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Agentic systems are stopped as a whole, whichever of their agents spends. */
@Timeout(30)
class GuardedSystemTest {

  private final FakeChatModel model = FakeChatModel.saying("once upon a time");
  private final Tracer tracer = Tracer.create();
  private final RunGuard guard =
      RunGuard.builder()
          .limits(RunLimits.builder().maxModelCalls(5).build())
          .tracesAreRuns()
          .build();
  private final AgentOps ops =
      AgentOps.with(TracingInterceptor.of(tracer), GuardInterceptor.of(guard)).build();

  /** Writes. */
  public interface Writer {
    @Agent(outputKey = "text")
    @UserMessage("Write about {{topic}}")
    String write(@V("topic") String topic);
  }

  @AfterEach
  void close() {
    tracer.close();
  }

  @Test
  void loop_insideOfARun_isStopped() {
    UntypedAgent system =
        AgenticServices.loopBuilder().subAgents(writer(), writer()).maxIterations(100).build();
    Throwable thrown;
    try (Run run = guard.run("novel")) {
      thrown = catchThrowable(() -> system.invoke(Map.of("topic", "cats")));
      assertThat(run.spent().modelCalls()).isEqualTo(5);
    }
    assertStopped(thrown, "novel");
  }

  @Test
  void parallelAgents_insideOfARun_shareIt() {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try (Run run = guard.run("novel")) {
      UntypedAgent system =
          AgenticServices.loopBuilder()
              .subAgents(
                  AgenticServices.parallelBuilder()
                      .subAgents(writer(), writer())
                      .executor(Scope.wrap(pool))
                      .build())
              .maxIterations(100)
              .build();
      assertStopped(catchThrowable(() -> system.invoke(Map.of("topic", "cats"))), "novel");
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void system_thatIsTraced_isOneRun() {
    UntypedAgent system =
        AgenticTracing.of(tracer)
            .wrap(
                AgenticServices.loopBuilder()
                    .subAgents(
                        AgenticServices.parallelBuilder().subAgents(writer(), writer()).build())
                    .maxIterations(100)
                    .build());

    assertStopped(catchThrowable(() -> system.invoke(Map.of("topic", "cats"))), "unknown");
    assertThat(guard.stats().runs()).isEqualTo(1);
  }

  private Writer writer() {
    return AgenticServices.agentBuilder(Writer.class).chatModel(ops.wrap(model)).build();
  }

  private void assertStopped(Throwable thrown, String agent) {
    Throwable cause = thrown;
    while (cause != null && !(cause instanceof RunLimitExceededException)) {
      cause = cause.getCause();
    }
    assertThat(cause)
        .isInstanceOfSatisfying(
            RunLimitExceededException.class,
            refusal -> {
              assertThat(refusal.bound()).isEqualTo(RunBound.MODEL_CALLS);
              assertThat(refusal.agent()).isEqualTo(agent);
            });
    assertThat(model.requests()).hasSize(5);
  }
}
