package dev.agentops.cache;

import java.util.List;

/**
 * Judges whether the answer to a stored question serves the one asked, by the words of both and the
 * cosine of their vectors. Immutable.
 */
final class SemanticGuard {

  static final int LONGEST = 1_000;

  private final Spelling spelling;

  SemanticGuard() {
    this(Spelling.fromClassPath());
  }

  SemanticGuard(Spelling spelling) {
    this.spelling = spelling;
  }

  /** The cosine below which the guard never agrees, so that nothing below need be asked. */
  double candidateCosine(String space) {
    return Thresholds.SAME_WORDS;
  }

  /**
   * Compares two questions.
   *
   * @param space whose cosine it is, as {@link SemanticVector#space()} says
   * @param cosine of the vectors of both, -1 to 1
   */
  Verdict check(String stored, String asked, String space, double cosine) {
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
    if (script == Script.HAN) {
      return new Comparison(
              ChineseReader.read(stored, asked),
              ChineseReader.read(asked, asked),
              ChineseReader.LEXICON)
          .verdict(cosine, Thresholds.of(space));
    }
    List<Token> one = EnglishTokens.of(stored);
    List<Token> other = EnglishTokens.of(asked);
    List<Token> corrected = spelling.correct(other, one);
    return new Comparison(
            EnglishReader.read(spelling.correct(one, corrected), stored),
            EnglishReader.read(corrected, asked),
            EnglishReader.LEXICON)
        .verdict(cosine, Thresholds.of(space));
  }
}
