package dev.agentops.cost;

import dev.agentops.Cost;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a catalogue came to a price, or why it has none. Immutable, hence thread-safe.
 *
 * <p>{@link #toString()} is for people:
 *
 * <pre>
 * $0.0117 for openai 'gpt-5-2025-08-07', prices 2026-09-23 #1f0c5a2b9d3e
 *   provider     named 'openai'
 *   model        openai/gpt-5: date removed, its id
 *   rule         openai/gpt-5#1
 *   input        1200 x 1.25 per 1000000 = $0.0015
 *   cacheRead    1600 x 0.125 per 1000000 = $0.0002
 *   output       1000 x 10 per 1000000 = $0.01
 * </pre>
 */
public final class PriceExplanation {

  private final PriceQuery query;
  private final PriceQuote quote;
  private final @Nullable ModelMatch match;
  private final List<Component> components;

  PriceExplanation(
      PriceQuery query, PriceQuote quote, @Nullable ModelMatch match, @Nullable Tariff tariff) {
    this.query = query;
    this.quote = quote;
    this.match = match;
    if (match == null || tariff == null) {
      components = List.of();
    } else {
      ComponentTally tally = new ComponentTally(tariff.factor(), match.discount());
      tariff.apply(query.usage(), tally);
      components = List.copyOf(tally.components);
    }
  }

  /** The answer that is explained. */
  public PriceQuote quote() {
    return quote;
  }

  /** The provider and the id of the entry that was found, such as {@code openai/gpt-5}. */
  public Optional<String> entry() {
    return Optional.ofNullable(match).map(found -> found.price().label());
  }

  /** How the provider was found; empty where the model is not known. */
  public Optional<String> providerMatch() {
    return Optional.ofNullable(match).map(ModelMatch::provider);
  }

  /** How the model was found: by its id, an alias, a pattern, and what was taken off its name. */
  public Optional<String> modelMatch() {
    return Optional.ofNullable(match).map(ModelMatch::model);
  }

  /** What whoever wrote the price remarks. */
  public Optional<String> note() {
    return Optional.ofNullable(match).map(found -> found.price().note());
  }

  /**
   * The parts of the usage that have a price, those that have none left out; their amounts add up
   * to the cost where there is one.
   */
  public List<Component> components() {
    return components;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(quote.cost().map(Cost::toString).orElse("No price"))
        .append(" for ")
        .append(query.provider() == null ? "" : PrintedText.plain(query.provider()) + " ")
        .append(PrintedText.quoted(query.model()) + ", ")
        .append(quote.version());
    if (quote.estimated()) {
      text.append("\n  between      ")
          .append(quote.lowest().map(Cost::toString).orElse("?"))
          .append(" and ")
          .append(quote.highest().map(Cost::toString).orElse("?"))
          .append(query.gaps().isEmpty() ? "" : ": the usage is without " + query.gaps());
    }
    providerMatch().ifPresent(how -> line(text, "provider", how));
    entry().ifPresent(entry -> line(text, "model", entry + ": " + modelMatch().orElse("")));
    note().ifPresent(note -> line(text, "note", note));
    if (quote.rule() != null) {
      line(text, "rule", quote.rule());
    }
    quote.assumptions().forEach(assumption -> line(text, "assumed", assumption));
    components.forEach(component -> text.append("\n  ").append(component));
    if (quote.status() != PriceQuote.Status.PRICED) {
      line(text, "missing", quote.reason());
    }
    if (!quote.suggestions().isEmpty()) {
      line(text, "nearest", String.join(", ", quote.suggestions()));
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(String.format("%n  %-12s %s", name, value).replace("\r", ""));
  }

  /** One part of a price. Immutable, hence thread-safe. */
  public static final class Component {

    private final String name;
    private final BigDecimal count;
    private final String rate;
    private final Cost amount;

    private Component(String name, BigDecimal count, String rate, Cost amount) {
      this.name = name;
      this.count = count;
      this.rate = rate;
      this.amount = amount;
    }

    /** The {@linkplain TokenKind#rateName() kind of tokens} or the unit. */
    public String name() {
      return name;
    }

    /** How many of them are charged. */
    public BigDecimal count() {
      return count;
    }

    /** What they cost, in dollars, such as {@code 2.5 per 1000000}, and the factors on it. */
    public String rate() {
      return rate;
    }

    public Cost amount() {
      return amount;
    }

    @Override
    public String toString() {
      return String.format("%-12s %s x %s = %s", name, count.toPlainString(), rate, amount);
    }
  }

  /** Collects the parts of a price. */
  private static final class ComponentTally implements RatedParts {

    private final @Nullable BigDecimal factor;
    private final @Nullable BigDecimal discount;
    private final List<Component> components = new ArrayList<>();

    ComponentTally(@Nullable BigDecimal factor, @Nullable BigDecimal discount) {
      this.factor = factor;
      this.discount = discount;
    }

    @Override
    public void tokens(TokenKind kind, long count, Rate rate) {
      add(kind.rateName(), BigDecimal.valueOf(count), rate.toString(), rate.times(count), factor);
    }

    @Override
    public void units(String name, BigDecimal count, UnitRate rate) {
      add(name, rate.charged(count), rate.toString(), rate.times(count), null);
    }

    @Override
    public void missing(String what) {
      // the quote tells
    }

    private void add(
        String name, BigDecimal count, String rate, Cost list, @Nullable BigDecimal factor) {
      BigDecimal all = factor == null ? BigDecimal.ONE : factor;
      all = discount == null ? all : all.multiply(discount);
      boolean plain = factor == null && discount == null;
      components.add(
          new Component(
              name,
              count,
              plain ? rate : rate + " x " + all.toPlainString(),
              plain ? list : Cost.usd(list.usd().multiply(all))));
    }
  }
}
