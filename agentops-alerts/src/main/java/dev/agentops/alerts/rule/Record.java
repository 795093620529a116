package dev.agentops.alerts.rule;

/** The largest of the numbers so far, the less the longer ago it was. Not thread-safe. */
final class Record {

  private final double kept;
  private double value;

  /**
   * A record of nothing yet.
   *
   * @param kept what is left of a number when the next one comes
   */
  Record(double kept) {
    this.kept = kept;
  }

  double value() {
    return value;
  }

  void add(double next) {
    value = Math.max(value * kept, next);
  }
}
