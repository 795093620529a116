package dev.agentops.cost;

import java.util.AbstractList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The known names that look most like one that is not known, which are looked for when the list is
 * first read: that takes milliseconds, and most who meet an unknown name do not ask. Thread-safe.
 */
final class SuggestedNames extends AbstractList<String> {

  private final PriceLayer prices;
  private final @Nullable String provider;
  private final String model;
  private volatile @Nullable List<String> names;

  SuggestedNames(PriceLayer prices, @Nullable String provider, String model) {
    this.prices = prices;
    this.provider = provider;
    this.model = model;
  }

  @Override
  public String get(int index) {
    return names().get(index);
  }

  @Override
  public int size() {
    return names().size();
  }

  private List<String> names() {
    List<String> found = names;
    if (found == null) { // two threads may both look: they find the same
      found = NearestNames.of(model, prices.names(provider, model));
      names = found;
    }
    return found;
  }
}
