package dev.agentops.tracing;

import java.util.Locale;
import java.util.Set;

/** Finds what is assigned to a name such as {@code password}. */
final class AssignedSecrets implements TextRule {

  private static final int SHORTEST_TOKEN_IN_PROSE = 8;
  private static final int LONGEST_WORD = 16;
  private static final int LONGEST_COOKIE_NAME = 128;
  private static final int LONGEST_VALUE = 1024;

  private static final Set<String> LITERALS =
      Set.of("null", "true", "false", "none", "undefined", "nil", "new", "await");

  /** What prose goes on with after {@code Password:}. */
  private static final Set<String> WORDS =
      Set.of(
          "a",
          "an",
          "and",
          "are",
          "be",
          "change",
          "changed",
          "click",
          "contact",
          "denied",
          "enter",
          "expired",
          "failed",
          "for",
          "forgot",
          "granted",
          "how",
          "if",
          "in",
          "incorrect",
          "invalid",
          "is",
          "it",
          "missing",
          "must",
          "no",
          "not",
          "optional",
          "or",
          "our",
          "please",
          "required",
          "reset",
          "see",
          "the",
          "they",
          "this",
          "to",
          "use",
          "we",
          "what",
          "when",
          "where",
          "why",
          "wrong",
          "yes",
          "you",
          "your");

  @Override
  public boolean mayMatch(TextFacts facts) {
    return facts.colon() || facts.equals();
  }

  @Override
  public void apply(String text, Replacements found) {
    Scan scan = new Scan(text);
    Assignments.forEach(
        text,
        (name, start, end, form) -> {
          int credentialEnd = scan.credentialEnd(name, start, end, form);
          if (credentialEnd > 0) {
            found.replace(start, credentialEnd);
          }
        });
  }

  /** One way through a text, which looks at no character for each name before it anew. */
  private static final class Scan {

    private final String text;
    private final NextDigit digits;
    private int lineEnd;
    private int found;

    Scan(String text) {
      this.text = text;
      this.digits = new NextDigit(text);
    }

    /** Where the credential ends that starts here; 0 where there is none, or it was found. */
    int credentialEnd(SensitiveName name, int start, int end, Assignments.Form form) {
      if (start < found || !name.isSecret() || !isSecret(name, start, end, form)) {
        return 0;
      }
      found = wholeEnd(name, start, end, form);
      return found;
    }

    private boolean isSecret(SensitiveName name, int start, int end, Assignments.Form form) {
      if (text.startsWith(Redaction.START, start) || isWordOf(LITERALS, start, end)) {
        return false;
      }
      if (form != Assignments.Form.PROSE) {
        return isSecret(name, start, end);
      }
      return switch (name) {
        case TOKEN, WORD_OR_TOKEN ->
            end - start >= SHORTEST_TOKEN_IN_PROSE && digits.from(start) < end;
        case COOKIE -> isCookie(start, end);
        case DIRECTORY -> isSecret(name, start, end);
        default -> !isWordOf(WORDS, start, end);
      };
    }

    private boolean isSecret(SensitiveName name, int start, int end) {
      // what is longer is no word and no path anyway
      return name.isSecret(text.substring(start, Math.min(end, start + LONGEST_VALUE)));
    }

    /** To the end of the line, where the value of the name may have spaces. */
    private int wholeEnd(SensitiveName name, int start, int end, Assignments.Form form) {
      boolean line =
          form != Assignments.Form.QUOTED
              && (name == SensitiveName.AUTHORIZATION
                  || name == SensitiveName.COOKIE
                  || name == SensitiveName.PHRASE && form == Assignments.Form.PROSE)
              && !text.startsWith("&", end);
      if (!line) {
        return end;
      }
      if (start >= lineEnd) {
        lineEnd = Assignments.lineEnd(text, start);
      }
      return Math.max(end, lineEnd);
    }

    /** HTTP has them as {@code name=value}; else it may be one to eat. */
    private boolean isCookie(int start, int end) {
      int limit = Math.min(end, start + LONGEST_COOKIE_NAME);
      for (int i = start; i < limit; i++) {
        if (text.charAt(i) == '=') {
          return true;
        }
      }
      return end - start >= SHORTEST_TOKEN_IN_PROSE && digits.from(start) < end;
    }

    private boolean isWordOf(Set<String> words, int start, int end) {
      int last = end;
      while (last > start && end - last < 3 && ".,!?:".indexOf(text.charAt(last - 1)) >= 0) {
        last--;
      }
      return last - start <= LONGEST_WORD
          && words.contains(text.substring(start, last).toLowerCase(Locale.ROOT));
    }
  }
}
