package dev.agentops.guard;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What each agent's busy runs use in their busiest minute: the 90th percentile of the last {@value
 * #REMEMBERED} runs that were not stopped. Thread-safe; knows at most {@value #MAXIMUM} agents and
 * forgets the one whose runs ended longest ago.
 */
final class VelocityNorms {

  static final int WARM_UP = 20;
  static final int MAXIMUM = 1_000;

  private static final int REMEMBERED = 64;

  private final Map<String, Peaks> agents =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Peaks> eldest) {
          return size() > MAXIMUM;
        }
      };

  /** A run of this agent has ended well. */
  synchronized void learn(String agent, long tokensOfBusiestMinute) {
    agents.computeIfAbsent(agent, any -> new Peaks()).add(tokensOfBusiestMinute);
  }

  /** Tokens a minute; 0 while too few runs have ended. */
  synchronized long norm(String agent) {
    Peaks peaks = agents.get(agent);
    return peaks == null ? 0 : peaks.norm;
  }

  /** The last runs of one agent. */
  private static final class Peaks {

    private final long[] last = new long[REMEMBERED];
    private int count;
    private long norm;

    void add(long peak) {
      last[count % REMEMBERED] = peak;
      count = count + 1 == 2 * REMEMBERED ? REMEMBERED : count + 1;
      int known = Math.min(count, REMEMBERED);
      if (known >= WARM_UP) {
        long[] sorted = Arrays.copyOf(last, known);
        Arrays.sort(sorted);
        norm = Math.max(1, sorted[(known * 9) / 10]);
      }
    }
  }
}
