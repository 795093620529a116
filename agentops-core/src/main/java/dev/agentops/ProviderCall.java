package dev.agentops;

import dev.langchain4j.model.ModelProvider;
import org.jspecify.annotations.Nullable;

/** A call that a model provider answers, counts in tokens and bills. */
public abstract sealed class ProviderCall extends Call permits ModelCall, EmbeddingCall {

  private final String provider;
  private volatile @Nullable UsageReport report;
  private volatile @Nullable Cost cost;

  ProviderCall(AgentOps ops, Context callerContext, @Nullable ModelProvider provider) {
    super(ops, callerContext);
    String told = attributes().text(Attributes.PROVIDER_NAME);
    this.provider = told == null || told.isBlank() ? ProviderNames.of(provider) : told.strip();
  }

  /**
   * The provider: what the call's attributes tell as {@link Attributes#PROVIDER_NAME}; else what
   * LangChain4j tells, as {@code gen_ai.provider.name} of OpenTelemetry spells it; {@code unknown}
   * where neither does.
   */
  public String provider() {
    return provider;
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
