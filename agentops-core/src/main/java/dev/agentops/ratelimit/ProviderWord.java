package dev.agentops.ratelimit;

import dev.agentops.http.ProviderLimits;
import dev.agentops.http.ProviderQuota;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the limits of ours that a provider speaks of. */
final class ProviderWord {

  private ProviderWord() {}

  /** What is left of which limit; only those of which something is told. */
  static List<LimitEngine.Left> left(ProviderLimits told, RateLimits limits) {
    List<LimitEngine.Left> left = new ArrayList<>();
    add(left, limits, Limit.Kind.REQUESTS, told.requests());
    add(left, limits, Limit.Kind.TOKENS, told.tokens());
    add(left, limits, Limit.Kind.INPUT_TOKENS, told.inputTokens());
    add(left, limits, Limit.Kind.OUTPUT_TOKENS, told.outputTokens());
    return left;
  }

  private static void add(
      List<LimitEngine.Left> left, RateLimits limits, Limit.Kind kind, ProviderQuota quota) {
    Limit meant = quota.remaining().isPresent() ? meant(limits, kind, quota) : null;
    if (meant != null) {
      left.add(new LimitEngine.Left(meant, quota.remaining().getAsLong()));
    }
  }

  private static @Nullable Limit meant(RateLimits limits, Limit.Kind kind, ProviderQuota quota) {
    Limit shortest = null;
    for (Limit limit : limits.limits()) {
      if (limit.kind() != kind) {
        continue;
      }
      if (quota.limit().isPresent() && quota.limit().getAsLong() == limit.amount()) {
        return limit;
      }
      if (shortest == null || limit.period().compareTo(shortest.period()) < 0) {
        shortest = limit;
      }
    }
    return shortest;
  }
}
