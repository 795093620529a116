package dev.agentops.usage;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.Cost;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** What a provider says it charges, in whichever dialect it answers. */
final class ReportedCost {

  /** xAI's unit of money: 10<sup>-10</sup> dollars. */
  private static final int TICK_SCALE = 10;

  private ReportedCost() {}

  /**
   * OpenRouter's cost, to which the bill of one's own key at the upstream provider adds;
   * Perplexity's sum; xAI's ticks. Null where none is told.
   */
  static @Nullable Cost of(JsonNode usage) {
    BigDecimal cost = Fields.amount(usage, "cost");
    if (cost != null) {
      BigDecimal upstream = Fields.amount(usage.path("cost_details"), "upstream_inference_cost");
      boolean ownKey = usage.path("is_byok").booleanValue();
      return Cost.usd(ownKey && upstream != null ? cost.add(upstream) : cost);
    }
    BigDecimal sum = Fields.amount(usage.path("cost"), "total_cost");
    if (sum != null) {
      return Cost.usd(sum);
    }
    BigDecimal ticks = Fields.amount(usage, "cost_in_usd_ticks");
    return ticks == null ? null : Cost.usd(ticks.movePointLeft(TICK_SCALE));
  }
}
