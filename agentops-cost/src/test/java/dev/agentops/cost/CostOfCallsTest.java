package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.TestClock;
import dev.agentops.Usage;
import dev.agentops.UsageGap;
import dev.agentops.UsageReport;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.UnpricedCallEvent;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.service.tool.ToolExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CostOfCallsTest {

  @TempDir Path directory;

  private final List<OpsEvent> events = new ArrayList<>();
  private CostMonitor costs = monitor(UnpricedCalls.ALLOW);

  @AfterEach
  void close() {
    costs.close();
  }

  @Test
  void recordUsage_reportedCost_isPreferredAndReconciled() {
    UsageReport report =
        UsageReport.of(Usage.of(1_000_000, 0)).toBuilder().reportedCost(Cost.usd("1.25")).build();

    UsageRecord record = costs.recordUsage("acme", "acme-plain", report, Attributes.empty());

    assertThat(record.cost()).contains(Cost.usd("1.25"));
    assertThat(record.calculatedCost()).contains(Cost.usd("1"));
    assertThat(costs.statistics().totalCost()).isEqualTo(Cost.usd("1.25"));
    assertThat(costs.statistics().unexplainedCost()).isEqualTo(Cost.usd("0.25"));
  }

  @Test
  void recordUsage_reportedCostOfAnUnknownModel_isTheCost() {
    UsageReport report =
        UsageReport.of(Usage.of(10, 1)).toBuilder().reportedCost(Cost.usd("0.01")).build();

    UsageRecord record = costs.recordUsage("acme", "nobody-knows", report, Attributes.empty());

    assertThat(record.cost()).contains(Cost.usd("0.01"));
    assertThat(record.calculatedCost()).isEmpty();
    assertThat(costs.statistics().unpricedRequests()).isZero();
    assertThat(events).isEmpty();
  }

  @Test
  void recordUsage_subCallOfAnotherModel_isARecordOfItsOwn() {
    UsageReport report =
        UsageReport.of(Usage.of(1_000_000, 0)).toBuilder()
            .subCall(UsageReport.of(Usage.of(100, 10)).toBuilder().model("acme-long").build())
            .build();

    UsageRecord record = costs.recordUsage("acme", "acme-plain", report, Attributes.empty());

    assertThat(TestRecords.of(costs.ledger()))
        .extracting(UsageRecord::model)
        .containsExactlyInAnyOrder("acme-plain", "acme-long");
    assertThat(TestRecords.of(costs.ledger()))
        .extracting(UsageRecord::id)
        .contains(record.id(), record.id() + "/1");
    assertThat(costs.statistics().totalCost()).isEqualTo(Cost.usd("1.0003"));
  }

  @Test
  void recordUsage_reportedCostWithSubCalls_isSplitWithoutRemainder() {
    UsageReport report =
        UsageReport.of(Usage.of(1_000_000, 0)).toBuilder()
            .reportedCost(Cost.usd("2"))
            .subCall(UsageReport.of(Usage.of(100, 10)).toBuilder().model("acme-long").build())
            .build();

    costs.recordUsage("acme", "acme-plain", report, Attributes.empty());

    assertThat(costs.statistics().totalCost()).isEqualTo(Cost.usd("2"));
    assertThat(costs.statistics().unexplainedCost()).isEqualTo(Cost.usd("0.9997"));
  }

  @Test
  void rerate_reportedCostWithSubCalls_changesNothing() throws IOException {
    UsageReport report =
        UsageReport.of(Usage.of(1_000_000, 0)).toBuilder()
            .reportedCost(Cost.usd("1"))
            .subCall(UsageReport.of(Usage.of(100, 10)).toBuilder().model("acme-new").build())
            .build();
    UsageRecord record = costs.recordUsage("acme", "acme-plain", report, Attributes.empty());
    Path file = directory.resolve("newer.json");
    Files.writeString(file, TestPrices.of("newer", Map.of("acme-plain", "3", "acme-new", "9")));

    costs.rerate(PriceCatalog.load(file), Instant.MIN, Instant.MAX).apply();

    assertThat(record.cost()).contains(Cost.usd("1"));
    assertThat(costs.statistics().totalCost()).isEqualTo(Cost.usd("1"));
    assertThat(costs.statistics().unpricedRequests()).isZero();
  }

  @Test
  void recordUsage_reportedLessThanSubCallsCost_neverGoesBelowZero() {
    UsageReport report =
        UsageReport.of(Usage.of(1_000_000, 0)).toBuilder()
            .reportedCost(Cost.usd("0.0001"))
            .subCall(UsageReport.of(Usage.of(100, 10)).toBuilder().model("acme-long").build())
            .build();

    costs.recordUsage("acme", "acme-plain", report, Attributes.empty());

    assertThat(TestRecords.of(costs.ledger()))
        .allSatisfy(record -> assertThat(record.cost().orElseThrow().signum()).isNotNegative());
    assertThat(costs.statistics().totalCost()).isEqualTo(Cost.usd("0.0001"));
  }

  @Test
  void chat_deploymentOfACustomer_reservesWhatTheModelBehindItCosts() {
    costs =
        CostMonitor.builder()
            .catalog(TestPrices.catalog())
            .clock(TestClock.create())
            .budget(Budget.daily(Cost.usd("0.004")).rejectWhenExceeded())
            .build();
    ChatModel model =
        AgentOps.with(CostInterceptor.of(costs))
            .build()
            .wrap(
                FakeModels.chat(
                    () -> FakeModels.answer("acme-plain", new TokenUsage(1_000, 1_000))));
    ChatRequest request =
        FakeModels.request("hi", 5_000).toBuilder().modelName("our-deployment").build();
    model.chat(request);

    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(
            () -> {
              while (true) {
                model.chat(request);
              }
            })
        .withMessageNotContaining("about $0.00:");
    assertThat(costs.statistics().totalCost()).isLessThanOrEqualTo(Cost.usd("0.004"));
  }

  @Test
  void recordUsage_otherOperation_isSaid() {
    UsageRecord record =
        costs.recordUsage(
            "image_generation",
            "acme",
            "acme-full",
            UsageReport.of(Usage.of(10, 0)),
            Attributes.empty());

    assertThat(record.operation()).isEqualTo("image_generation");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                costs.recordUsage(
                    " ", "acme", "acme-full", UsageReport.of(Usage.none()), Attributes.empty()))
        .withMessageContaining("operation must not be blank");
    assertThatNullPointerException()
        .isThrownBy(() -> costs.recordUsage("acme", "acme-full", Usage.none(), null))
        .withMessageContaining("attributes");
  }

  @Test
  void price_recordOfAnotherTime_isPricedAtItsOwn() {
    UsageRecord imported =
        costs.price(
            UsageRecord.builder()
                .id("import-1")
                .timestamp(Instant.parse("2026-01-05T10:00:00Z"))
                .provider("acme")
                .model("acme-plain")
                .usage(Usage.of(1_000_000, 0))
                .build());

    assertThat(costs.record(imported)).isTrue();
    assertThat(costs.record(imported)).isFalse();

    assertThat(costs.dailyCost(LocalDate.of(2026, 1, 5))).isEqualTo(Cost.usd("1"));
  }

  @Test
  void record_ledgerFails_isToldAndCountsInNoBudget() {
    UsageLedger broken = mock(UsageLedger.class);
    when(broken.zone()).thenReturn(ZoneOffset.UTC);
    when(broken.totals(any())).thenReturn(CostStatistics.NONE);
    when(broken.add(any())).thenThrow(new LedgerException("disk full"));
    try (CostMonitor monitor =
        CostMonitor.builder().ledger(broken).budget(Budget.daily(Cost.usd("1"))).build()) {
      UsageRecord record =
          UsageRecord.builder().timestamp(Instant.EPOCH).cost(Cost.usd("1")).build();

      assertThatExceptionOfType(LedgerException.class).isThrownBy(() -> monitor.record(record));

      assertThat(monitor.budgets().status("daily", "").spent()).isEqualTo(Cost.ZERO);
    }
  }

  @Test
  void recordUsage_incompleteUsage_isMarkedEstimated() {
    UsageReport report = UsageReport.of(Usage.of(100, 10)).toBuilder().gap(UsageGap.OUTPUT).build();

    UsageRecord record = costs.recordUsage("acme", "acme-plain", report, Attributes.empty());

    assertThat(record.estimated()).isTrue();
    assertThat(record.gaps()).containsExactly(UsageGap.OUTPUT);
    assertThat(costs.statistics().estimatedRequests()).isEqualTo(1);
  }

  @Test
  void recordUsage_unknownModel_isTold() {
    costs.recordUsage("acme", "acme-plane", Usage.of(1, 1), Attributes.of("team", "a"));

    assertThat(events)
        .singleElement()
        .isInstanceOfSatisfying(
            UnpricedCallEvent.class,
            event -> {
              assertThat(event.model()).isEqualTo("acme-plane");
              assertThat(event.suggestions()).contains("acme-plain");
              assertThat(event.attributes()).isEqualTo(Attributes.of("team", "a"));
              assertThat(event.reason()).contains("acme-plane");
            });
    assertThat(costs.statistics().unpricedRequests()).isEqualTo(1);
    assertThat(costs.statistics().totalCost()).isEqualTo(Cost.ZERO);
  }

  @Test
  void chat_unknownModelToBeRejected_neverAsksIt() {
    costs = monitor(UnpricedCalls.REJECT);
    var model =
        AgentOps.with(CostInterceptor.of(costs))
            .build()
            .wrap(
                FakeModels.chat(
                    () -> {
                      throw new AssertionError("asked");
                    }));

    assertThatExceptionOfType(UnpricedModelException.class)
        .isThrownBy(
            () ->
                model.chat(
                    ChatRequest.builder()
                        .messages(UserMessage.from("hi"))
                        .modelName("acme-plane")
                        .build()))
        .withMessageContaining("'acme-plane'")
        .satisfies(e -> assertThat(e.suggestions()).contains("acme-plain"));
    assertThat(costs.statistics().totalRequests()).isZero();
  }

  @Test
  void record_sameIdTwice_countsOnce() {
    UsageRecord record =
        costs.recordUsage("acme", "acme-plain", Usage.of(1_000_000, 0), Attributes.empty());

    assertThat(costs.record(record)).isFalse();
    assertThat(costs.record(record.toBuilder().id("another").build())).isTrue();

    assertThat(costs.statistics().totalCost()).isEqualTo(Cost.usd("2"));
  }

  @Test
  void tool_withAPrice_isRecorded() {
    ToolExecutor tool =
        AgentOps.with(CostInterceptor.of(costs)).build().wrap((request, memoryId) -> "found");

    tool.execute(ToolExecutionRequest.builder().name("web-search").arguments("{}").build(), null);
    tool.execute(ToolExecutionRequest.builder().name("clock").arguments("{}").build(), null);

    assertThat(TestRecords.of(costs.ledger()))
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.operation()).isEqualTo("execute_tool");
              assertThat(record.model()).isEqualTo("web-search");
              assertThat(record.cost()).contains(Cost.usd("0.005"));
            });
  }

  @Test
  void agent_tasks_haveACostPerSuccess() {
    Answers agent =
        AgentOps.with(CostInterceptor.of(costs))
            .build()
            .aiServices(Answers.class)
            .chatModel(
                FakeModels.chat(
                    () -> FakeModels.answer("acme-plain", new TokenUsage(1_000_000, 0))))
            .build();

    agent.answer("one");
    agent.answer("two");
    costs.recordTask("Answers", false, Attributes.empty());

    assertThat(costs.statistics().tasks()).isEqualTo(3);
    assertThat(costs.statistics().succeededTasks()).isEqualTo(2);
    assertThat(costs.statistics().totalRequests()).isEqualTo(2);
    assertThat(costs.statistics().costPerSuccessfulTask()).contains(Cost.usd("1"));
    assertThat(
            costs.ledger().totalsBy(Attributes.AGENT_NAME, UsageQuery.all()).get("Answers").tasks())
        .isEqualTo(3);
  }

  @Test
  void chat_budgetAsksForACheaperModel_isRedirectedWhileThatHolds() {
    List<String> asked = new ArrayList<>();
    costs =
        CostMonitor.builder()
            .catalog(TestPrices.catalog())
            .clock(TestClock.create())
            .budget(Budget.daily(Cost.usd("1")).downgradeTo(0.5, "acme-cheap").rejectWhenExceeded())
            .build();
    ChatModel model =
        AgentOps.with(CostInterceptor.of(costs))
            .build()
            .wrap(
                new ChatModel() {
                  @Override
                  public ChatResponse doChat(ChatRequest request) {
                    asked.add(request.modelName());
                    return FakeModels.answer(request.modelName(), new TokenUsage(500_000, 0));
                  }
                });

    model.chat(FakeModels.request("hi", 1).toBuilder().modelName("acme-plain").build());
    model.chat(
        FakeModels.request("x".repeat(2_000), 100).toBuilder().modelName("acme-plain").build());

    assertThat(asked).containsExactly("acme-plain", "acme-cheap");
    assertThat(costs.budgets().status("daily", "").spent()).isEqualTo(Cost.usd("0.55"));
  }

  @Test
  void agent_budgetOfItsRun_endsTheRunAndNotTheNext() {
    costs =
        CostMonitor.builder()
            .catalog(TestPrices.catalog())
            .clock(TestClock.create())
            .budget(Budget.perRun(Cost.usd("0.0015")).rejectWhenExceeded())
            .build();
    AgentOps ops = AgentOps.with(CostInterceptor.of(costs)).build();
    Answers agent =
        ops.aiServices(Answers.class)
            .chatModel(
                FakeModels.chat(
                    () ->
                        ChatResponse.builder()
                            .aiMessage(
                                AiMessage.from(
                                    ToolExecutionRequest.builder()
                                        .id("1")
                                        .name("again")
                                        .arguments("{}")
                                        .build()))
                            .modelName("acme-plain")
                            .tokenUsage(new TokenUsage(1_000, 0))
                            .build()))
            .tools(new Again())
            .build();

    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> agent.answer("loop"))
        .withMessageContaining("'run'");
    long first = costs.statistics().totalRequests();
    assertThatExceptionOfType(BudgetExceededException.class).isThrownBy(() -> agent.answer("loop"));

    assertThat(first).isBetween(1L, 2L);
    assertThat(costs.statistics().totalRequests()).isEqualTo(2 * first);
    assertThat(costs.ledger().totalsBy(Budget.RUN, UsageQuery.all())).isEmpty();
    assertThat(costs.costBy(Attributes.AGENT_NAME)).containsOnlyKeys("Answers");
  }

  @Test
  void build_ledgerOfAnotherZone_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                CostMonitor.builder()
                    .ledger(UsageLedger.inMemory())
                    .zone(ZoneId.of("Asia/Tokyo"))
                    .build())
        .withMessageContaining("Asia/Tokyo")
        .withMessageContaining("Z");
  }

  private CostMonitor monitor(UnpricedCalls unpriced) {
    return CostMonitor.builder()
        .catalog(TestPrices.catalog())
        .clock(TestClock.create())
        .listener(events::add)
        .unpricedCalls(unpriced)
        .build();
  }

  static final class Again {
    @Tool
    public String again() {
      return "again";
    }
  }

  interface Answers {
    String answer(String question);
  }
}
