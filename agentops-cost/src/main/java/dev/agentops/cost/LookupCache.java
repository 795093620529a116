package dev.agentops.cost;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what names came to: at most {@value #MAXIMUM}, then all are forgotten. Two maps, one in
 * the other, so that no key has to be made. Thread-safe.
 */
final class LookupCache {

  static final int MAXIMUM = 4_096;

  /** A longer name is no model's and is looked up each time. */
  private static final int LONGEST_NAME = 256;

  private final PriceLayer prices;
  private final Map<String, Map<String, ModelLookup>> byProvider = new ConcurrentHashMap<>();
  private final AtomicInteger size = new AtomicInteger();

  LookupCache(PriceLayer prices) {
    this.prices = prices;
  }

  ModelLookup get(@Nullable String provider, String model) {
    String providerKey = provider == null ? "" : provider;
    Map<String, ModelLookup> models = byProvider.get(providerKey);
    ModelLookup known = models == null ? null : models.get(model);
    return known != null ? known : lookUp(providerKey, model);
  }

  int size() {
    return size.get();
  }

  private ModelLookup lookUp(String provider, String model) {
    ModelLookup found = ModelLookup.of(prices, provider, model);
    if (provider.length() > LONGEST_NAME || model.length() > LONGEST_NAME) {
      return found;
    }
    if (size.incrementAndGet() > MAXIMUM) {
      byProvider.clear();
      size.set(1);
    }
    byProvider.computeIfAbsent(provider, any -> new ConcurrentHashMap<>()).put(model, found);
    return found;
  }
}
