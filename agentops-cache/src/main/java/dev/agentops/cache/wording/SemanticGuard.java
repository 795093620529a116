package dev.agentops.cache.wording;

import java.util.List;

/**
 * Judges whether the answer to a stored question serves the one asked, by the words of both and the
 * cosine of their vectors. Immutable.
 */
public final class SemanticGuard {

  /** {@value} characters; longer texts are only compared as a whole. */
  public static final int LONGEST = 1_000;

  private final Spelling spelling;

  /**
   * A guard that knows the vocabulary of the embedding model on the class path, if there is one.
   */
  public SemanticGuard() {
    this(Spelling.fromClassPath());
  }

  SemanticGuard(Spelling spelling) {
    this.spelling = spelling;
  }

  /** The cosine below which the guard never agrees, so that nothing below need be asked. */
  public double candidateCosine(String space) {
    return Thresholds.SAME_WORDS;
  }

  /**
   * Compares two questions.
   *
   * @param space whose cosine it is, the name of the embedding model
   * @param cosine of the vectors of both, -1 to 1
   */
  public Verdict check(String stored, String asked, String space, double cosine) {
    if (stored.equals(asked)) {
      return Verdict.AGREES;
    }
    if (stored.length() > LONGEST || asked.length() > LONGEST) {
      return Verdict.differs(Difference.LENGTH, "");
    }
    Script script = Script.of(stored);
    if (script != Script.of(asked) || script == Script.OTHER) {
      return Verdict.differs(Difference.SCRIPT, "");
    }
    Thresholds needed = Thresholds.of(space);
    boolean han = script == Script.HAN;
    Focus one = han ? ChineseFocus.of(stored) : EnglishFocus.of(stored);
    Focus other = han ? ChineseFocus.of(asked) : EnglishFocus.of(asked);
    Verdict verdict = compare(one, other, han).verdict(cosine, needed);
    boolean told = !one.story().isEmpty() || !other.story().isEmpty();
    return verdict.agrees() || !told
        ? verdict
        : compare(one.whole(), other.whole(), han).verdict(cosine, needed);
  }

  private Comparison compare(Focus one, Focus other, boolean han) {
    if (han) {
      return new Comparison(
          ChineseReader.read(one, other.question()),
          ChineseReader.read(other, one.question()),
          ChineseReader.LEXICON);
    }
    List<Token> words = EnglishTokens.of(one.question());
    List<Token> corrected = spelling.correct(EnglishTokens.of(other.question()), words);
    return new Comparison(
        EnglishReader.read(spelling.correct(words, corrected), one),
        EnglishReader.read(corrected, other),
        EnglishReader.LEXICON);
  }
}
