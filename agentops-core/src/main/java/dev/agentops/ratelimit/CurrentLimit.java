package dev.agentops.ratelimit;

/** How many may run at once now. Thread-safe. */
final class CurrentLimit {

  private volatile int value;

  CurrentLimit(int value) {
    this.value = value;
  }

  int value() {
    return value;
  }

  void set(int value) {
    this.value = value;
  }

  static int check(String what, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException(what + " must be at least 1: " + limit);
    }
    return limit;
  }
}
