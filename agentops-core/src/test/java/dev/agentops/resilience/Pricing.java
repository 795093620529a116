package dev.agentops.resilience;

import dev.agentops.ChatInterceptor;
import dev.agentops.Cost;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.langchain4j.model.chat.response.ChatResponse;
import org.jspecify.annotations.Nullable;

/** Lets each answered call cost the same. */
final class Pricing implements ChatInterceptor {

  private final Cost each;

  Pricing(Cost each) {
    this.each = each;
  }

  @Override
  public @Nullable ChatResponse before(ModelCall call) {
    return null;
  }

  @Override
  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
    if (outcome.response() != null) {
      call.recordCost(each);
    }
  }
}
