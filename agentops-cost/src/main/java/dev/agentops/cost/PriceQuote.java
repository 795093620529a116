package dev.agentops.cost;

import dev.agentops.Cost;
import dev.agentops.UsageGap;
import java.util.List;
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
    /**
     * The rule that holds has no rate for a part of the usage, nor for the whole that it is a part
     * of; or none for a unit that is no token.
     */
    NO_RATE
  }

  private final Status status;
  private final String version;
  private final @Nullable String rule;
  private final @Nullable Cost cost;
  private final @Nullable Cost lowest;
  private final @Nullable Cost highest;
  private final boolean estimated;
  private final String reason;
  private final List<String> suggestions;
  private final List<String> assumptions;

  private PriceQuote(
      Status status,
      String version,
      @Nullable String rule,
      @Nullable Cost cost,
      @Nullable Cost lowest,
      @Nullable Cost highest,
      boolean estimated,
      String reason,
      List<String> suggestions,
      List<String> assumptions) {
    this.status = status;
    this.version = version;
    this.rule = rule;
    this.cost = cost;
    this.lowest = lowest;
    this.highest = highest;
    this.estimated = estimated;
    this.reason = reason;
    this.suggestions = suggestions;
    this.assumptions = assumptions;
  }

  static PriceQuote exact(String version, String rule, Cost cost, String reason) {
    return new PriceQuote(
        Status.PRICED, version, rule, cost, cost, cost, false, reason, List.of(), List.of());
  }

  /** The price of a usage with gaps, or of one with parts for which no rate is listed. */
  static PriceQuote between(
      String version,
      String rule,
      Cost cost,
      Cost lowest,
      @Nullable Cost highest,
      boolean estimated,
      String reason,
      List<String> assumptions) {
    return new PriceQuote(
        Status.PRICED,
        version,
        rule,
        cost,
        lowest,
        highest,
        estimated,
        reason,
        List.of(),
        List.copyOf(assumptions));
  }

  static PriceQuote unpriced(
      Status status,
      String version,
      @Nullable String rule,
      String reason,
      List<String> suggestions) {
    return new PriceQuote(
        status, version, rule, null, null, null, false, reason, suggestions, List.of());
  }

  /** No price, since a part has none; the others cost this much. */
  static PriceQuote noRate(String version, String rule, Cost known, String reason) {
    return new PriceQuote(
        Status.NO_RATE, version, rule, null, known, null, true, reason, List.of(), List.of());
  }

  public Status status() {
    return status;
  }

  /** The version of the catalogue, which a ledger keeps beside the cost. */
  public String version() {
    return version;
  }

  /**
   * The entry and the rules that priced, such as {@code openai/gpt-5#2}: the second of that model.
   * {@code #3+1*4} is the third for the tokens beyond its size, the first for the others, times the
   * factor of the fourth. Null where none holds.
   */
  public @Nullable String rule() {
    return rule;
  }

  /** The price of the usage as told; empty where there is none. */
  public Optional<Cost> cost() {
    return Optional.ofNullable(cost);
  }

  /**
   * The least it can be, given what the usage leaves out; the cost where it leaves out nothing.
   * Cache reads whose rate is {@linkplain #assumptions() assumed} cost nothing in it. Where a part
   * has no rate, what the others cost. Empty where nothing is known.
   */
  public Optional<Cost> lowest() {
    return Optional.ofNullable(lowest);
  }

  /**
   * The most it can be, given what the usage leaves out; the cost where it leaves out nothing.
   * Empty where that is not known, too: what may have been generated beyond the usage has no rate.
   */
  public Optional<Cost> highest() {
    return Optional.ofNullable(highest);
  }

  /**
   * Whether the price is only known to lie between two amounts, or rests on tokens that were only
   * {@linkplain UsageGap#INPUT counted by a tokenizer or guessed}, or on {@link #assumptions()}.
   */
  public boolean estimated() {
    return estimated;
  }

  /**
   * The parts of the usage for which no rate is listed and that are priced at the rate of the whole
   * they are a part of, such as {@code cacheRead at the rate of input}; empty otherwise. Input
   * images and reasoning are no assumption: every provider that lists no other rate bills them so.
   */
  public List<String> assumptions() {
    return assumptions;
  }

  /** Why, in one line; names from outside are cut and their control characters escaped. */
  public String reason() {
    return reason;
  }

  /**
   * Known ids that look like the one that is not known, at most three; empty otherwise. Looked for
   * when the list is first read, which takes some milliseconds.
   */
  public List<String> suggestions() {
    return suggestions;
  }

  @Override
  public String toString() {
    return "PriceQuote{" + status + ", " + (cost == null ? "" : cost + ", ") + reason + '}';
  }
}
