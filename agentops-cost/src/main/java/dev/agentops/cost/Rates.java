package dev.agentops.cost;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What each kind of token, and each other unit, costs. Immutable. */
final class Rates {

  private final @Nullable Rate[] tokens = new @Nullable Rate[TokenKind.values().length];
  private final Map<String, UnitRate> units;

  Rates(Map<TokenKind, Rate> tokens, Map<String, UnitRate> units) {
    tokens.forEach((kind, rate) -> this.tokens[kind.ordinal()] = rate);
    this.units = Map.copyOf(units);
  }

  /** What a token costs; null where that is not known, which is never zero. */
  @Nullable Rate of(TokenKind kind) {
    return tokens[kind.ordinal()];
  }

  @Nullable UnitRate ofUnit(String name) {
    return units.get(name);
  }
}
