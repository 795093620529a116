package dev.agentops.resilience;

import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.Deadline;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Gives all that is tried for a call one deadline. */
record DeadlinePolicy(Duration time, Clock clock) implements Policy {

  @Override
  public Course begin(Caller caller) {
    Deadline deadline = Deadline.after(time, clock);
    return new Course() {

      @Override
      public @Nullable Step next(@Nullable Failure failure) {
        return failure == null ? Step.to(0) : null;
      }

      @Override
      public Context context(Context context) {
        return deadline.in(context);
      }
    };
  }
}
