package dev.agentops.cost;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what names came to, {@value #MAXIMUM} at most: where there are more, those that were
 * not asked for lately are forgotten. Thread-safe.
 *
 * <p>Names are in two generations; when the young one is full, it becomes the old one, which is
 * dropped. A name that is found in the old one is young again. Each generation is two maps, one in
 * the other, so that no key has to be made.
 */
final class LookupCache {

  static final int MAXIMUM = 4_096;

  /** A longer name, such as a text that was taken for one, is looked up each time. */
  private static final int LONGEST_NAME = 512;

  private final PriceLayer prices;
  private volatile Generation young = new Generation();
  private volatile Generation old = new Generation();

  LookupCache(PriceLayer prices) {
    this.prices = prices;
  }

  ModelLookup get(@Nullable String provider, String model) {
    String providerKey = provider == null ? "" : provider;
    ModelLookup known = young.get(providerKey, model);
    return known != null ? known : lookUp(providerKey, model);
  }

  synchronized int size() {
    return young.size + old.size;
  }

  private ModelLookup lookUp(String provider, String model) {
    ModelLookup known = old.get(provider, model);
    ModelLookup found = known != null ? known : ModelLookup.of(prices, provider, model);
    if (provider.length() <= LONGEST_NAME && model.length() <= LONGEST_NAME) {
      remember(provider, model, found);
    }
    return found;
  }

  private synchronized void remember(String provider, String model, ModelLookup found) {
    if (young.size >= MAXIMUM / 2) {
      old = young;
      young = new Generation();
    }
    young.put(provider, model, found);
  }

  private static final class Generation {

    private final Map<String, Map<String, ModelLookup>> byProvider = new ConcurrentHashMap<>();

    /** Only changed by the thread that has the cache's lock. */
    private int size;

    @Nullable ModelLookup get(String provider, String model) {
      Map<String, ModelLookup> models = byProvider.get(provider);
      return models == null ? null : models.get(model);
    }

    void put(String provider, String model, ModelLookup found) {
      if (byProvider
              .computeIfAbsent(provider, any -> new ConcurrentHashMap<>())
              .putIfAbsent(model, found)
          == null) {
        size++;
      }
    }
  }
}
