package dev.agentops.examples.server;

import dev.agentops.Cost;
import dev.agentops.Usage;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.OpsEventListener;
import dev.agentops.event.ToolCallEvent;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what each running turn takes, from the events of its trace. A turn is watched from its
 * start to its end; events of any other trace are passed over, so that nothing is left behind.
 * Thread-safe.
 */
final class TurnMeter implements OpsEventListener {

  private final Map<String, Tally> running = new ConcurrentHashMap<>();

  /** Begins to add up the events of a trace. */
  Tally watch(String traceId) {
    Tally tally = new Tally(traceId);
    running.put(traceId, tally);
    return tally;
  }

  @Override
  public void onEvent(OpsEvent event) {
    if (event instanceof ModelCallEvent call && call.traceId() != null) {
      Tally tally = running.get(call.traceId());
      if (tally != null) {
        tally.add(call);
      }
    } else if (event instanceof ToolCallEvent tool && tool.traceId() != null) {
      Tally tally = running.get(tool.traceId());
      if (tally != null) {
        tally.addTool();
      }
    }
  }

  /** How many turns are watched. */
  int running() {
    return running.size();
  }

  /** What one turn has taken so far. */
  final class Tally implements AutoCloseable {

    private final String traceId;
    private @Nullable String model;
    private Usage usage = Usage.none();
    private Cost cost = Cost.ZERO;
    private boolean unpriced;
    private int modelCalls;
    private int cachedModelCalls;
    private int toolCalls;

    private Tally(String traceId) {
      this.traceId = traceId;
    }

    synchronized TurnMetadata metadata(String askedModel, Duration latency) {
      return new TurnMetadata(
          model == null ? askedModel : model,
          new TurnMetadata.TokenCounts(
              usage.inputTokens(),
              usage.outputTokens(),
              usage.totalTokens(),
              usage.cacheReadTokens(),
              usage.reasoningTokens()),
          unpriced ? null : cost.usd(),
          modelCalls > 0 && cachedModelCalls == modelCalls,
          modelCalls,
          cachedModelCalls,
          toolCalls,
          traceId,
          latency.toMillis());
    }

    @Override
    public void close() {
      running.remove(traceId);
    }

    private synchronized void add(ModelCallEvent call) {
      cost = call.cost().map(cost::plus).orElse(cost);
      unpriced |= call.cost().isEmpty() && call.status() == CallStatus.OK;
      if (call.operation().equals(ModelCallEvent.CHAT)) {
        modelCalls++;
        cachedModelCalls += call.cached() ? 1 : 0;
        usage = call.usage().map(usage::plus).orElse(usage);
        model = call.model();
      }
    }

    private synchronized void addTool() {
      toolCalls++;
    }
  }
}
