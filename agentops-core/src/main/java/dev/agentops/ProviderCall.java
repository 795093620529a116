package dev.agentops;

import dev.langchain4j.model.ModelProvider;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A call that a model provider answers, counts in tokens and bills. */
public abstract sealed class ProviderCall extends Call permits ModelCall, EmbeddingCall {

  private final String provider;
  private final ProviderExchange exchange;
  private volatile @Nullable UsageReport report;
  private volatile @Nullable Cost cost;

  ProviderCall(AgentOps ops, Context callerContext, @Nullable ModelProvider provider) {
    super(ops, callerContext);
    String told = attributes().text(Attributes.PROVIDER_NAME);
    this.provider = told == null || told.isBlank() ? ProviderNames.of(provider) : told.strip();
    this.exchange = ProviderExchange.within(callerContext);
    useContext(exchange.in(context()));
  }

  /**
   * The provider: what the call's attributes tell as {@link Attributes#PROVIDER_NAME}; else what
   * LangChain4j tells, as {@code gen_ai.provider.name} of OpenTelemetry spells it; {@code unknown}
   * where neither does.
   */
  public String provider() {
    return provider;
  }

  /** The model that is asked for; null where that is not known. */
  public abstract @Nullable String modelName();

  /**
   * What goes on over the network for this call. Filled by {@code
   * dev.agentops.http.AgentHttpClient} and others that tell it; to be read from the {@code after}
   * of an interceptor on.
   */
  public ProviderExchange exchange() {
    return exchange;
  }

  @Override
  @Nullable CallRejectedException refusalByTime() {
    Deadline deadline = Deadline.of(callerContext());
    return deadline == null || !deadline.hasPassed()
        ? null
        : new DeadlinePassedException("the deadline has passed; " + name() + " was not asked");
  }

  @Override
  @Nullable RuntimeException brokenOff() {
    return exchange.reason();
  }

  @Override
  @Nullable DeadlineWatch watchDeadline() {
    return DeadlineWatch.of(this, () -> exchange.breakOff(deadlineExceeded()));
  }

  DeadlineExceededException deadlineExceeded() {
    Duration elapsed = elapsed();
    return new DeadlineExceededException(
        "the deadline came " + elapsed + " after the call of " + name() + " began", elapsed);
  }

  private String name() {
    String name = modelName();
    return name == null ? "the model" : name;
  }

  /**
   * What the call consumed; null before it has ended, and where the provider did not tell or was
   * not asked.
   */
  public @Nullable Usage usage() {
    UsageReport told = report;
    return told == null ? null : told.usage();
  }

  /**
   * What the provider told of the call, its usage and what else decides the price; null before the
   * call has ended, and where the provider did not tell or was not asked.
   */
  public @Nullable UsageReport report() {
    return report;
  }

  void recordReport(@Nullable UsageReport report) {
    this.report = report;
  }

  /** What the call cost, once an interceptor has told; null where the price is unknown. */
  public @Nullable Cost cost() {
    return cost;
  }

  /** Tells what the call cost. */
  public void recordCost(Cost cost) {
    this.cost = cost;
  }
}
