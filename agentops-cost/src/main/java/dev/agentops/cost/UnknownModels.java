package dev.agentops.cost;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once for each model that it has no price; silent after {@value #MAXIMUM} models.
 * Thread-safe.
 */
final class UnknownModels {

  private static final int MAXIMUM = 1_000;
  private static final Logger log = LoggerFactory.getLogger(CostMonitor.class);

  private final PriceCatalog catalog;
  private final Set<String> warned = ConcurrentHashMap.newKeySet();

  UnknownModels(PriceCatalog catalog) {
    this.catalog = catalog;
  }

  void warn(UsageRecord record) {
    if (warned.size() >= MAXIMUM || !warned.add(record.provider() + '/' + record.model())) {
      return;
    }
    if (catalog.find(record.provider(), record.model()) != null) {
      log.warn(
          "model '{}' of provider '{}' has no price for {} in {}; such calls are recorded without cost and pass every budget uncounted",
          record.model(),
          record.provider(),
          record.usage(),
          record.priceVersion());
      return;
    }
    List<String> nearest = catalog.nearest(record.provider(), record.model());
    log.warn(
        "model '{}' of provider '{}' has no price in {}; its calls are recorded without cost and pass every budget uncounted (nearest names: {})",
        record.model(),
        record.provider(),
        record.priceVersion(),
        nearest.isEmpty() ? "none" : String.join(", ", nearest));
  }
}
