package dev.agentops.examples.llm;

import java.util.LinkedHashMap;
import java.util.Map;

/** The counter that lets a fault with {@link Fault#TIMES} happen only so often. Thread-safe. */
final class FaultGate {
  private static final int MAX_KEYS = 10_000;

  private final Map<String, Integer> seen =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
          return size() > MAX_KEYS;
        }
      };

  /** Returns the knobs if they break this request, else {@link FaultKnobs#NONE}. */
  synchronized FaultKnobs pass(FaultKnobs knobs) {
    if (knobs.times() < 0) {
      return knobs;
    }
    return seen.merge(knobs.key(), 1, Integer::sum) <= knobs.times() ? knobs : FaultKnobs.NONE;
  }
}
