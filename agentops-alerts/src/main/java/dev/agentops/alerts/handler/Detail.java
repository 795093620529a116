package dev.agentops.alerts.handler;

import java.util.function.Function;
import java.util.function.Predicate;

/** How much of an alert a message shows: everything or, if it is too long for that, less. */
enum Detail {
  FULL(Integer.MAX_VALUE, Integer.MAX_VALUE),
  LONG(4_000, 50),
  MEDIUM(1_000, 25),
  SHORT(250, 12),
  BRIEF(80, 6),
  TINY(40, 0);

  private final int valueLimit;
  private final int facts;

  Detail(int valueLimit, int facts) {
    this.valueLimit = valueLimit;
    this.facts = facts;
  }

  /** How many of the things about an alert are shown. */
  int facts() {
    return facts;
  }

  /** The value, or its beginning. */
  String cut(String value) {
    return TextUnit.CODE_POINTS.cut(value, valueLimit);
  }

  /** The message with as much as fits; the shortest one if none does. */
  static <T> T fit(Function<Detail, T> message, Predicate<T> fits) {
    for (Detail detail : values()) {
      T candidate = message.apply(detail);
      if (detail == TINY || fits.test(candidate)) {
        return candidate;
      }
    }
    throw new AssertionError("the last one is returned");
  }
}
