package dev.agentops.resilience;

import dev.agentops.Attempt;
import dev.agentops.ModelCall;

/** What the provider's HTTP answer to an attempt says besides the exception made of it. */
final class ProviderSignals {

  private ProviderSignals() {}
}
