package dev.agentops.resilience;

import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.event.ResilienceEvent;
import dev.langchain4j.model.chat.request.ChatRequest;
import java.time.Duration;

/** Who makes a call, and which models may answer it. */
record Caller(Context context, ChatRequest request, Targets targets) {

  /** Whether nothing can begin after such a wait, since the caller's deadline comes first. */
  boolean isTooLate(Duration wait) {
    Deadline deadline = Deadline.of(context);
    return deadline != null && deadline.remaining().compareTo(wait) <= 0;
  }

  /** The request as a target gets it. */
  ChatRequest requestFor(int target, Policy policy) {
    return policy.isOfOneModel() ? request : targets.requestFor(target, request);
  }

  /** The provider and model that this request leads to at one of the targets. */
  String nameOf(int target) {
    return targets.nameOf(target, request);
  }

  /** Tells the chain behind a target. */
  void publish(int target, ResilienceEvent.Builder event, Policy policy) {
    targets
        .listener(target)
        .onEvent(event.timestamp(policy.clock().now()).attributes(context.attributes()).build());
  }
}
