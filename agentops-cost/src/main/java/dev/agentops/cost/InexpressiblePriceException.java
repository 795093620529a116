package dev.agentops.cost;

/** A price of a feed that the format of {@link PriceFile} has no words for, or that is none. */
final class InexpressiblePriceException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  InexpressiblePriceException(String field) {
    super(field, null, false, false);
  }
}
