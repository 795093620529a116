package dev.agentops.cost;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which model answers where the one that is asked for is a name of the host's customer, such as an
 * Azure deployment or an inference profile: only the answer says so, and budgets need to know
 * before the next call. Remembers {@value #MAXIMUM} names. Thread-safe.
 */
final class Deployments {

  private static final int MAXIMUM = 1_000;

  private final ConcurrentHashMap<Name, String> models = new ConcurrentHashMap<>();

  /** The priced model that answered last for a name; null where none is known. */
  @Nullable String model(String provider, String asked) {
    return models.get(new Name(provider, asked));
  }

  void learn(String provider, @Nullable String asked, UsageRecord answer) {
    if (asked == null || asked.equals(answer.model()) || answer.calculatedCost().isEmpty()) {
      return;
    }
    Name name = new Name(provider, asked);
    if (models.size() < MAXIMUM || models.containsKey(name)) {
      models.put(name, answer.model());
    }
  }

  private record Name(String provider, String model) {}
}
