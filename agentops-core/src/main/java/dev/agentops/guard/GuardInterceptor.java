package dev.agentops.guard;

import dev.agentops.AgentCall;
import dev.agentops.AgentInterceptor;
import dev.agentops.Attributes;
import dev.agentops.Call;
import dev.agentops.CallRejectedException;
import dev.agentops.ChatInterceptor;
import dev.agentops.Cost;
import dev.agentops.Deadline;
import dev.agentops.EmbeddingCall;
import dev.agentops.EmbeddingInterceptor;
import dev.agentops.Key;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.ProviderCall;
import dev.agentops.ToolCall;
import dev.agentops.ToolInterceptor;
import dev.agentops.UsageReport;
import dev.agentops.event.CallStatus;
import dev.langchain4j.exception.ToolArgumentsException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.service.tool.ToolExecutionResult;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts a {@link RunGuard} on agents and the models and tools that they call.
 *
 * <p>Belongs outermost, after the interceptor that traces: so it sees the cost of a call, counts
 * what a cache answers, and a stopped run uses up no other limit. Thread-safe.
 */
public final class GuardInterceptor
    implements ChatInterceptor, EmbeddingInterceptor, ToolInterceptor, AgentInterceptor {

  private final RunGuard guard;
  private final Key<Entry> entry = Key.of("call of a guarded run");
  private final Key<Opening> opening = Key.of("agent of a guarded run");
  private final Key<Trial> trial = Key.of("execution of a watched tool");

  private GuardInterceptor(RunGuard guard) {
    this.guard = guard;
  }

  public static GuardInterceptor of(RunGuard guard) {
    return new GuardInterceptor(Objects.requireNonNull(guard, "guard"));
  }

  /**
   * Takes the call into its run.
   *
   * @throws RunKilledException if it falls under a kill switch
   * @throws RunLimitExceededException if its run is stopped
   */
  @Override
  public @Nullable ChatResponse before(ModelCall call) {
    begin(call, 1, call::estimatedInputTokens);
    return null;
  }

  /** As {@link #before(ModelCall)}; for tokens, cost and time only. */
  @Override
  public @Nullable EmbeddingResponse before(EmbeddingCall call) {
    begin(call, 0, call::estimatedInputTokens);
    return null;
  }

  /**
   * Takes the execution into its run, and answers for a tool that is withdrawn.
   *
   * @throws RunKilledException if it falls under a kill switch
   * @throws RunLimitExceededException if its run is stopped
   */
  @Override
  public @Nullable ToolExecutionResult before(ToolCall call) {
    Place place = guard.place(call);
    try {
      guard.switches().refuse(place, call.attributes(), call.agent());
      if (place != null) {
        long fingerprint = Fingerprint.ofTool(call.name(), call.request().arguments());
        guard.refuseExceeded(() -> place.account().beginTool(place, call.name(), fingerprint));
      }
    } finally {
      tell(place, call);
    }
    ToolExecutionResult withdrawn = withdrawn(call);
    if (withdrawn != null && place != null) {
      place.account().takeBackTool();
    }
    return withdrawn;
  }

  /**
   * Begins a run, or an agent inside of one.
   *
   * @throws RunKilledException if it falls under a kill switch
   * @throws RunLimitExceededException if it is too deep, or its run is stopped
   */
  @Override
  public void before(AgentCall call) {
    Place around = guard.notLeft(call.callerContext().get(guard.here()));
    Opening opened =
        guard.begin(around, call.agentName(), call.runId(), call.attributes(), call::publish);
    call.put(opening, opened);
    call.addToContext(guard.here(), opened.place());
    Deadline deadline = guard.deadline(opened);
    if (deadline != null) {
      call.addDeadline(deadline);
    }
  }

  @Override
  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
    Entry entered = call.get(entry);
    ChatResponse response = outcome.response();
    Place place = entered == null ? null : entered.place;
    if (place != null && response != null && place.account().limitsStalledAnswers()) {
      AnswerStep step = AnswerStep.of(call.request(), response.aiMessage());
      if (step != null) {
        place.account().answered(place, step);
      }
    }
    end(call, entered, 1, outcome, call.billedReport(outcome));
  }

  @Override
  public void after(EmbeddingCall call, Outcome<EmbeddingResponse> outcome) {
    end(call, call.get(entry), 0, outcome, call.billedReport(outcome));
  }

  @Override
  public void after(ToolCall call, Outcome<ToolExecutionResult> outcome) {
    Trial tried = call.get(trial);
    if (tried == null) {
      return;
    }
    if (saysNothing(outcome)) {
      tried.circuit.leave(tried.number);
      return;
    }
    ToolExecutionResult result = outcome.response();
    boolean failure = outcome.status() == CallStatus.ERROR || (result != null && result.isError());
    ToolCircuit.Change change = tried.circuit.leave(tried.number, failure);
    if (change != ToolCircuit.Change.NONE) {
      guard
          .news()
          .tell(
              guard
                  .circuits()
                  .event(call.name(), tried.circuit, change)
                  .attributes(call.attributes())
                  .build(),
              call::publish);
    }
  }

  @Override
  public void after(AgentCall call, Outcome<Object> outcome) {
    Opening opened = call.get(opening);
    if (opened != null) {
      guard.end(opened, outcome.status() == CallStatus.OK, call::publish);
    }
  }

  private void begin(ProviderCall call, int modelCalls, LongSupplier estimate) {
    Place place = guard.place(call);
    try {
      guard.switches().refuse(place, call.attributes(), call.agent());
      long tokens = 0;
      if (place != null) {
        tokens = place.account().limitsTokens() ? estimate.getAsLong() : 0;
        long expected = tokens;
        boolean hedge = Boolean.TRUE.equals(call.attributes().get(Attributes.HEDGE));
        guard.refuseExceeded(() -> place.account().beginCall(place, modelCalls, expected, hedge));
      }
      call.put(entry, new Entry(place, tokens));
      guard.underWay().add(call, place);
    } finally {
      tell(place, call); // may take its time
    }
    // a switch that was thrown, or a run that was stopped, just before has not seen the call
    guard.switches().refuse(place, call.attributes(), call.agent());
    if (place != null) {
      guard.refuseExceeded(place.account()::refuseStopped);
    }
  }

  private void end(
      ProviderCall call,
      @Nullable Entry entered,
      int modelCalls,
      Outcome<?> outcome,
      @Nullable UsageReport report) {
    guard.underWay().remove(call);
    Place place = entered == null ? null : entered.place;
    if (entered == null || place == null) {
      return;
    }
    boolean refused = outcome.status() == CallStatus.REJECTED;
    Cost cost = call.cost();
    place
        .account()
        .endCall(
            refused ? modelCalls : 0,
            entered.tokens,
            report == null ? 0 : report.usage().totalTokens(),
            cost == null ? Cost.ZERO : cost);
    tell(place, call);
  }

  private void tell(@Nullable Place place, Call call) {
    if (place != null) {
      guard.news().tell(place.account(), call.attributes(), call::publish);
    }
  }

  private @Nullable ToolExecutionResult withdrawn(ToolCall call) {
    ToolCircuit circuit = guard.circuits().of(call.name());
    if (circuit == null) {
      return null;
    }
    long number = circuit.enter();
    if (number >= 0) {
      call.put(trial, new Trial(circuit, number));
      return null;
    }
    guard.counters().withdrawnToolCalls.increment();
    Instant until = circuit.openUntil();
    return ToolExecutionResult.builder()
        .isError(true)
        .resultText(
            "The tool '"
                + call.name()
                + "' is unavailable"
                + (until == null ? "" : " until " + until)
                + " because it keeps failing. Do not call it again before; go on without it.")
        .build();
  }

  /** Neither a failure of the tool nor a success. */
  private static boolean saysNothing(Outcome<ToolExecutionResult> outcome) {
    Throwable error = outcome.error();
    Throwable cause = outcome.cause();
    return outcome.shortCircuited()
        || outcome.status() == CallStatus.REJECTED
        || outcome.status() == CallStatus.CANCELLED
        || error instanceof ToolArgumentsException
        || cause instanceof CallRejectedException
        || cause instanceof InterruptedException
        || cause instanceof CancellationException;
  }

  /** A call that is under way, with the estimate of its input where that is limited. */
  private record Entry(@Nullable Place place, long tokens) {}

  /** An execution that its circuit has let through. */
  private record Trial(ToolCircuit circuit, long number) {}
}
