package dev.agentops.resilience;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The circuits of one model object, by what requests ask it for. Thread-safe. */
final class Circuits {

  private static final String OTHERS = "others";

  private final @Nullable String name;
  private final long number;
  private final CircuitBreaker.Builder config;
  private final ConcurrentHashMap<String, Circuit> circuits = new ConcurrentHashMap<>();

  /**
   * None yet.
   *
   * @param name of the only circuit; null for one for each provider and model
   * @param number in the order in which they were made
   */
  Circuits(@Nullable String name, long number, CircuitBreaker.Builder config) {
    this.name = name;
    this.number = number;
    this.config = config;
  }

  long number() {
    return number;
  }

  Circuit of(Caller caller) {
    String model = name == null ? caller.nameOf(0) : name;
    Circuit known = circuits.get(model);
    if (known != null) {
      return known;
    }
    String kept = circuits.size() < CircuitBreaker.MAXIMUM_CIRCUITS ? model : OTHERS;
    return circuits.computeIfAbsent(kept, any -> new Circuit(any, config));
  }

  Map<String, CircuitBreaker.State> states() {
    Map<String, CircuitBreaker.State> states = new TreeMap<>();
    circuits.forEach((model, circuit) -> states.put(model, circuit.state()));
    return states;
  }
}
