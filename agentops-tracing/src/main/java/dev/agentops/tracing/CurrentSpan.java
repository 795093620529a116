package dev.agentops.tracing;

import dev.agentops.Context;
import dev.agentops.Scope;
import org.jspecify.annotations.Nullable;

/** That a span is, or was, the current one of the thread that started it. */
final class CurrentSpan {

  private final Scope scope;
  private final Thread owner = Thread.currentThread();
  private final @Nullable TraceContext around;
  private boolean takenOff; // read and written by the owner only

  CurrentSpan(Scope scope, @Nullable TraceContext around) {
    this.scope = scope;
    this.around = around;
  }

  @Nullable TraceContext around() {
    return around;
  }

  void takeOff() {
    if (owner == Thread.currentThread()) {
      takenOff = true;
      scope.close();
    }
  }

  boolean isStillOnThisThread() {
    return owner == Thread.currentThread() && !takenOff;
  }

  /** Whether nobody opened a scope inside of this one, which taking it off would end. */
  boolean isInnermost(Context context) {
    return owner == Thread.currentThread() && scope.context() == context;
  }
}
