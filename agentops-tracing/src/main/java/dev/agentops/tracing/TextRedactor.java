package dev.agentops.tracing;

import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cleans one text that has no structure. Immutable, hence thread-safe. */
final class TextRedactor {

  private static final String ESCAPE = "\\u00";

  static final String BASE64_RULE = "base64";

  private final List<Step> steps;
  private final List<Step> finders;
  private final Redaction redaction;

  TextRedactor(List<Step> steps, Redaction redaction) {
    this.steps = List.copyOf(steps);
    this.finders = this.steps.stream().filter(step -> !(step instanceof Custom)).toList();
    this.redaction = redaction;
  }

  /** Cleans a text, or a part of one. */
  @FunctionalInterface
  interface Step {

    String clean(String text, TextFacts facts, Redaction redaction);
  }

  static Step step(Detector detector) {
    List<TextRule> rules = detector.rules();
    return (text, facts, redaction) -> {
      String cleaned = text;
      for (TextRule rule : rules) {
        if (rule.mayMatch(facts)) {
          cleaned = apply(detector.id(), rule, cleaned, redaction);
        }
      }
      return cleaned;
    };
  }

  static Step step(String name, Pattern pattern) {
    TextRule rule =
        new TextRule() {
          @Override
          public boolean mayMatch(TextFacts facts) {
            return true;
          }

          @Override
          public void apply(String text, Replacements found) {
            Matcher matcher = pattern.matcher(new BoundedText(text));
            while (matcher.find()) {
              found.replace(matcher.start(), matcher.end());
            }
          }
        };
    return (text, facts, redaction) -> apply(name, rule, text, redaction);
  }

  static Step step(String name, UnaryOperator<String> custom) {
    return new Custom(name, custom);
  }

  /** It may change what it likes, so that a change tells nothing about the text. */
  private record Custom(String name, UnaryOperator<String> rule) implements Step {

    @Override
    public String clean(String text, TextFacts facts, Redaction redaction) {
      String cleaned = Objects.requireNonNull(rule.apply(text), "the rule's result");
      if (!cleaned.equals(text)) {
        redaction.count(name);
      }
      return cleaned;
    }
  }

  /**
   * The text without what the rules find; the same object where they find nothing.
   *
   * @throws RuntimeException or an Error, if a rule does
   */
  String clean(String text) {
    String cleaned = withoutBase64(apply(steps, text));
    if (!text.contains(ESCAPE)) {
      return cleaned;
    }
    // broken JSON, or a piece of code: an @ may hide as backslash u0040
    String decoded = decode(cleaned);
    String again = apply(steps, decoded);
    return again.equals(decoded) ? cleaned : again;
  }

  /** What is in Base64 within Base64 stays. */
  private String withoutBase64(String text) {
    Replacements found = new Replacements(text, value -> redaction.of(BASE64_RULE, value));
    Base64Texts.forEach(
        text,
        (start, end, decoded) -> {
          if (!apply(finders, decoded).equals(decoded)) {
            found.replace(start, end);
          }
        });
    return found.result();
  }

  private String apply(List<Step> steps, String text) {
    TextFacts facts = TextFacts.of(text);
    String cleaned = text;
    for (Step step : steps) {
      cleaned = step.clean(cleaned, facts, redaction);
    }
    return cleaned;
  }

  private static String apply(String name, TextRule rule, String text, Redaction redaction) {
    Replacements found = new Replacements(text, value -> redaction.of(name, value));
    rule.apply(text, found);
    return found.result();
  }

  private static String decode(String text) {
    StringBuilder decoded = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      int code = text.startsWith(ESCAPE, i) ? code(text, i + ESCAPE.length()) : 0;
      if (code >= ' ' && code < 0x7f) {
        decoded.append((char) code);
        i += ESCAPE.length() + 2;
      } else {
        decoded.append(text.charAt(i++));
      }
    }
    return decoded.toString();
  }

  private static int code(String text, int at) {
    if (at + 2 > text.length()
        || !Characters.isHexDigit(text.charAt(at))
        || !Characters.isHexDigit(text.charAt(at + 1))) {
      return 0;
    }
    return Integer.parseInt(text.substring(at, at + 2), 16);
  }
}
