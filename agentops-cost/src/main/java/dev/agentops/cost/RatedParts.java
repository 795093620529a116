package dev.agentops.cost;

import java.math.BigDecimal;

/** Is told what a usage consists of, and at which rates. */
interface RatedParts {

  /**
   * Some tokens of one kind; a kind may come more than once, at another rate.
   *
   * @param count more than 0
   */
  void tokens(TokenKind kind, long count, Rate rate);

  void units(String name, BigDecimal count, UnitRate rate);

  /** A part of the usage that has no price. */
  void missing(String what);
}
