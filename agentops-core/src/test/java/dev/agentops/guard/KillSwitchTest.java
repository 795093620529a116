package dev.agentops.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.ProviderExchange;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.RunGuardEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.service.tool.ToolExecutor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class KillSwitchTest {

  private final TestClock clock = TestClock.create();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final RunGuard guard =
      RunGuard.builder().limits(RunLimits.none()).clock(clock).listener(events::add).build();
  private final AgentOps ops = AgentOps.with(GuardInterceptor.of(guard)).clock(clock).build();
  private final FakeChatModel fake = FakeChatModel.saying("hello");
  private final ChatModel model = ops.wrap(fake);

  @Test
  void kill_stopsWhomItIsFor_untilItIsTakenBack() {
    guard.kill(KillTarget.user("alice"), "asked too much");
    guard.kill(KillTarget.tenant("acme"), "");

    try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
      assertThatThrownBy(() -> model.chat("hi"))
          .isInstanceOf(RunKilledException.class)
          .hasMessage("killed by the switch of user 'alice': asked too much");
      assertThatThrownBy(() -> guard.run("agent")).isInstanceOf(RunKilledException.class);
    }
    try (Scope scope = ops.scope(Attributes.of("user.id", "bob", "tenant", "acme"))) {
      assertThatThrownBy(() -> model.chat("hi")).hasMessageContaining("tenant 'acme'");
    }
    assertThatCode(() -> model.chat("hi")).doesNotThrowAnyException();

    assertThat(guard.revive(KillTarget.user("alice"))).isTrue();
    assertThat(guard.revive(KillTarget.user("alice"))).isFalse();
    try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
      assertThatCode(() -> model.chat("hi")).doesNotThrowAnyException();
    }
    assertThat(guard.killed())
        .extracting(kill -> kill.target().toString())
        .containsExactly("tenant 'acme'");
  }

  @Test
  void killOfAll_stopsEverything_forItsTime() {
    guard.kill(KillTarget.all(), "incident", Duration.ofMinutes(5));
    ToolExecutor tool = ops.wrap((request, memory) -> "found");

    assertThatThrownBy(() -> model.chat("hi"))
        .isInstanceOfSatisfying(
            RunKilledException.class,
            refusal -> assertThat(refusal.retryAfter()).isEqualTo(Duration.ofMinutes(5)));
    assertThatThrownBy(() -> tool.execute(Agents.request("search", "{}"), ""))
        .isInstanceOf(RunKilledException.class);

    clock.advance(Duration.ofMinutes(5));
    assertThatCode(() -> model.chat("hi")).doesNotThrowAnyException();
    assertThat(guard.killed()).isEmpty();
    assertThat(guard.stats().refusedByKill()).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource
  void killOfARun_fromItsOwnTool_endsTheAgent(Agents.Kind kind) {
    AtomicInteger asked = new AtomicInteger();
    Runnable agent =
        kind.agent(
            ops,
            Agents.script(asked, n -> Agents.call("search", "{\"n\":" + n + "}")),
            Map.of(
                "search",
                (request, memory) -> {
                  if (asked.get() >= 3) {
                    guard.kill(KillTarget.run(guard.runs().get(0).runId()), "seen on the console");
                  }
                  return "found";
                }));

    assertThatThrownBy(agent::run)
        .isInstanceOf(RunKilledException.class)
        .hasMessageContaining("seen on the console");
    assertThat(asked).hasValueBetween(3, 4);
    assertThat(guard.killed()).as("the run is over").isEmpty();
    assertThat(events).filteredOn(event -> ((RunGuardEvent) event).runId().isPresent()).hasSize(1);
  }

  @Test
  void killOfAnAgent_stopsThoseInsideToo_andNoOther() {
    guard.kill(KillTarget.agent("planner"), "");
    try (Run run = guard.run("writer")) {
      assertThatCode(() -> model.chat("hi")).doesNotThrowAnyException();
      assertThatThrownBy(() -> guard.run("planner")).isInstanceOf(RunKilledException.class);
    }
    guard.revive(KillTarget.agent("planner"));
    try (Run outer = guard.run("planner");
        Run inner = guard.run("writer")) {
      guard.kill(KillTarget.agent("planner"), "");
      assertThatThrownBy(() -> model.chat("hi")).isInstanceOf(RunKilledException.class);
      assertThat(guard.runs())
          .singleElement()
          .satisfies(run -> assertThat(run.killedBy()).isPresent());
    }
  }

  @Test
  void kill_breaksOffTheCallThatIsUnderWay() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    ChatModel slow =
        ops.wrap(
            FakeChatModel.answering(
                request -> {
                  // as an HTTP client does
                  ProviderExchange.current().breakOffWith(closed::countDown);
                  asked.countDown();
                  try {
                    closed.await();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                  throw new IllegalStateException("closed");
                }));
    CompletableFuture<Void> call =
        CompletableFuture.runAsync(
            () -> {
              try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
                slow.chat("hi");
              }
            });
    assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
    guard.kill(KillTarget.user("bob"), "");
    assertThat(call).isNotDone();

    guard.kill(KillTarget.user("alice"), "enough");

    assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RunKilledException.class)
        .hasMessageContaining("enough");
    assertThat(guard.stats().brokenOffCalls()).isEqualTo(1);
  }

  @Test
  void kill_breaksOffTheStreamThatIsUnderWay() {
    FakeStreamingChatModel streaming = FakeStreamingChatModel.drivenByHand();
    RecordingHandler handler = new RecordingHandler();
    FakeStreamingChatModel.Handle handle = new FakeStreamingChatModel.Handle();
    ops.wrap(streaming).chat("hi", handler);
    streaming.chunk("Hel", handle);

    guard.kill(KillTarget.all(), "incident");

    await().untilAsserted(() -> assertThat(handler.error()).isInstanceOf(RunKilledException.class));
    assertThat(handle.isCancelled()).isTrue();
  }

  @Test
  void timeOfARun_breaksOffTheCallThatIsUnderWay() throws Exception {
    RunGuard timed =
        RunGuard.builder()
            .limits(RunLimits.builder().maxDuration(Duration.ofMinutes(1)).build())
            .clock(clock)
            .build();
    FakeStreamingChatModel streaming = FakeStreamingChatModel.drivenByHand();
    CompletableFuture<Throwable> error = new CompletableFuture<>();
    AgentOps timedOps = AgentOps.with(GuardInterceptor.of(timed)).clock(clock).build();
    Agents.StreamingAssistant assistant =
        timedOps.aiServices(Agents.StreamingAssistant.class).streamingChatModel(streaming).build();
    assistant.chat("go").onPartialResponse(partial -> {}).onError(error::complete).start();

    clock.advance(Duration.ofMinutes(1));

    assertThat(error.get(10, TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            RunLimitExceededException.class,
            refusal -> assertThat(refusal.bound()).isEqualTo(RunBound.DURATION));
  }

  @Test
  void kills_areBounded_thoseOfRunsGoFirst() {
    for (int i = 0; i < KillSwitches.MAXIMUM + 100; i++) {
      guard.kill(KillTarget.run("run " + i), "");
    }
    assertThat(guard.killed()).hasSize(KillSwitches.MAXIMUM);
    guard.kill(KillTarget.all(), "");
    assertThat(guard.killed()).hasSize(KillSwitches.MAXIMUM + 1); // that of all always has room
    assertThatThrownBy(() -> model.chat("hi")).isInstanceOf(RunKilledException.class);
  }

  @Test
  void killOfARunThatGoesOn_isNotTakenBackByLaterOnes() {
    try (Run run = guard.run("agent")) {
      guard.kill(KillTarget.run(run.runId()), "stop");
      for (int i = 0; i < KillSwitches.MAXIMUM + 100; i++) {
        guard.kill(KillTarget.run("unknown " + i), "");
      }

      assertThatThrownBy(() -> model.chat("hi")).isInstanceOf(RunKilledException.class);
    }
    assertThat(guard.killed()).noneMatch(kill -> kill.reason().equals("stop"));
  }

  @Test
  void kill_withAHandlerThatHangs_breaksOffTheOthers() {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch told = new CountDownLatch(4);
    FakeStreamingChatModel streaming = FakeStreamingChatModel.drivenByHand();
    for (int i = 0; i < 5; i++) {
      boolean hangs = i == 0;
      ops.wrap(streaming)
          .chat(
              "hi",
              new StreamingChatResponseHandler() {
                @Override
                public void onCompleteResponse(ChatResponse response) {}

                @Override
                public void onError(Throwable error) {
                  if (hangs) {
                    awaitQuietly(release);
                  } else {
                    told.countDown();
                  }
                }
              });
    }

    guard.kill(KillTarget.all(), "incident");

    await().untilAsserted(() -> assertThat(told.getCount()).isZero());
    release.countDown();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void nonsense_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> KillTarget.user(" "));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> guard.kill(KillTarget.all(), "", Duration.ZERO))
        .withMessageContaining("PT0S");
  }
}
