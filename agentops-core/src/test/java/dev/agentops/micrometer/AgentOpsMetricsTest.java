package dev.agentops.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.AgentOps;
import dev.agentops.ChatInterceptor;
import dev.agentops.Cost;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.event.CacheEvent;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.RateLimitEvent;
import dev.agentops.guard.GuardInterceptor;
import dev.agentops.guard.Run;
import dev.agentops.guard.RunGuard;
import dev.agentops.guard.RunLimitExceededException;
import dev.agentops.guard.RunLimits;
import dev.agentops.guard.ToolBreaker;
import dev.agentops.testing.FakeChatModel;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.service.tool.ToolExecutor;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AgentOpsMetricsTest {

  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final AgentOpsMetrics metrics = AgentOpsMetrics.of(registry);

  @Test
  void modelCall_priced_isMeteredByTheConventions() {
    ChatInterceptor pricing =
        new ChatInterceptor() {
          @Override
          public void after(ModelCall call, Outcome<ChatResponse> outcome) {
            call.recordCost(Cost.usd("0.25"));
          }
        };
    AgentOps ops = AgentOps.with(pricing).listener(metrics).build();
    ops.wrap(FakeChatModel.saying("hi")).chat("hello");
    ops.wrap(FakeChatModel.saying("hi")).chat("hello");

    assertThat(
            registry
                .get("gen_ai.client.operation.duration")
                .tag("gen_ai.request.model", "fake-model")
                .timer()
                .count())
        .isEqualTo(2);
    assertThat(
            registry
                .get("gen_ai.client.token.usage")
                .tag("gen_ai.token.type", "input")
                .summary()
                .totalAmount())
        .isEqualTo(20);
    assertThat(
            registry
                .get("gen_ai.client.token.usage")
                .tag("gen_ai.token.type", "output")
                .summary()
                .totalAmount())
        .isEqualTo(10);
    assertThat(registry.get("agentops.cost").counter().count()).isEqualTo(0.5);
    assertThat(registry.find("agentops.unpriced.calls").counter()).isNull();
  }

  @Test
  void runs_warnedAndStopped_areCounted() {
    RunGuard guard =
        RunGuard.builder().limits(RunLimits.builder().maxModelCalls(2).build()).build();
    ChatModel model =
        AgentOps.with(GuardInterceptor.of(guard))
            .listener(metrics)
            .build()
            .wrap(FakeChatModel.saying("hi"));
    try (Run run = guard.run("agent")) {
      model.chat("hello");
      model.chat("hello");
      assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RunLimitExceededException.class);
    }

    for (String type : List.of("warned", "stopped")) {
      assertThat(
              registry
                  .get("agentops.guard.events")
                  .tags("type", type, "limit", "maxModelCalls")
                  .counter()
                  .count())
          .isEqualTo(1);
    }
  }

  @Test
  void tool_withdrawn_isCounted() {
    RunGuard guard =
        RunGuard.builder().toolBreaker(ToolBreaker.builder().failuresInARow(1).build()).build();
    ToolExecutor tool =
        AgentOps.with(GuardInterceptor.of(guard))
            .listener(metrics)
            .build()
            .wrap(
                (request, memory) -> {
                  throw new IllegalStateException("down");
                });
    ToolExecutionRequest request =
        ToolExecutionRequest.builder().name("weather").arguments("{}").build();
    assertThatThrownBy(() -> tool.execute(request, "")).hasMessage("down");

    assertThat(
            registry
                .get("agentops.tool.circuit.events")
                .tags("gen_ai.tool.name", "weather", "type", "opened")
                .counter()
                .count())
        .isEqualTo(1);
  }

  @Test
  void modelCall_unpriced_isCountedAsSuch() {
    AgentOps.with().listener(metrics).build().wrap(FakeChatModel.saying("hi")).chat("hello");

    assertThat(registry.get("agentops.unpriced.calls").counter().count()).isEqualTo(1);
    assertThat(registry.find("agentops.cost").counter()).isNull();
  }

  @Test
  void modelCall_thousandsOfModelNames_getABoundedNumberOfMeters() {
    for (int i = 0; i < 1_000; i++) {
      metrics.onEvent(
          ModelCallEvent.builder().timestamp(Instant.EPOCH).requestModel("model-" + i).build());
    }

    assertThat(registry.find("gen_ai.client.operation.duration").timers())
        .hasSize(AgentOpsMetrics.MAXIMUM_NAMES + 1);
    assertThat(
            registry
                .get("gen_ai.client.operation.duration")
                .tag("gen_ai.request.model", "other")
                .timer()
                .count())
        .isEqualTo(800);
  }

  @Test
  void rateLimit_refusalsAreCountedAndWaitsMeasured() {
    RateLimitEvent.Builder event =
        RateLimitEvent.builder().timestamp(Instant.EPOCH).limiter("account").key("k");
    metrics.onEvent(event.build());
    metrics.onEvent(event.waited(Duration.ofSeconds(1)).build());
    metrics.onEvent(
        event.type(RateLimitEvent.Type.WAITED).waited(Duration.ofSeconds(2)).queued(3).build());

    assertThat(registry.get("agentops.ratelimit.rejections").counter().count()).isEqualTo(2);
    assertThat(registry.get("agentops.ratelimit.wait").tag("limiter", "account").timer().count())
        .isEqualTo(2);
    assertThat(registry.get("agentops.ratelimit.wait").timer().totalTime(TimeUnit.SECONDS))
        .isEqualTo(3);
  }

  @Test
  void toolCacheAndFaults_areMetered() {
    ChatInterceptor broken =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            throw new IllegalStateException("a fault of ours");
          }
        };
    AgentOps ops = AgentOps.with(broken).listener(metrics).build();
    metrics.watch(ops);

    ops.wrap(FakeChatModel.saying("hi")).chat("hello");
    ToolExecutor tool = ops.wrap((ToolExecutor) (request, memoryId) -> "ok");
    tool.execute(ToolExecutionRequest.builder().name("lookup").build(), "m1");
    metrics.onEvent(
        CacheEvent.builder()
            .timestamp(Instant.EPOCH)
            .cache("responses")
            .type(CacheEvent.Type.HIT)
            .savedCost(Cost.usd("0.25"))
            .build());

    assertThat(registry.get("agentops.faults").functionCounter().count()).isEqualTo(1);
    assertThat(
            registry
                .get("agentops.tool.duration")
                .tag("gen_ai.tool.name", "lookup")
                .timer()
                .count())
        .isEqualTo(1);
    assertThat(registry.get("agentops.cache.saved").tag("cache", "responses").counter().count())
        .isEqualTo(0.25);
    assertThat(registry.get("agentops.cache.requests").tag("result", "hit").counter().count())
        .isEqualTo(1);
  }

  @Test
  void watch_severalOps_addsTheirFaultsUp() {
    AgentOps[] both = {AgentOps.with(new Broken()).build(), AgentOps.with(new Broken()).build()};
    for (AgentOps ops : both) {
      metrics.watch(ops);
      ops.wrap(FakeChatModel.saying("hi")).chat("hello");
    }

    assertThat(registry.get("agentops.faults").functionCounter().count()).isEqualTo(2);
  }

  @Test
  void stream_firstChunk_isMeteredInSecondsWithTheBucketsOfTheConventions() {
    metrics.onEvent(
        ModelCallEvent.builder()
            .timestamp(Instant.EPOCH)
            .duration(Duration.ofSeconds(2))
            .timeToFirstChunk(Duration.ofMillis(300))
            .build());

    Timer first = registry.get("gen_ai.client.operation.time_to_first_chunk").timer();
    assertThat(first.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(300);
    HistogramSnapshot whole =
        registry.get("gen_ai.client.operation.duration").timer().takeSnapshot();
    assertThat(whole.histogramCounts())
        .extracting(bucket -> bucket.bucket(TimeUnit.SECONDS))
        .startsWith(0.01, 0.02, 0.04)
        .endsWith(81.92)
        .hasSize(14);
  }

  private static final class Broken implements ChatInterceptor {

    @Override
    public ChatResponse before(ModelCall call) {
      throw new IllegalStateException("a fault of ours");
    }
  }
}
