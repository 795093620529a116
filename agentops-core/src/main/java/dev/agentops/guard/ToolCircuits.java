package dev.agentops.guard;

import dev.agentops.Clock;
import dev.agentops.event.ToolCircuitEvent;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** The circuits of all tools, by name; the first {@value #MAXIMUM} get one. Thread-safe. */
final class ToolCircuits {

  static final int MAXIMUM = 1_000;

  private final @Nullable ToolBreaker rule;
  private final Map<String, ToolBreaker> ruleOf;
  private final Clock clock;
  private final ConcurrentMap<String, ToolCircuit> circuits = new ConcurrentHashMap<>();

  ToolCircuits(@Nullable ToolBreaker rule, Map<String, ToolBreaker> ruleOf, Clock clock) {
    this.rule = rule;
    this.ruleOf = Map.copyOf(ruleOf);
    this.clock = clock;
  }

  /** Null for a tool that is never withdrawn. */
  @Nullable ToolCircuit of(String tool) {
    ToolCircuit known = circuits.get(tool);
    if (known != null) {
      return known;
    }
    ToolBreaker own = ruleOf.get(tool);
    ToolBreaker mine = own == null ? rule : own;
    return mine == null || mine.isNever() || circuits.size() >= MAXIMUM
        ? null
        : circuits.computeIfAbsent(tool, any -> new ToolCircuit(mine, clock));
  }

  /** The tools that are withdrawn, with when they are tried again. */
  Map<String, Instant> open() {
    Map<String, Instant> open = new TreeMap<>();
    circuits.forEach(
        (tool, circuit) -> {
          Instant until = circuit.openUntil();
          if (until != null) {
            open.put(tool, until);
          }
        });
    return open;
  }

  ToolCircuitEvent.Builder event(String tool, ToolCircuit circuit, ToolCircuit.Change change) {
    return ToolCircuitEvent.builder()
        .timestamp(clock.now())
        .type(
            change == ToolCircuit.Change.OPENED
                ? ToolCircuitEvent.Type.OPENED
                : ToolCircuitEvent.Type.CLOSED)
        .tool(tool)
        .until(circuit.openUntil())
        .detail(circuit.reason());
  }
}
