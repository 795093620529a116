package dev.agentops.cache;

import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/**
 * How often a {@link SemanticCache} would have answered wrongly, from the hits that it checked, and
 * how high the true rate may be. Immutable, hence thread-safe.
 *
 * <p>Of n checked hits k were wrong. {@link #upperBound()} is the one of Clopper and Pearson
 * (1934): the rate at which k or fewer wrong ones of n would come in {@value #RISK} of all cases.
 * It holds for a number of checks that was settled before. Who looks again and again, and acts when
 * he likes what he sees, sees it fail more often; so the strict mode uses {@link
 * #anyTimeUpperBound()}, which in 95 % of all cases holds at every look, from the first to the
 * last: the rate at which the likelihood of what was seen is {@value #RISK} of its mean over a
 * Beta(0.5, 50) prior (Robbins' mixture; Ville's inequality). It needs about 420 checks without a
 * wrong one for a bound of 1 %, where the other needs 299.
 */
public final class FalseHitRate {

  private static final double RISK = 0.05;

  /**
   * Of a rate of some per cent. The bound holds whatever they are; they decide where it is tight.
   */
  private static final double PRIOR_WRONG = 0.5;

  private static final double PRIOR_RIGHT = 50;

  private final long checks;
  private final long falseHits;

  private FalseHitRate(long checks, long falseHits) {
    this.checks = checks;
    this.falseHits = falseHits;
  }

  static FalseHitRate of(long checks, long falseHits) {
    if (falseHits < 0 || falseHits > checks) {
      throw new IllegalArgumentException(
          "falseHits must be from 0 to " + checks + ": " + falseHits);
    }
    return new FalseHitRate(checks, falseHits);
  }

  /** Hits that were not served but checked, with a clear result. */
  public long checks() {
    return checks;
  }

  /** Those among them whose answer was not the right one. */
  public long falseHits() {
    return falseHits;
  }

  /** The share of false hits, from 0 to 1; 0 where nothing was checked. */
  public double rate() {
    return checks == 0 ? 0 : (double) falseHits / checks;
  }

  /** What the true rate is at most, with 95 % confidence; 1 where nothing was checked. */
  public double upperBound() {
    return falseHits == checks ? 1 : crossing(p -> Math.log(RISK) - logAtMost(p));
  }

  /** As {@link #upperBound()}, and valid however often one looks. */
  public double anyTimeUpperBound() {
    if (falseHits == checks) {
      return 1;
    }
    double mean =
        logBeta(PRIOR_WRONG + falseHits, PRIOR_RIGHT + checks - falseHits)
            - logBeta(PRIOR_WRONG, PRIOR_RIGHT);
    return crossing(p -> Math.log(RISK) + mean - logLikelihood(p));
  }

  /** Where an increasing function above the observed rate becomes positive. */
  private double crossing(DoubleUnaryOperator function) {
    double low = rate();
    double high = 1;
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (function.applyAsDouble(middle) > 0) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  private double logLikelihood(double p) {
    return (falseHits == 0 ? 0 : falseHits * Math.log(p)) + (checks - falseHits) * Math.log1p(-p);
  }

  /** The logarithm of the chance of as few false hits, or fewer, at this rate. */
  private double logAtMost(double p) {
    double logTerm =
        -Math.log(checks + 1.0)
            - logBeta(falseHits + 1.0, checks - falseHits + 1.0)
            + logLikelihood(p);
    double sum = 1;
    double ratio = 1; // of the term for one less to this one, and so on down
    for (long i = falseHits; i > 0 && ratio > 1e-17; i--) {
      ratio *= i * (1 - p) / ((checks - i + 1) * p);
      sum += ratio;
    }
    return logTerm + Math.log(sum);
  }

  private static double logBeta(double a, double b) {
    return logGamma(a) + logGamma(b) - logGamma(a + b);
  }

  /** Stirling's series, after steps up to where it is exact to 12 digits. */
  private static double logGamma(double x) {
    double shift = 0;
    double z = x;
    while (z < 10) {
      shift += Math.log(z);
      z++;
    }
    double square = z * z;
    double series =
        (1 / 12.0 - (1 / 360.0 - (1 / 1260.0 - 1 / (1680 * square)) / square) / square) / z;
    return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%d of %d (at most %.4f)", falseHits, checks, upperBound());
  }
}
