package dev.agentops.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Scope;
import dev.agentops.Usage;
import dev.agentops.alerts.Alert;
import dev.agentops.alerts.AlertLevel;
import dev.agentops.alerts.AlertManager;
import dev.agentops.cache.CachingInterceptor;
import dev.agentops.cache.Codec;
import dev.agentops.cache.MultiLevelCache;
import dev.agentops.cache.ResponseCache;
import dev.agentops.cost.Budget;
import dev.agentops.cost.BudgetExceededException;
import dev.agentops.cost.CostInterceptor;
import dev.agentops.cost.CostMonitor;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.ratelimit.RateLimitExceededException;
import dev.agentops.ratelimit.RateLimitInterceptor;
import dev.agentops.ratelimit.RateLimiter;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each promise of the README once, with all modules together, as a user types it. */
@Timeout(60)
class TourTest {

  private static final Cost DOLLAR = Cost.usd("1.00");

  @Test
  void tracing_ownSpans_formATree() {
    try (Tracer tracer = Tracer.create()) {
      try (TraceContext turn = tracer.startTrace("trace-42", "planner", "plan")) {
        turn.setInput(Map.of("goal", "lunch"));
        try (TraceContext step = tracer.startSpan("map", "search")) {
          step.setAttribute("hits", 3);
        }
        turn.setOutput("noodles");
      }
      assertThatThrownBy(
              () ->
                  tracer.trace(
                      "planner",
                      "fail",
                      context -> {
                        throw new IllegalStateException("no table");
                      }))
          .isInstanceOf(IllegalStateException.class);

      Span turn = spanOf(tracer, "planner", "plan");
      Span step = spanOf(tracer, "map", "search");
      assertThat(turn.traceId()).isEqualTo("trace-42");
      assertThat(turn.parentSpanId()).isNull();
      assertThat(turn.input()).isEqualTo(Map.of("goal", "lunch"));
      assertThat(turn.output()).isEqualTo("noodles");
      assertThat(step.parentSpanId()).isEqualTo(turn.spanId());
      assertThat(step.traceId()).isEqualTo("trace-42");
      assertThat(spanOf(tracer, "planner", "fail").error()).contains("no table");
    }
  }

  @Test
  void cost_recordedUsage_isSummedExactly() {
    try (CostMonitor costs = CostMonitor.builder().build()) {
      costs.recordUsage("gpt-4", 1_000, 500);
      costs.recordUsage("openai", "gpt-4", Usage.of(1_000, 500), Attributes.of("agent", "writer"));
      assertThat(costs.recordUsage("a-model-nobody-knows", 10, 10).cost()).isEmpty();

      assertThat(costs.statistics().totalRequests()).isEqualTo(3);
      assertThat(costs.statistics().unpricedRequests()).isEqualTo(1);
      assertThat(costs.statistics().totalCost()).isEqualTo(Cost.usd("0.12"));
      assertThat(costs.statistics().averageCostPerRequest()).isEqualTo(Cost.usd("0.06"));
      assertThat(costs.costBy("agent")).containsEntry("writer", Cost.usd("0.06"));
      LocalDate today = LocalDate.now(ZoneOffset.UTC);
      BigDecimal aroundToday =
          List.of(today.minusDays(1), today, today.plusDays(1)).stream()
              .map(costs::dailyCost)
              .map(Cost::usd)
              .reduce(BigDecimal.ZERO, BigDecimal::add);
      assertThat(aroundToday).isEqualByComparingTo("0.12");
      assertThat(costs.monthlyCost(YearMonth.from(today)).compareTo(Cost.usd("0.12")))
          .isLessThanOrEqualTo(0);
    }
  }

  @Test
  void alerts_oneHandlerBroken_theOtherGetsEachOnce() {
    List<Alert> seen = new CopyOnWriteArrayList<>();
    try (AlertManager alerts =
        AlertManager.builder()
            .errorRateThreshold(0.1)
            .responseTimeThreshold(Duration.ofSeconds(5))
            .costPerHourThreshold(Cost.usd("10"))
            .build()) {
      alerts.addHandler(seen::add);
      alerts.addHandler(
          alert -> {
            throw new IllegalStateException("this channel is down");
          });
      alerts.alert(AlertLevel.INFO, "deployed", Map.of("version", "7"));
      alerts.checkErrorRate(1, 100);
      alerts.checkErrorRate(20, 100);
      alerts.checkResponseTime(Duration.ofMillis(5_200));
      alerts.checkCostPerHour(Cost.usd("9.99"));
      alerts.flush(Duration.ofSeconds(10));

      assertThat(seen)
          .extracting(Alert::level)
          .contains(AlertLevel.INFO, AlertLevel.ERROR)
          .hasSize(3);
      assertThat(alerts.history()).hasSize(3);
    }
  }

  @Test
  void cache_missesAtOnce_loadOnce() {
    AtomicInteger loads = new AtomicInteger();
    try (MultiLevelCache<String> cache =
        MultiLevelCache.builder(Codec.utf8())
            .maximumSize(100)
            .timeToLive(Duration.ofHours(1))
            .build()) {
      List.of(1, 2, 3).forEach(i -> cache.getOrCompute("q", key -> key + loads.incrementAndGet()));
      cache.warmUp(List.of("a", "b"), key -> key + "!");

      assertThat(loads).hasValue(1);
      assertThat(cache.get("b")).contains("b!");
    }
  }

  @Test
  void chain_allModulesTogether_oneEventACallAndOneTraceATurn() {
    AtomicInteger asked = new AtomicInteger();
    List<OpsEvent> events = new CopyOnWriteArrayList<>();
    try (Tracer tracer = Tracer.create();
        CostMonitor costs =
            CostMonitor.builder()
                .budget(Budget.daily(DOLLAR).named("daily").rejectWhenExceeded())
                .build();
        ResponseCache cache =
            ResponseCache.builder().maximumSize(100).timeToLive(Duration.ofMinutes(10)).build()) {
      AgentOps ops =
          AgentOps.with(
                  TracingInterceptor.of(tracer),
                  CachingInterceptor.of(cache),
                  RateLimitInterceptor.of(RateLimiter.builder().requestsPerMinute(3).build()),
                  CostInterceptor.of(costs))
              .listener(events::add)
              .build();
      ChatModel model = ops.wrap(gpt4(asked));

      try (Scope scope = ops.scope(Attributes.of("user.id", "alice"));
          TraceContext turn = tracer.startTrace("support", "invoke_agent")) {
        model.chat("one");
        model.chat("one");
        model.chat("two"); // 1.20: over the daily dollar
        assertThatThrownBy(() -> model.chat("three"))
            .isInstanceOfSatisfying(
                BudgetExceededException.class,
                refused -> assertThat(refused).hasMessageContaining("daily"));
      }

      assertThat(asked).hasValue(2);
      assertThat(events)
          .filteredOn(ModelCallEvent.class::isInstance)
          .extracting(event -> ((ModelCallEvent) event).status())
          .containsExactly(CallStatus.OK, CallStatus.OK, CallStatus.OK, CallStatus.REJECTED);
      assertThat(events)
          .filteredOn(ModelCallEvent.class::isInstance)
          .extracting(event -> ((ModelCallEvent) event).cost().orElse(Cost.ZERO))
          .containsExactly(Cost.usd("0.06"), Cost.ZERO, Cost.usd("1.2"), Cost.ZERO);
      assertThat(costs.statistics().totalCost()).isEqualTo(Cost.usd("1.26"));
      Span turn = spanOf(tracer, "support", "invoke_agent");
      assertThat(tracer.spans())
          .filteredOn(span -> turn.spanId().equals(span.parentSpanId()))
          .hasSize(4);
      assertThat(ops.faults()).isZero();
    }
  }

  @Test
  void limit_usedUp_refusesWithTheWait() {
    ChatModel model =
        AgentOps.with(RateLimitInterceptor.of(RateLimiter.builder().requestsPerMinute(1).build()))
            .build()
            .wrap(gpt4(new AtomicInteger()));
    model.chat("a");

    assertThatThrownBy(() -> model.chat("b"))
        .isInstanceOfSatisfying(
            RateLimitExceededException.class,
            refused -> assertThat(refused.retryAfter()).isPositive());
  }

  private static Span spanOf(Tracer tracer, String agent, String action) {
    return tracer.spans(agent).stream()
        .filter(span -> span.action().equals(action))
        .findFirst()
        .orElseThrow();
  }

  /** Costs 0.06 the first time and 1.20 from then on. */
  private static ChatModel gpt4(AtomicInteger asked) {
    return new ChatModel() {
      @Override
      public ChatResponse doChat(ChatRequest request) {
        boolean first = asked.incrementAndGet() == 1;
        return ChatResponse.builder()
            .aiMessage(AiMessage.from("echo"))
            .modelName("gpt-4")
            .tokenUsage(first ? new TokenUsage(1_000, 500) : new TokenUsage(20_000, 10_000))
            .build();
      }

      @Override
      public ChatRequestParameters defaultRequestParameters() {
        return ChatRequestParameters.builder().modelName("gpt-4").build();
      }
    };
  }
}
