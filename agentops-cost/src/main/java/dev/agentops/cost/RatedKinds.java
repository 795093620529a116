package dev.agentops.cost;

import dev.agentops.Usage;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * As which kind each token is charged, given the kinds that have a rate: as its own, else as the
 * {@linkplain TokenKind#whole(Set) whole} that it is a part of. So do the providers that list no
 * other rate, and so does genai-prices, whose units without a price stay in the unit they are a
 * part of. Immutable.
 */
final class RatedKinds {

  private static final TokenKind[] KINDS = TokenKind.values();

  /** By the kinds that have a rate; there are few such sets among all the models. */
  private static final Map<Set<TokenKind>, RatedKinds> KNOWN = new ConcurrentHashMap<>();

  private final Set<TokenKind> rated;
  private final TokenKind[] chargedAs = new TokenKind[KINDS.length];

  private RatedKinds(Set<TokenKind> rated) {
    this.rated = rated;
    for (TokenKind kind : KINDS) {
      TokenKind charged = kind;
      while (!rated.contains(charged) && charged != charged.whole(rated)) {
        charged = charged.whole(rated);
      }
      chargedAs[kind.ordinal()] = charged;
    }
  }

  static RatedKinds of(EnumSet<TokenKind> rated) {
    RatedKinds known = KNOWN.get(rated);
    return known != null
        ? known
        : KNOWN.computeIfAbsent(EnumSet.copyOf(rated), RatedKinds::new); // else the caller's own
  }

  boolean has(TokenKind kind) {
    return rated.contains(kind);
  }

  /** The kind itself, where it has a rate or where nothing that it is a part of has one. */
  TokenKind chargedAs(TokenKind kind) {
    return chargedAs[kind.ordinal()];
  }

  /**
   * How many tokens of a usage are charged as this kind; negative where parts overlap in a way that
   * the usage does not tell, such as audio that was written to the cache.
   */
  long count(TokenKind kind, Usage usage) {
    if (chargedAs[kind.ordinal()] != kind) {
      return 0;
    }
    long count = 0;
    for (TokenKind part : KINDS) {
      if (chargedAs[part.ordinal()] == kind) {
        count += part.count(usage);
      }
    }
    return count;
  }
}
