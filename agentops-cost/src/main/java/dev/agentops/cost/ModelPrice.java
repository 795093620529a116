package dev.agentops.cost;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The price of one model. Immutable.
 *
 * <p>Of its rules that hold, the last that has rates gives the rates, and each factor multiplies
 * them. Where that last one is {@linkplain PriceRule#marginal() marginal}, it has only the tokens
 * beyond its size, and those before are left to the rule below that holds.
 */
final class ModelPrice {

  private final String provider;
  private final String id;
  private final @Nullable String note;
  private final List<PriceRule> rules;

  /** What each rule that stands alone comes to; null at the others. */
  private final @Nullable Tariff[] alone;

  private final boolean factors;
  private final boolean standardOnly;

  /**
   * A price.
   *
   * @param id the model's name in the catalogue
   * @param note a remark of whoever wrote the price
   */
  ModelPrice(String provider, String id, @Nullable String note, List<PriceRule> rules) {
    this(provider, id, note, rules, false);
  }

  private ModelPrice(
      String provider,
      String id,
      @Nullable String note,
      List<PriceRule> rules,
      boolean standardOnly) {
    this.provider = provider;
    this.id = id;
    this.note = note;
    this.rules = List.copyOf(rules);
    this.alone = new @Nullable Tariff[rules.size()];
    boolean someFactor = false;
    for (int i = 0; i < alone.length; i++) {
      Rates rates = this.rules.get(i).rates();
      someFactor |= rates == null;
      if (rates != null && !this.rules.get(i).marginal()) {
        alone[i] = new Tariff(label() + '#' + (i + 1), rates, List.of(), null);
      }
    }
    factors = someFactor;
    this.standardOnly = standardOnly;
  }

  String provider() {
    return provider;
  }

  String id() {
    return id;
  }

  @Nullable String note() {
    return note;
  }

  /** Its provider and its id. */
  String label() {
    return provider + '/' + id;
  }

  /**
   * What another host charges that has the same prices: those of the standard tier and speed.
   * Whether it also has the tiers, the speeds and the regions, at these prices, is not known.
   */
  ModelPrice standard() {
    return new ModelPrice(provider, id, note, rules, true);
  }

  /**
   * The service tiers that have rates at some time, in order; those of rules for any are left out.
   */
  Set<String> tiers() {
    Set<String> tiers = new TreeSet<>();
    for (PriceRule rule : rules) {
      if (rule.rates() != null && rule.conditions().tiers() != null) {
        tiers.addAll(rule.conditions().tiers());
      }
    }
    if (standardOnly) {
      tiers.retainAll(Set.of(PriceQuery.STANDARD));
    }
    return tiers;
  }

  /** The rates that hold for a request; null where no rule does. */
  @Nullable Tariff tariff(PriceQuery query) {
    if (standardOnly && !query.standard()) {
      return null;
    }
    for (int i = rules.size() - 1; i >= 0; i--) {
      PriceRule rule = rules.get(i);
      if (rule.rates() != null && holds(rule, query)) {
        Tariff tariff = alone[i];
        return tariff == null || factors ? compose(i, query) : tariff;
      }
    }
    return null;
  }

  /** The rates of the rule at {@code top} and of what it leaves to others, times all factors. */
  private @Nullable Tariff compose(int top, PriceQuery query) {
    StringBuilder label = new StringBuilder(label()).append('#');
    List<Tariff.Band> bands = new ArrayList<>();
    for (int i = top; i >= 0; i--) {
      PriceRule rule = rules.get(i);
      Rates rates = rule.rates();
      if (rates == null || !holds(rule, query)) {
        continue;
      }
      label.append(bands.isEmpty() ? "" : "+").append(i + 1);
      if (!rule.marginal()) {
        BigDecimal factor = factor(query, label);
        return new Tariff(label.toString(), rates, bands, factor);
      }
      bands.add(new Tariff.Band(rule.conditions().inputAbove(), rates));
    }
    return null;
  }

  /** The product of all factors that hold, of which the label is told; null where none does. */
  private @Nullable BigDecimal factor(PriceQuery query, StringBuilder label) {
    BigDecimal product = null;
    for (int i = 0; i < rules.size(); i++) {
      BigDecimal factor = rules.get(i).factor();
      if (factor != null && holds(rules.get(i), query)) {
        product = product == null ? factor : product.multiply(factor);
        label.append('*').append(i + 1);
      }
    }
    return product;
  }

  private boolean holds(PriceRule rule, PriceQuery query) {
    boolean another = standardOnly && rule.conditions().regions() != null;
    return !another && rule.holds(query);
  }
}
