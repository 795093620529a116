package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.CachedAnswer;
import dev.agentops.CallRejectedException;
import dev.agentops.ChatInterceptor;
import dev.agentops.Cost;
import dev.agentops.ModelCall;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.Usage;
import dev.agentops.event.BudgetEvent;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.TokenUsage;
import java.time.ZoneOffset;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CostInterceptorTest {

  /** Leaves no room for anything while a cent is held: what leaks shows as a refusal. */
  private final CostMonitor costs =
      CostMonitor.builder()
          .catalog(TestPrices.catalog())
          .clock(TestClock.create())
          .budget(Budget.daily(Cost.usd("0.01")).rejectWhenExceeded())
          .build();

  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();

  @Test
  void chat_answered_recordsUsageAndCost() {
    AgentOps ops = ops();

    try (Scope scope = ops.scope(Attributes.of("team", "a"))) {
      ops.wrap(FakeModels.chat(() -> FakeModels.answer("acme-long", new TokenUsage(100, 10))))
          .chat("hi");
    }

    UsageRecord record = onlyRecord();
    assertThat(record.model()).isEqualTo("acme-long");
    assertThat(record.usage()).isEqualTo(Usage.of(100, 10));
    assertThat(record.cost()).contains(Cost.usd("0.0003"));
    assertThat(record.attributes()).isEqualTo(Attributes.of("team", "a"));
    assertThat(record.priceVersion()).startsWith("test prices #");
    assertThat(record.estimated()).isFalse();
    assertThat(onlyCall().cost()).contains(Cost.usd("0.0003"));
    assertNothingReserved();
  }

  @Test
  void chat_answeredByAModelWithoutPrice_takesTheOneAskedFor() {
    ops()
        .wrap(FakeModels.chat(() -> FakeModels.answer("deployment-7", new TokenUsage(100, 10))))
        .chat("hi");

    assertThat(onlyRecord().model()).isEqualTo("acme-plain");
    assertThat(onlyRecord().cost()).contains(Cost.usd("0.00011"));
  }

  @Test
  void chat_answeredWithoutUsage_recordsAnEstimate() {
    ops().wrap(FakeModels.chat(() -> FakeModels.answer(null, null))).chat("x".repeat(400));

    UsageRecord record = onlyRecord();
    assertThat(record.estimated()).isTrue();
    assertThat(record.usage().inputTokens()).isBetween(100L, 110L);
    assertThat(record.usage().outputTokens()).isEqualTo(3);
    assertThat(onlyCall().cost()).isEqualTo(record.cost());
    assertNothingReserved();
  }

  @Test
  void chat_answeredWithUsageOfZero_recordsAnEstimate() {
    ops().wrap(FakeModels.chat(() -> FakeModels.answer(null, new TokenUsage(0, 0)))).chat("hello");

    assertThat(onlyRecord().estimated()).isTrue();
    assertThat(onlyRecord().cost().orElseThrow()).isGreaterThan(Cost.ZERO);
  }

  @Test
  void chat_failed_recordsNothing() {
    var model =
        ops()
            .wrap(
                FakeModels.chat(
                    () -> {
                      throw new IllegalStateException("down");
                    }));

    assertThatThrownBy(() -> model.chat("hi")).hasMessage("down");

    assertThat(TestRecords.of(costs.ledger())).isEmpty();
    assertNothingReserved();
  }

  @Test
  void chat_answeredByAnInnerInterceptor_recordsNothing() {
    ChatInterceptor cache =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            return FakeModels.answer("acme-plain", new TokenUsage(100, 10));
          }
        };

    ops(cache)
        .wrap(
            FakeModels.chat(
                () -> {
                  throw new AssertionError("asked");
                }))
        .chat("hi");

    assertThat(TestRecords.of(costs.ledger())).isEmpty();
    assertThat(onlyCall().usage()).isEmpty();
    assertNothingReserved();
  }

  @Test
  void chat_answeredByACache_savesWhatTheCacheSays_orWhatItWouldCostNow() {
    List<CachedAnswer> known =
        List.of(
            CachedAnswer.builder().savedCost(Cost.usd("0.25")).build(),
            CachedAnswer.builder().build());
    Iterator<CachedAnswer> next = known.iterator();
    ChatInterceptor cache =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            call.markCached(next.next());
            return FakeModels.answer("acme-long", new TokenUsage(100, 10));
          }
        };
    ChatModel model =
        ops(cache)
            .wrap(
                FakeModels.chat(
                    () -> {
                      throw new AssertionError("asked");
                    }));

    model.chat("hi");
    assertThat(costs.statistics().savedCost()).isEqualTo(Cost.usd("0.25"));
    model.chat("hi");
    assertThat(costs.statistics().savedCost()).isEqualTo(Cost.usd("0.2503"));
    assertThat(costs.statistics().cacheHits()).isEqualTo(2);
    assertThat(costs.statistics().totalCost()).isEqualTo(Cost.ZERO);
    assertNothingReserved();
  }

  @Test
  void chat_refusedByAnInnerInterceptor_recordsNothing() {
    ChatInterceptor guard =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            throw new CallRejectedException("no");
          }
        };
    var model =
        ops(guard)
            .wrap(
                FakeModels.chat(
                    () -> {
                      throw new AssertionError("asked");
                    }));

    assertThatExceptionOfType(CallRejectedException.class).isThrownBy(() -> model.chat("hi"));

    assertThat(TestRecords.of(costs.ledger())).isEmpty();
    assertNothingReserved();
  }

  @Test
  void chat_budgetUsedUp_isRefusedBeforeTheModelAndTold() {
    costs.recordUsage("acme", "acme-plain", Usage.of(10_000, 0), Attributes.empty());
    var model =
        ops()
            .wrap(
                FakeModels.chat(
                    () -> {
                      throw new AssertionError("asked");
                    }));

    assertThatExceptionOfType(BudgetExceededException.class).isThrownBy(() -> model.chat("hi"));

    BudgetEvent refusal =
        events.stream()
            .filter(BudgetEvent.class::isInstance)
            .map(BudgetEvent.class::cast)
            .findFirst()
            .orElseThrow();
    assertThat(refusal.type()).isEqualTo(BudgetEvent.Type.REJECTED);
    assertThat(TestRecords.of(costs.ledger())).hasSize(1);
  }

  @Test
  void chat_negativeMaximumOfTokens_isUnlimited() {
    costs.recordUsage("acme-plain", 9_900, 0);
    var model =
        ops()
            .wrap(
                FakeModels.chat(
                    () -> {
                      throw new AssertionError("asked");
                    }));

    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> model.chat(FakeModels.request("hi", -1)))
        .withMessageContaining("about $0.00026"); // 256 tokens that may come back
  }

  @Test
  void chat_estimateFails_usedUpBudgetStillRefuses() {
    ChatModel model =
        ops()
            .wrap(FakeModels.chat(() -> FakeModels.answer("acme-plain", new TokenUsage(9_999, 1))));
    UserMessage unreadable = mock(UserMessage.class);
    when(unreadable.contents()).thenThrow(new IllegalStateException("unreadable"));

    assertThat(model.chat(unreadable).aiMessage().text()).isEqualTo("twelve chars");

    assertThat(costs.faults()).isEqualTo(1);
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> model.chat(unreadable));
  }

  @Test
  void chat_longAnswers_reserveWhatWasLearned() {
    ChatModel model =
        ops()
            .wrap(FakeModels.chat(() -> FakeModels.answer("acme-plain", new TokenUsage(0, 4_000))));
    model.chat("hi");
    model.chat("hi");

    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> model.chat("hi"))
        .withMessageContaining("spent $0.008")
        .withMessageContaining("of $0.01");
    model.chat(FakeModels.request("hi", 100)); // cannot answer at length, and fits
  }

  @Test
  void chat_firstCallsOfAModel_haveRoomForAnySaneReservation() {
    Iterator<TokenUsage> usages =
        List.of(new TokenUsage(1_000, 500), new TokenUsage(20_000, 10_000)).iterator();
    try (CostMonitor monitor =
        CostMonitor.builder().budget(Budget.daily(Cost.usd("1.00")).rejectWhenExceeded()).build()) {
      ChatModel model =
          AgentOps.with(CostInterceptor.of(monitor))
              .build()
              .wrap(FakeModels.chat(() -> FakeModels.answer("gpt-4", usages.next())));

      model.chat("one");
      assertThat(monitor.statistics().totalCost()).isEqualTo(Cost.usd("0.06"));
      model.chat("two");
      assertThat(monitor.statistics().totalCost()).isEqualTo(Cost.usd("1.26"));
      assertThatExceptionOfType(BudgetExceededException.class)
          .isThrownBy(() -> model.chat("three"))
          .withMessageContaining("'daily'");
    }
  }

  @Test
  void stream_completed_recordsUsage() {
    stream(
        handler -> {
          handler.onPartialResponse("text");
          handler.onCompleteResponse(FakeModels.answer("acme-plain", new TokenUsage(100, 10)));
        },
        false);

    assertThat(onlyRecord().usage()).isEqualTo(Usage.of(100, 10));
    assertThat(onlyRecord().estimated()).isFalse();
    assertNothingReserved();
  }

  @Test
  void stream_cancelledWithText_recordsAnEstimate() {
    stream(
        handler -> handler.onPartialResponse(new PartialResponse("x".repeat(40)), handle()), true);

    UsageRecord record = onlyRecord();
    assertThat(record.estimated()).isTrue();
    assertThat(record.usage().outputTokens()).isEqualTo(10);
    assertThat(record.usage().inputTokens()).isPositive();
    assertThat(onlyCall().cost()).isEqualTo(record.cost());
    assertNothingReserved();
  }

  @Test
  void stream_cancelledWithChineseText_countsEachCharacter() {
    stream(
        handler -> handler.onPartialResponse(new PartialResponse("語".repeat(40)), handle()), true);

    assertThat(onlyRecord().usage().outputTokens()).isEqualTo(40);
  }

  @Test
  void chat_answeredWithThoughtsButWithoutUsage_countsThem() {
    AiMessage message = AiMessage.builder().text("yes.").thinking("語語 because ").build();

    ops().wrap(FakeModels.chat(() -> ChatResponse.builder().aiMessage(message).build())).chat("hi");

    assertThat(onlyRecord().usage().outputTokens()).isEqualTo(6); // 1, 2, and 9 quarters
  }

  @Test
  void stream_failedWithText_recordsAnEstimate() {
    stream(
        handler -> {
          handler.onPartialResponse("x".repeat(40));
          handler.onError(new IllegalStateException("broken"));
        },
        false);

    assertThat(onlyRecord().estimated()).isTrue();
    assertThat(onlyRecord().usage().outputTokens()).isEqualTo(10);
    assertNothingReserved();
  }

  @Test
  void stream_failedWithoutText_recordsNothing() {
    stream(handler -> handler.onError(new IllegalStateException("broken")), false);

    assertThat(TestRecords.of(costs.ledger())).isEmpty();
    assertNothingReserved();
  }

  @Test
  void embed_answered_recordsUsage() {
    ops().wrap(FakeModels.embedding(new TokenUsage(50))).embed("text");

    assertThat(onlyRecord().usage()).isEqualTo(Usage.of(50, 0));
    assertThat(onlyRecord().cost()).contains(Cost.usd("0.00005"));
    assertThat(onlyCall().cost()).contains(Cost.usd("0.00005"));
    assertNothingReserved();
  }

  @Test
  void embed_answeredWithoutUsage_recordsAnEstimate() {
    ops().wrap(FakeModels.embedding(null)).embed("x".repeat(40));

    assertThat(onlyRecord().estimated()).isTrue();
    assertThat(onlyRecord().usage()).isEqualTo(Usage.of(10, 0));
  }

  @Test
  void chat_ledgerFails_isKeptFromTheAgentAndStillCountsInTheBudget() {
    UsageLedger broken = mock(UsageLedger.class);
    when(broken.zone()).thenReturn(ZoneOffset.UTC);
    when(broken.totals(any())).thenReturn(CostStatistics.NONE);
    doThrow(new IllegalStateException("disk full")).when(broken).add(any());
    try (CostMonitor monitor =
        CostMonitor.builder()
            .catalog(TestPrices.catalog())
            .ledger(broken)
            .budget(Budget.daily(Cost.usd("0.01")).rejectWhenExceeded())
            .build()) {
      var model =
          AgentOps.with(CostInterceptor.of(monitor))
              .build()
              .wrap(
                  FakeModels.chat(
                      () -> FakeModels.answer("acme-plain", new TokenUsage(10_000, 0))));

      assertThat(model.chat("hi")).isEqualTo("twelve chars");

      assertThat(monitor.faults()).isEqualTo(1);
      assertThatExceptionOfType(BudgetExceededException.class).isThrownBy(() -> model.chat("hi"));
    }
  }

  private AgentOps ops(ChatInterceptor... inner) {
    ChatInterceptor[] chain = new ChatInterceptor[inner.length + 1];
    chain[0] = CostInterceptor.of(costs);
    System.arraycopy(inner, 0, chain, 1, inner.length);
    return AgentOps.with(chain)
        .listener(events::add)
        .tokenCounter((model, text) -> quarters(text) / 4)
        .build();
  }

  /** Rounded up to whole tokens: four ASCII characters are one, any other character is one. */
  private static long quarters(String text) {
    return text.chars().mapToLong(c -> c > 127 ? 4 : 1).sum() + 3;
  }

  private void stream(Consumer<StreamingChatResponseHandler> provider, boolean cancel) {
    ops()
        .wrap(FakeModels.streaming(provider))
        .chat(
            "a question",
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(
                  PartialResponse partial, PartialResponseContext context) {
                if (cancel) {
                  context.streamingHandle().cancel();
                }
              }

              @Override
              public void onCompleteResponse(ChatResponse response) {}

              @Override
              public void onError(Throwable error) {}
            });
  }

  private static PartialResponseContext handle() {
    return new PartialResponseContext(new FakeStreamingChatModel.Handle());
  }

  private UsageRecord onlyRecord() {
    assertThat(TestRecords.of(costs.ledger())).hasSize(1);
    return TestRecords.of(costs.ledger()).get(0);
  }

  private ModelCallEvent onlyCall() {
    List<ModelCallEvent> calls =
        events.stream()
            .filter(ModelCallEvent.class::isInstance)
            .map(ModelCallEvent.class::cast)
            .toList();
    assertThat(calls).hasSize(1);
    return calls.get(0);
  }

  /** All that is not spent can be taken, to the last pico-dollar. */
  private void assertNothingReserved() {
    Cost left = Cost.usd("0.01").minus(costs.statistics().totalCost());
    costs.reserve(left, Attributes.empty(), null, event -> {}).release();
  }
}
