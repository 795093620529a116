package dev.agentops.examples.llm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The account of which prompt beginnings were seen before, as providers bill them: from 1024 tokens
 * on, in steps of 128. Nothing is really cached; only the {@code cached_tokens} are. Thread-safe.
 */
final class PromptCache {
  private static final int MINIMUM = 1024;
  private static final int STEP = 128;
  private static final int MAX_PREFIXES = 10_000;

  private final Map<Long, Boolean> prefixes =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Boolean> eldest) {
          return size() > MAX_PREFIXES;
        }
      };

  /** Returns how many tokens of the prompt were seen before, and remembers the whole prompt. */
  synchronized int lookUp(String model, List<Tokens.Segment> prompt) {
    long hash = model.hashCode();
    int tokens = 0;
    int cached = 0;
    for (Tokens.Segment segment : prompt) {
      hash = hash * 1_000_003L + segment.text().hashCode();
      tokens += segment.tokens();
      if (prefixes.put(hash, true) != null) {
        cached = tokens;
      }
    }
    return cached < MINIMUM ? 0 : cached / STEP * STEP;
  }
}
