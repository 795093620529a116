package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Call;
import dev.agentops.ChatInterceptor;
import dev.agentops.Cost;
import dev.agentops.EmbeddingCall;
import dev.agentops.EmbeddingInterceptor;
import dev.agentops.Key;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.Usage;
import dev.agentops.event.CallStatus;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reserves in the budgets before a call, and prices and records it after.
 *
 * <ul>
 *   <li>Before: an estimate of the input and of the output (learned from the model's answers, at
 *       most what the request allows) is taken from every budget. Where the price is not known
 *       nothing is taken, but a budget that is used up refuses the call all the same.
 *   <li>After an answer: the usage is recorded under the model that answered, or under the one that
 *       was asked for where only that one has a price.
 *   <li>After a stream that was cancelled or broke with text delivered, and after an answer without
 *       usage: an estimate is recorded and marked so, because the provider bills it.
 *   <li>After an error without text, a refusal, and an answer of another interceptor: what was
 *       reserved is given back, nothing is recorded.
 * </ul>
 *
 * <p>Belongs next to the model, after caches and limiters. Thread-safe.
 */
public final class CostInterceptor implements ChatInterceptor, EmbeddingInterceptor {

  private final CostMonitor monitor;
  private final OutputEstimate outputs = new OutputEstimate();
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
   */
  @Override
  public @Nullable ChatResponse before(ModelCall call) {
    String model = orUnknown(call.modelName());
    reserve(call, call.provider(), model, () -> expected(call, model));
    return null;
  }

  /**
   * Reserves.
   *
   * @throws BudgetExceededException if a budget has no room
   */
  @Override
  public @Nullable EmbeddingResponse before(EmbeddingCall call) {
    reserve(call, call.provider(), call.modelName(), () -> estimate(call));
    return null;
  }

  @Override
  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
    Reservation held = held(call);
    try {
      ChatResponse response = outcome.response();
      if (!asked(outcome) || (response == null && outcome.streamedText().isEmpty())) {
        return;
      }
      Usage told = call.usage();
      boolean estimated = !tells(told);
      Usage usage = estimated ? estimate(call, outcome) : Objects.requireNonNull(told);
      if (!estimated) {
        outputs.learn(orUnknown(call.modelName()), agent(call), usage.outputTokens());
      }
      String answered =
          response == null || response.metadata() == null ? null : response.modelName();
      record(held, call, call.provider(), answered, call.modelName(), usage, estimated)
          .cost()
          .ifPresent(call::recordCost);
    } finally {
      held.release();
    }
  }

  @Override
  public void after(EmbeddingCall call, Outcome<EmbeddingResponse> outcome) {
    Reservation held = held(call);
    try {
      EmbeddingResponse response = outcome.response();
      if (!asked(outcome) || response == null) {
        return;
      }
      Usage told = call.usage();
      boolean estimated = !tells(told);
      Usage usage = estimated ? estimate(call) : Objects.requireNonNull(told);
      String answered = response.metadata() == null ? null : response.modelName();
      record(held, call, call.provider(), answered, call.modelName(), usage, estimated)
          .cost()
          .ifPresent(call::recordCost);
    } finally {
      held.release();
    }
  }

  private Usage expected(ModelCall call, String model) {
    long output = outputs.tokens(model, agent(call));
    Integer allowed = call.request().maxOutputTokens();
    boolean unlimited = allowed == null || allowed < 0; // Ollama's -1
    return Usage.of(call.estimatedInputTokens(), unlimited ? output : Math.min(output, allowed));
  }

  private void reserve(Call call, String provider, String model, Supplier<Usage> estimate) {
    Cost amount = amount(provider, model, estimate);
    call.put(reservation, monitor.reserve(amount, call.attributes(), call::publish));
  }

  /** What to reserve; nothing where that cannot be told: a used-up budget refuses all the same. */
  private Cost amount(String provider, String model, Supplier<Usage> estimate) {
    try {
      return monitor.price(provider, model, estimate.get()).orElse(Cost.ZERO);
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

  private UsageRecord record(
      Reservation held,
      Call call,
      String provider,
      @Nullable String answered,
      @Nullable String asked,
      Usage usage,
      boolean estimated) {
    String model = priced(provider, answered, asked);
    Attributes attributes = call.attributes();
    return monitor.record(held, provider, model, usage, attributes, estimated, call::publish);
  }

  /**
   * The model that answered, the more exact name, unless only the one that was asked for is known.
   */
  private String priced(String provider, @Nullable String answered, @Nullable String asked) {
    PriceCatalog catalog = monitor.catalog();
    if (answered == null || answered.isBlank()) {
      return orUnknown(asked);
    }
    if (asked == null || asked.isBlank() || catalog.find(provider, answered) != null) {
      return answered;
    }
    return catalog.find(provider, asked) != null ? asked : answered;
  }

  /** Whether the model was asked, so that the provider may bill. */
  private static boolean asked(Outcome<?> outcome) {
    return outcome.status() != CallStatus.REJECTED && !outcome.shortCircuited();
  }

  /** Whether the provider told the usage: some say nothing, some say that nothing was used. */
  private static boolean tells(@Nullable Usage usage) {
    return usage != null && !usage.equals(Usage.none());
  }

  private static Usage estimate(ModelCall call, Outcome<ChatResponse> outcome) {
    return Usage.of(call.estimatedInputTokens(), call.estimatedOutputTokens(outcome));
  }

  private static Usage estimate(EmbeddingCall call) {
    return Usage.of(call.estimatedInputTokens(), 0);
  }

  private static @Nullable String agent(ModelCall call) {
    return call.attributes().text(Attributes.AGENT_NAME);
  }

  private static String orUnknown(@Nullable String model) {
    return model == null || model.isBlank() ? UsageRecord.UNKNOWN : model;
  }
}
