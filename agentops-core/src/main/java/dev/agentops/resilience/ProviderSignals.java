package dev.agentops.resilience;

import dev.agentops.Attempt;
import dev.agentops.ProviderExchange;
import dev.agentops.http.ProviderLimits;
import org.jspecify.annotations.Nullable;

/** What the provider's HTTP answer to an attempt says besides the exception made of it. */
final class ProviderSignals {

  private ProviderSignals() {}

  /**
   * The limits that were told; {@link ProviderLimits#none()} where the HTTP client does not tell.
   *
   * @param error the message of which may tell more; null for none
   */
  static ProviderLimits limits(Attempt attempt, @Nullable Throwable error) {
    ProviderExchange exchange = attempt.exchange();
    return exchange.answers() == 0
        ? ProviderLimits.none()
        : ProviderLimits.of(
            exchange.status(), exchange.headers(), error == null ? null : error.getMessage());
  }
}
