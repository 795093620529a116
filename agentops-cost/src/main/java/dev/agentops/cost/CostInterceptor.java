package dev.agentops.cost;

import dev.agentops.AgentCall;
import dev.agentops.AgentInterceptor;
import dev.agentops.Attributes;
import dev.agentops.Call;
import dev.agentops.ChatInterceptor;
import dev.agentops.Cost;
import dev.agentops.EmbeddingCall;
import dev.agentops.EmbeddingInterceptor;
import dev.agentops.Key;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.ProviderCall;
import dev.agentops.ToolCall;
import dev.agentops.ToolInterceptor;
import dev.agentops.Usage;
import dev.agentops.UsageGap;
import dev.agentops.UsageReport;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.OpsEventListener;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.service.tool.ToolExecutionResult;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reserves in the budgets before a call, and prices and records it after.
 *
 * <ul>
 *   <li>Before: where a budget asks for a cheaper model, the call is redirected to that. An
 *       estimate of the input and of the output (learned from the model's answers, at most what the
 *       request allows) is taken from every budget. Where the price is not known nothing is taken,
 *       but a budget that is used up refuses the call all the same.
 *   <li>After an answer: the usage is recorded under the model that answered, or under the one that
 *       was asked for where only that one has a price; sub-calls of other models beside it. What
 *       the provider says it charges goes before what the catalogue says.
 *   <li>After a stream that was cancelled or broke with text delivered, and after an answer without
 *       usage: an estimate is recorded and marked so, because the provider bills it.
 *   <li>After an error without text, a refusal, and an answer of another interceptor: what was
 *       reserved is given back, nothing is recorded.
 *   <li>After the outermost run of an agent that {@code AgentOps.aiServices} built: the end of a
 *       task is recorded, so that the cost of a successful one can be told.
 *   <li>After a tool: recorded where the catalogue has a price for it, as for the model of its name
 *       of the provider {@value #TOOLS}, in the unit {@value #TOOL_CALLS}.
 *   <li>On an answer of a cache of ours: what it saved is recorded.
 * </ul>
 *
 * <p>Belongs next to the model, after caches and limiters. Thread-safe.
 */
public final class CostInterceptor
    implements ChatInterceptor,
        EmbeddingInterceptor,
        ToolInterceptor,
        AgentInterceptor,
        OpsEventListener {

  /** The provider under whose name a catalogue prices tools. */
  public static final String TOOLS = "tools";

  /** The unit in which a catalogue prices tools. */
  public static final String TOOL_CALLS = "calls";

  private static final String EMBEDDINGS = "embeddings";
  private static final String EXECUTE_TOOL = "execute_tool";
  private static final UsageReport ONE_TOOL_CALL =
      UsageReport.of(Usage.builder().units(TOOL_CALLS, BigDecimal.ONE).build());

  private final CostMonitor monitor;
  private final OutputEstimate outputs = new OutputEstimate();
  private final Deployments deployments = new Deployments();
  private final Key<Reservation> reservation = Key.of("reservation in the budgets");

  private CostInterceptor(CostMonitor monitor) {
    this.monitor = monitor;
  }

  /** An interceptor that records in this monitor and keeps its budgets. */
  public static CostInterceptor of(CostMonitor monitor) {
    return new CostInterceptor(Objects.requireNonNull(monitor, "monitor"));
  }

  /**
   * Reserves.
   *
   * @throws BudgetExceededException if a budget has no room
   * @throws UnpricedModelException if the price is not known and such calls are refused
   */
  @Override
  public @Nullable ChatResponse before(ModelCall call) {
    Attributes attributes = attributes(call);
    String cheaper = monitor.downgrade(orUnknown(call.modelName()), attributes, run(call));
    if (cheaper != null) {
      call.redirect(cheaper);
    }
    String model = orUnknown(call.modelName());
    Reservation held = reserve(call, model, attributes, () -> expected(call, model));
    String cheaperInStore = cheaper == null ? held.downgrade(model) : null;
    if (cheaperInStore != null) {
      call.redirect(cheaperInStore);
    }
    return null;
  }

  /**
   * Reserves.
   *
   * @throws BudgetExceededException if a budget has no room
   * @throws UnpricedModelException if the price is not known and such calls are refused
   */
  @Override
  public @Nullable EmbeddingResponse before(EmbeddingCall call) {
    reserve(
        call,
        orUnknown(call.modelName()),
        attributes(call),
        () -> Usage.of(call.estimatedInputTokens(), 0));
    return null;
  }

  @Override
  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
    Reservation held = held(call);
    try {
      UsageReport report = call.billedReport(outcome);
      if (report == null) {
        return;
      }
      if (!report.gaps().contains(UsageGap.OUTPUT)) {
        outputs.learn(orUnknown(call.modelName()), agent(call), report.usage().outputTokens());
      }
      ChatResponse response = outcome.response();
      String answered =
          response == null || response.metadata() == null ? null : response.modelName();
      settle(
          held, call, charge(call, UsageRecord.CHAT, answered, call.modelName(), report, outcome));
    } finally {
      held.release();
    }
  }

  @Override
  public void after(EmbeddingCall call, Outcome<EmbeddingResponse> outcome) {
    Reservation held = held(call);
    try {
      UsageReport report = call.billedReport(outcome);
      EmbeddingResponse response = outcome.response();
      if (report == null || response == null) {
        return;
      }
      String answered = response.metadata() == null ? null : response.modelName();
      settle(held, call, charge(call, EMBEDDINGS, answered, call.modelName(), report, outcome));
    } finally {
      held.release();
    }
  }

  @Override
  public void after(ToolCall call, Outcome<ToolExecutionResult> outcome) {
    if (asked(outcome) && monitor.catalog().find(TOOLS, call.name()) != null) {
      monitor.settle(
          Reservation.NONE,
          new Charge(
              monitor.clock().now(),
              EXECUTE_TOOL,
              TOOLS,
              call.name(),
              null,
              ONE_TOOL_CALL,
              0,
              attributes(call),
              run(call),
              outcome.status() == CallStatus.OK,
              call.traceId(),
              call.spanId()),
          call::publish);
    }
  }

  @Override
  public void after(AgentCall call, Outcome<Object> outcome) {
    if (call.agent() == null && asked(outcome)) { // agents inside of it are no tasks of their own
      monitor.recordTask(call.agentName(), outcome.status() == CallStatus.OK, call.attributes());
    }
  }

  /** Records what an answer of a cache of ours saved. */
  @Override
  public void onEvent(OpsEvent event) {
    if (event instanceof ModelCallEvent call && call.cached()) {
      monitor.recordCacheHit(call);
    }
  }

  private Usage expected(ModelCall call, String model) {
    long output = outputs.tokens(model, agent(call));
    long allowed = allowedOutput(call);
    return Usage.of(call.estimatedInputTokens(), allowed == 0 ? output : Math.min(output, allowed));
  }

  private Reservation reserve(
      ProviderCall call, String model, Attributes attributes, Supplier<Usage> estimate) {
    Cost amount = amount(call.provider(), model, estimate);
    Reservation held = monitor.reserve(amount, attributes, run(call), call::publish);
    call.put(reservation, held);
    return held;
  }

  /** What to reserve; nothing where that cannot be told: a used-up budget refuses all the same. */
  private Cost amount(String provider, String model, Supplier<Usage> estimate) {
    try {
      UsageReport expected = UsageReport.of(estimate.get());
      PriceQuote quote = monitor.quote(provider, model, expected);
      String behind = quote.cost().isEmpty() ? deployments.model(provider, model) : null;
      if (behind != null) {
        quote = monitor.quote(provider, behind, expected);
      }
      if (quote.cost().isEmpty() && monitor.unpricedCalls() == UnpricedCalls.REJECT) {
        throw new UnpricedModelException(provider, model, quote);
      }
      return quote.cost().orElse(Cost.ZERO);
    } catch (UnpricedModelException e) {
      throw e;
    } catch (Throwable t) {
      monitor.reportFault("estimate of a call", t);
      return Cost.ZERO;
    }
  }

  /** What is held for the call; nothing where it was refused here, or where reserving failed. */
  private Reservation held(Call call) {
    Reservation held = call.get(reservation);
    return held == null ? Reservation.NONE : held;
  }

  private void settle(Reservation held, ProviderCall call, Charge charge) {
    List<UsageRecord> records = monitor.settle(held, charge, call::publish);
    deployments.learn(charge.provider(), charge.asked(), records.get(0));
    Cost total = Cost.ZERO;
    for (UsageRecord record : records) {
      if (record.cost().isEmpty()) {
        return; // a part of the cost is not the cost
      }
      total = total.plus(record.cost().get());
    }
    call.recordCost(total);
  }

  private Charge charge(
      ProviderCall call,
      String operation,
      @Nullable String answered,
      @Nullable String asked,
      UsageReport report,
      Outcome<?> outcome) {
    return new Charge(
        monitor.clock().now(),
        operation,
        call.provider(),
        answered == null ? report.model() : answered,
        asked,
        report,
        allowedOutput(call),
        attributes(call),
        run(call),
        outcome.status() == CallStatus.OK,
        call.traceId(),
        call.spanId());
  }

  /** Whether the model was asked, so that the provider may bill. */
  private static boolean asked(Outcome<?> outcome) {
    return outcome.status() != CallStatus.REJECTED && !outcome.shortCircuited();
  }

  /** 0 for no limit. */
  private static long allowedOutput(ProviderCall call) {
    Integer allowed = call instanceof ModelCall chat ? chat.request().maxOutputTokens() : null;
    return allowed == null || allowed < 0 ? 0 : allowed; // Ollama's -1
  }

  /** Those of the call, and the agent that makes it, where they do not name one. */
  private static Attributes attributes(Call call) {
    Attributes attributes = call.attributes();
    AgentCall agent = call.agent();
    return agent == null || attributes.get(Attributes.AGENT_NAME) != null
        ? attributes
        : attributes.with(Attributes.AGENT_NAME, agent.agentName());
  }

  private static @Nullable String agent(Call call) {
    String named = call.attributes().text(Attributes.AGENT_NAME);
    AgentCall agent = call.agent();
    return named != null || agent == null ? named : agent.agentName();
  }

  /** The run of an agent that the call belongs to, else its trace, as agentic systems have one. */
  private static @Nullable String run(Call call) {
    AgentCall agent = call.agent();
    return agent != null ? agent.runId() : call.traceId();
  }

  private static String orUnknown(@Nullable String model) {
    return model == null || model.isBlank() ? UsageRecord.UNKNOWN : model;
  }
}
