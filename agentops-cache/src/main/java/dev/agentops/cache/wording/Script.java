package dev.agentops.cache.wording;

/** The script of a text, as far as it decides which embedding model can read it. */
public enum Script {
  LATIN("en"),
  HAN("zh"),
  /** Any other, or a mixture that no model reads. */
  OTHER("");

  private final String space;

  Script(String space) {
    this.space = space;
  }

  /** The name of the vector space of the texts of the script; empty when there is none. */
  public String space() {
    return space;
  }

  /**
   * The script of a text. Chinese may hold Latin words and digits; English holds no letters of
   * another script. Kana and Hangul are another script, although Han characters stand among them.
   */
  public static Script of(String text) {
    boolean han = false;
    boolean latin = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (Character.isLetter(c)) {
        Character.UnicodeScript script = Character.UnicodeScript.of(c);
        if (script == Character.UnicodeScript.HAN) {
          han = true;
        } else if (script == Character.UnicodeScript.LATIN) {
          latin = true;
        } else if (script != Character.UnicodeScript.COMMON
            && script != Character.UnicodeScript.INHERITED
            && script != Character.UnicodeScript.GREEK) {
          return OTHER;
        }
      }
    }
    return han ? HAN : latin ? LATIN : OTHER;
  }
}
