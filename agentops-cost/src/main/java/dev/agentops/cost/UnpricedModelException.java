package dev.agentops.cost;

import dev.agentops.CallRejectedException;
import java.util.List;

/** A call was refused because its price is not known: {@link UnpricedCalls#REJECT}. */
public final class UnpricedModelException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  private final String provider;
  private final String model;
  private final List<String> suggestions;

  UnpricedModelException(String provider, String model, PriceQuote quote) {
    super(
        "model "
            + PrintedText.quoted(model)
            + " of provider "
            + PrintedText.quoted(provider)
            + " has no price, and calls without one are refused: "
            + quote.reason());
    this.provider = provider;
    this.model = model;
    this.suggestions = List.copyOf(quote.suggestions());
  }

  /** The provider, as the caller named it. */
  public String provider() {
    return provider;
  }

  /** The model that has no price. */
  public String model() {
    return model;
  }

  /** Known models that look like it, the nearest first; may be empty. */
  public List<String> suggestions() {
    return suggestions;
  }
}
