package dev.agentops.cost;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What each kind of token, and each other unit, costs. Immutable. */
final class Rates {

  private static final TokenKind[] KINDS = TokenKind.values();

  private final @Nullable Rate[] tokens = new @Nullable Rate[KINDS.length];
  private final Map<String, UnitRate> units;
  private final RatedKinds rated;

  Rates(Map<TokenKind, Rate> tokens, Map<String, UnitRate> units) {
    tokens.forEach((kind, rate) -> this.tokens[kind.ordinal()] = rate);
    this.units = Map.copyOf(units);
    this.rated = RatedKinds.of(kinds());
  }

  /** The rate that is listed for a kind of token; null where none is. */
  @Nullable Rate of(TokenKind kind) {
    return tokens[kind.ordinal()];
  }

  /** The kinds of token for which a rate is listed. */
  EnumSet<TokenKind> kinds() {
    EnumSet<TokenKind> kinds = EnumSet.noneOf(TokenKind.class);
    for (TokenKind kind : KINDS) {
      if (of(kind) != null) {
        kinds.add(kind);
      }
    }
    return kinds;
  }

  /**
   * The kind at whose rate a token is charged: its own, else that of the whole that it is a part
   * of. Where that has no rate either, the price is not known, which is never zero.
   */
  TokenKind chargedAs(TokenKind kind) {
    return of(kind) != null ? kind : rated.chargedAs(kind);
  }

  /** The units that have a price, in the order of their names. */
  Set<String> unitNames() {
    return new TreeSet<>(units.keySet());
  }

  @Nullable UnitRate ofUnit(String name) {
    return units.get(name);
  }
}
