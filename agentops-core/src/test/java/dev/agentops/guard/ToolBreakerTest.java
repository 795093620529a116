package dev.agentops.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.AgentOps;
import dev.agentops.CallRejectedException;
import dev.agentops.TestClock;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.ToolCircuitEvent;
import dev.agentops.guard.Agents.Kind;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.ToolArgumentsException;
import dev.langchain4j.service.tool.ToolExecutor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class ToolBreakerTest {

  private final TestClock clock = TestClock.create();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final AtomicInteger ran = new AtomicInteger();
  private volatile RuntimeException failure = new IllegalStateException("down");

  @Test
  void tool_failsSoOftenInARow_isWithdrawnAndTriedAgain() {
    RunGuard guard = guard(ToolBreaker.builder().failuresInARow(3).build());
    ToolExecutor tool = tool(guard);
    failTimes(tool, 3);

    assertThat(execute(tool)).contains("'weather' is unavailable until 2026-01-01T00:00:30Z");
    assertThat(ran).hasValue(3);
    assertThat(guard.withdrawnTools()).containsOnlyKeys("weather");
    assertThat(guard.stats().withdrawnToolCalls()).isEqualTo(1);

    clock.advance(Duration.ofSeconds(30));
    failTimes(tool, 1); // the trial
    assertThat(execute(tool)).contains("until 2026-01-01T00:01:00Z");

    clock.advance(Duration.ofSeconds(30));
    failure = null;
    assertThat(execute(tool)).isEqualTo("sunny");
    assertThat(execute(tool)).isEqualTo("sunny");
    assertThat(guard.withdrawnTools()).isEmpty();
    assertThat(changes())
        .containsExactly(
            ToolCircuitEvent.Type.OPENED,
            ToolCircuitEvent.Type.OPENED,
            ToolCircuitEvent.Type.CLOSED);
  }

  @Test
  void tool_failsHalfOfTheTime_isWithdrawnOnceEnoughIsKnown() {
    ToolExecutor tool =
        tool(guard(ToolBreaker.builder().failuresInARow(100).failureRatio(0.5, 10, 20).build()));
    for (int i = 0; i < 9; i++) {
      failure = i % 2 == 0 ? new IllegalStateException("down") : null;
      tryOnce(tool);
    }
    assertThat(ran).hasValue(9);
    failure = new IllegalStateException("down");
    failTimes(tool, 1);

    assertThat(execute(tool)).contains("unavailable");
    assertThat(((ToolCircuitEvent) events.get(0)).detail())
        .isEqualTo("6 of the last 10 calls failed");
  }

  @Test
  void tool_isGivenWrongArguments_orRefused_isNotWithdrawn() {
    ToolExecutor tool = tool(guard(ToolBreaker.builder().failuresInARow(2).build()));
    for (RuntimeException notItsFault :
        List.of(
            new ToolArgumentsException(new IllegalArgumentException("no such city")),
            new CallRejectedException("busy"))) {
      failure = notItsFault;
      failTimes(tool, 5);
    }
    assertThat(ran).hasValue(10);
  }

  @Test
  void tool_succeedsBetween_isNotWithdrawn() {
    ToolExecutor tool =
        tool(guard(ToolBreaker.builder().failuresInARow(3).failureRatio(1, 20, 20).build()));
    for (int i = 0; i < 40; i++) {
      failure = i % 3 == 2 ? null : new IllegalStateException("down");
      tryOnce(tool);
    }
    assertThat(ran).hasValue(40);
  }

  @Test
  void trial_isOneAtATime_andAnotherOneAfterAWhileIfItNeverEnds() throws Exception {
    RunGuard guard = guard(ToolBreaker.builder().failuresInARow(1).build());
    failTimes(tool(guard), 1);
    clock.advance(Duration.ofSeconds(30));
    failure = null;
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch hangs = new CountDownLatch(1);
    ToolExecutor hanging =
        ops(guard)
            .wrap(
                (request, memory) -> {
                  begun.countDown();
                  awaitUninterrupted(hangs);
                  return "late";
                });
    Thread trial = new Thread(() -> execute(hanging));
    trial.start();
    assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();

    assertThat(execute(tool(guard))).contains("unavailable");
    clock.advance(Duration.ofSeconds(30));
    assertThat(execute(tool(guard))).isEqualTo("sunny");
    hangs.countDown();
    trial.join();
    assertThat(guard.withdrawnTools()).isEmpty();
  }

  @Test
  void toolOfItsOwnRule_isNotWithdrawnByThatOfAll() {
    RunGuard guard =
        RunGuard.builder()
            .clock(clock)
            .toolBreaker(ToolBreaker.builder().failuresInARow(1).build())
            .toolBreaker("weather", ToolBreaker.never())
            .build();
    ToolExecutor tool = tool(guard);
    failTimes(tool, 10);
    assertThat(ran).hasValue(10);
  }

  @ParameterizedTest
  @EnumSource
  void agent_asksForAWithdrawnTool_isToldAndGoesOn(Kind kind) {
    RunGuard guard = guard(ToolBreaker.builder().failuresInARow(2).build());
    AtomicInteger asked = new AtomicInteger();
    List<String> told = new CopyOnWriteArrayList<>();
    Runnable agent =
        kind.agent(
            ops(guard),
            request -> {
              told.add(request.messages().get(request.messages().size() - 1).toString());
              return Agents.response(
                  asked.getAndIncrement() < 3
                      ? Agents.call("weather", "{}")
                      : AiMessage.from("no weather today"));
            },
            Map.of("weather", this::run));

    agent.run();

    assertThat(ran).hasValue(2);
    assertThat(told.get(3)).contains("Do not call it again");
  }

  @Test
  void nonsense_isRefusedWithTheValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ToolBreaker.builder().failuresInARow(0))
        .withMessageContaining("0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ToolBreaker.builder().failureRatio(1.5, 1, 2))
        .withMessageContaining("1.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ToolBreaker.builder().failureRatio(0.5, 3, 2))
        .withMessageContaining("3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ToolBreaker.builder().openFor(Duration.ZERO))
        .withMessageContaining("PT0S");
  }

  private String run(Object request, Object memory) {
    ran.incrementAndGet();
    RuntimeException thrown = failure;
    if (thrown != null) {
      throw thrown;
    }
    return "sunny";
  }

  private void failTimes(ToolExecutor tool, int times) {
    for (int i = 0; i < times; i++) {
      assertThatThrownBy(() -> execute(tool)).isSameAs(failure);
    }
  }

  private void tryOnce(ToolExecutor tool) {
    if (failure == null) {
      execute(tool);
    } else {
      failTimes(tool, 1);
    }
  }

  private static String execute(ToolExecutor tool) {
    return tool.execute(Agents.request("weather", "{}"), "");
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<ToolCircuitEvent.Type> changes() {
    return events.stream().map(event -> ((ToolCircuitEvent) event).type()).toList();
  }

  private RunGuard guard(ToolBreaker breaker) {
    return RunGuard.builder().clock(clock).toolBreaker(breaker).listener(events::add).build();
  }

  private ToolExecutor tool(RunGuard guard) {
    return ops(guard).wrap(this::run);
  }

  private AgentOps ops(RunGuard guard) {
    return AgentOps.with(GuardInterceptor.of(guard)).clock(clock).build();
  }
}
