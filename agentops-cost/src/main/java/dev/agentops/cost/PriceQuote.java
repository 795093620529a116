package dev.agentops.cost;

import dev.agentops.Cost;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The answer of a catalogue to a {@link PriceQuery}. Immutable, hence thread-safe. */
public final class PriceQuote {

  /** Whether there is a price. */
  public enum Status {
    /** There is a price. */
    PRICED,
    /** The catalogue does not list the model. */
    UNKNOWN_MODEL,
    /** No rule of the model holds, as for a service tier or a day without a price. */
    NO_RULE,
    /** The rule that holds has no rate for a part of the usage. */
    NO_RATE
  }

  private final Status status;
  private final String version;
  private final @Nullable String rule;
  private final @Nullable Cost cost;
  private final @Nullable Cost lowest;
  private final @Nullable Cost highest;
  private final String reason;
  private final List<String> suggestions;

  PriceQuote(
      Status status,
      String version,
      @Nullable String rule,
      @Nullable Cost cost,
      @Nullable Cost lowest,
      @Nullable Cost highest,
      String reason,
      List<String> suggestions) {
    this.status = status;
    this.version = version;
    this.rule = rule;
    this.cost = cost;
    this.lowest = lowest;
    this.highest = highest;
    this.reason = reason;
    this.suggestions = List.copyOf(suggestions);
  }

  public Status status() {
    return status;
  }

  /** The version of the catalogue, which a ledger keeps beside the cost. */
  public String version() {
    return version;
  }

  /** The entry and the rule that priced, such as {@code openai/gpt-5#1}; null where none did. */
  public @Nullable String rule() {
    return rule;
  }

  /** The price of the usage as told; empty where there is none. */
  public Optional<Cost> cost() {
    return Optional.ofNullable(cost);
  }

  /** The least it can be, given what the usage leaves out; the cost where it leaves out nothing. */
  public Optional<Cost> lowest() {
    return Optional.ofNullable(lowest);
  }

  /** The most it can be, given what the usage leaves out; the cost where it leaves out nothing. */
  public Optional<Cost> highest() {
    return Optional.ofNullable(highest);
  }

  /** Whether the price is only known to lie between two amounts. */
  public boolean estimated() {
    return !Objects.equals(lowest, highest);
  }

  /** Why, in one line. */
  public String reason() {
    return reason;
  }

  /** Known ids that look like the one that is not known, at most three; empty otherwise. */
  public List<String> suggestions() {
    return suggestions;
  }

  @Override
  public String toString() {
    return "PriceQuote{" + status + ", " + (cost == null ? "" : cost + ", ") + reason + '}';
  }
}
