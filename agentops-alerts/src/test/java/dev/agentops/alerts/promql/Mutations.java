package dev.agentops.alerts.promql;

import java.util.List;
import java.util.Random;

/** Makes mistakes in expressions. */
final class Mutations {

  private static final List<String> WORDS =
      List.of(
          "(",
          ")",
          "[",
          "]",
          "{",
          "}",
          ",",
          ":",
          "-",
          "+",
          "^",
          "==",
          "=",
          "=~",
          "!",
          "bool",
          "on",
          "by",
          "without",
          "(a)",
          "group_left",
          "offset",
          "5m",
          "1",
          "0x",
          "1e",
          ".",
          "'",
          "\"",
          "\\",
          "sum",
          "rate",
          "x",
          "inf",
          "and",
          "unless",
          " ",
          "#",
          "__name__",
          "a:b",
          "ignoring",
          "topk");

  private Mutations() {}

  static String mutate(String text, Random random) {
    StringBuilder mutated = new StringBuilder(text);
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(mutated.length() + 1);
      switch (random.nextInt(3)) {
        case 0 -> mutated.insert(at, WORDS.get(random.nextInt(WORDS.size())));
        case 1 -> mutated.delete(at, Math.min(mutated.length(), at + 1 + random.nextInt(3)));
        default -> mutated.insert(at, " " + WORDS.get(random.nextInt(WORDS.size())) + " ");
      }
    }
    return mutated.toString();
  }
}
