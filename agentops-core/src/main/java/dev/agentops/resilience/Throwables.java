package dev.agentops.resilience;

import java.util.Arrays;

/** Throws and joins what models throw, as it is. */
final class Throwables {

  private static final int MOST_SUPPRESSED = 16;

  private Throwables() {}

  /** Adds the failure of an earlier attempt to that of a later one, for the reader of the log. */
  static void suppress(Throwable later, Throwable earlier) {
    if (later != earlier
        && later.getSuppressed().length < MOST_SUPPRESSED
        && !Arrays.asList(later.getSuppressed()).contains(earlier)
        && !Arrays.asList(earlier.getSuppressed()).contains(later)) { // one object, thrown often
      later.addSuppressed(earlier);
    }
  }

  /** The first error, with what it came of as its suppressed exception. */
  static <X extends Throwable> X caused(X error, Throwable by) {
    suppress(error, by);
    return error;
  }

  /** Throws anything without declaring it. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  static <X extends Throwable> RuntimeException sneak(Throwable failure) throws X {
    throw (X) failure;
  }
}
