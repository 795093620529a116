package dev.agentops.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.guard.GuardInterceptor;
import dev.agentops.guard.KillTarget;
import dev.agentops.guard.Run;
import dev.agentops.guard.RunGuard;
import dev.agentops.guard.RunKilledException;
import dev.agentops.guard.RunLimitExceededException;
import dev.agentops.guard.RunLimits;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What stops an agent is not made up for. */
@Timeout(60)
class FinalRefusalsTest {

  private final TestClock clock = TestClock.create();
  private final RunGuard guard =
      RunGuard.builder().limits(RunLimits.builder().maxModelCalls(1).build()).clock(clock).build();
  private final AgentOps ops = AgentOps.with(GuardInterceptor.of(guard)).clock(clock).build();
  private final FakeChatModel other = FakeChatModel.saying("other");
  private final Resilience resilience =
      Resilience.builder()
          .retry(Retry.builder().retryRefusals(Duration.ofHours(1)).clock(clock).build())
          .hedge(Hedge.builder().after(Duration.ofSeconds(4)).clock(clock).build())
          .clock(clock)
          .build();

  @Test
  void chat_runIsStopped_noOtherModelGoesOn() {
    ChatModel model = resilience.wrap(ops.wrap(FakeChatModel.saying("hi")), other);

    try (Run run = guard.run("agent")) {
      model.chat("first");
      assertThatThrownBy(() -> model.chat("second")).isInstanceOf(RunLimitExceededException.class);
    }
    assertThat(other.requests()).isEmpty();
  }

  @Test
  void chat_killedForAWhile_isNotRetriedNorFallenBackFrom() {
    guard.kill(KillTarget.all(), "enough", Duration.ofMinutes(1));
    ChatModel model = resilience.wrap(ops.wrap(FakeChatModel.saying("hi")), other);

    assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RunKilledException.class);
    assertThat(other.requests()).isEmpty();
  }

  @Test
  void balancer_killed_asksNoOtherKey() {
    guard.kill(KillTarget.all(), "enough", Duration.ofMinutes(1));
    ChatModel model =
        LoadBalancer.builder()
            .weights(1_000, 1)
            .build()
            .wrap(ops.wrap(FakeChatModel.saying("hi")), other);

    assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RunKilledException.class);
    assertThat(other.requests()).isEmpty();
  }

  @Test
  void stream_killedUnderWay_ends() {
    FakeStreamingChatModel silent = FakeStreamingChatModel.drivenByHand();
    FakeStreamingChatModel spare = FakeStreamingChatModel.saying("spare");
    RecordingHandler handler = new RecordingHandler();
    resilience.wrap(ops.wrap(silent), spare).chat("hello", handler);

    guard.kill(KillTarget.all(), "enough", Duration.ofMinutes(1));

    await().until(() -> handler.error() != null);
    assertThat(handler.error()).isInstanceOf(RunKilledException.class);
    assertThat(spare.requests()).isEmpty();
  }

  @Test
  void hedge_runHasNoRoomForASecondAttempt_theFirstStillAnswers() throws Exception {
    Gate gate = new Gate();
    FakeChatModel slow =
        FakeChatModel.answering(
            request -> {
              try {
                gate.pass();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return FakeChatModel.response("first");
            });
    ChatModel model = resilience.wrap(ops.wrap(slow));
    try (Run run = guard.run("agent")) {
      CompletableFuture<String> answer =
          CompletableFuture.supplyAsync(
              () -> model.chat("hello"), Scope.wrap(ForkJoinPool.commonPool()));
      gate.awaitVisitor();
      await().until(() -> clock.pendingTimers() > 0);
      clock.advance(Duration.ofSeconds(4));
      await().until(() -> guard.stats().refusedByLimit() > 0);
      gate.open();

      assertThat(answer.join()).isEqualTo("first");
      assertThat(guard.stats().stoppedRuns()).isEqualTo(0);
    }
  }

  @Test
  void batch_killedForAWhile_doesNotWait() throws Exception {
    guard.kill(KillTarget.all(), "enough", Duration.ofSeconds(1));
    BatchResult<String, ChatResponse> result =
        Batch.texts(ops.wrap(FakeChatModel.saying("hi"))).clock(clock).build().run(List.of("a"));

    assertThat(result.items().get(0).error()).containsInstanceOf(RunKilledException.class);
  }
}
