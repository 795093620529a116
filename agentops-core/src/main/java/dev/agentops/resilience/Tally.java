package dev.agentops.resilience;

import dev.agentops.Cost;
import dev.agentops.Usage;
import dev.agentops.UsageReader;
import dev.agentops.UsageReport;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.OpsEventListener;
import dev.langchain4j.model.chat.response.ChatResponse;
import org.jspecify.annotations.Nullable;

/** Adds up what the model calls of one item consume and cost. Thread-safe. */
final class Tally implements OpsEventListener {

  private boolean told;
  private Sum sum = Sum.NOTHING;

  @Override
  public synchronized void onEvent(OpsEvent event) {
    if (event instanceof ModelCallEvent call) {
      told = true;
      sum = sum.plus(new Sum(call.usage().orElse(null), call.cost().orElse(null)));
    }
  }

  /** The sum of the calls; where none passed through a chain, what the response says. */
  synchronized Sum sum(@Nullable Object response) {
    if (told || !(response instanceof ChatResponse chat)) {
      return sum;
    }
    UsageReport report = UsageReader.report("unknown", chat);
    return report == null ? sum : new Sum(report.usage(), report.reportedCost());
  }

  /** Null stands for what nobody told. */
  record Sum(@Nullable Usage usage, @Nullable Cost cost) {

    static final Sum NOTHING = new Sum(null, null);

    Sum plus(Sum other) {
      return new Sum(
          usage == null ? other.usage : other.usage == null ? usage : usage.plus(other.usage),
          cost == null ? other.cost : other.cost == null ? cost : cost.plus(other.cost));
    }
  }
}
