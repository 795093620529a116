package dev.agentops.cost;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once for each model in the log that it has no price; silent after {@value #MAXIMUM} models.
 * Thread-safe.
 */
final class UnknownModels {

  private static final int MAXIMUM = 1_000;
  private static final Logger log = LoggerFactory.getLogger(CostMonitor.class);

  private final Set<String> warned = ConcurrentHashMap.newKeySet();

  void warn(String provider, String model, PriceQuote quote) {
    String shownProvider = PrintedText.quoted(provider);
    String shownModel = PrintedText.quoted(model);
    if (warned.size() >= MAXIMUM || !warned.add(shownProvider + '/' + shownModel)) {
      return;
    }
    log.warn(
        "model {} of provider {} has no price; its calls are recorded without cost and pass every budget uncounted: {} (nearest names: {})",
        shownModel,
        shownProvider,
        quote.reason(),
        quote.suggestions().isEmpty() ? "none" : String.join(", ", quote.suggestions()));
  }
}
