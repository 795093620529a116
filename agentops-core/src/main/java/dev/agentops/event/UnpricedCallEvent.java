package dev.agentops.event;

import dev.agentops.Attributes;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call was recorded without a cost, because its price is not known: no total and no budget has
 * counted it. Immutable.
 */
public final class UnpricedCallEvent implements OpsEvent {

  private final Instant timestamp;
  private final Attributes attributes;
  private final String provider;
  private final String model;
  private final String reason;
  private final List<String> suggestions;
  private final @Nullable String traceId;

  /**
   * Tells of a call.
   *
   * @param provider as the caller named it; {@code unknown} where it did not
   * @param model that has no price
   * @param reason why not, in one line
   * @param suggestions known models that look like it
   * @param traceId the trace that records the call; null where nothing traces it
   */
  public UnpricedCallEvent(
      Instant timestamp,
      Attributes attributes,
      String provider,
      String model,
      String reason,
      List<String> suggestions,
      @Nullable String traceId) {
    this.timestamp = timestamp;
    this.attributes = attributes;
    this.provider = provider;
    this.model = model;
    this.reason = reason;
    this.suggestions = List.copyOf(suggestions);
    this.traceId = traceId;
  }

  @Override
  public Instant timestamp() {
    return timestamp;
  }

  @Override
  public Attributes attributes() {
    return attributes;
  }

  /** The provider, as the caller named it; {@code unknown} where it did not. */
  public String provider() {
    return provider;
  }

  /** The model that has no price. */
  public String model() {
    return model;
  }

  /** Why there is no price, in one line. */
  public String reason() {
    return reason;
  }

  /** Known models that look like it, the nearest first; may be empty. */
  public List<String> suggestions() {
    return suggestions;
  }

  /** The trace that records the call; null where nothing traces it. */
  public @Nullable String traceId() {
    return traceId;
  }

  @Override
  public String toString() {
    return "UnpricedCallEvent{"
        + provider
        + '/'
        + model
        + ", "
        + reason
        + (suggestions.isEmpty() ? "" : ", like " + suggestions)
        + ", "
        + attributes
        + '}';
  }
}
