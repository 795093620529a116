package dev.agentops.cache.wording;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits Chinese text into characters, and what it holds of Latin words and digits into words. */
final class ChineseTokens {

  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<break>[\\p{P}\\s&&[^%#'\"\u201c\u201d.-]]+)"
              + "|(?<word>\\d{1,2}[:：]\\d\\d(?!\\d)|\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?(?![\\d])"
              + "|\\d+(?:\\.\\d+)?%?(?![A-Za-z\\d])"
              + "|[A-Za-z\\d#][A-Za-z\\d_.+#-]*|%|\u00b0|\\p{IsHan})");

  private ChineseTokens() {}

  static List<Token> of(String text) {
    List<Token> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(text);
    boolean afterBreak = true;
    while (matcher.find()) {
      String word = matcher.group("word");
      if (word == null) {
        afterBreak |= !matcher.group("break").isBlank();
        continue;
      }
      tokens.add(new Token(word.toLowerCase(Locale.ROOT), false, afterBreak, afterBreak));
      afterBreak = false;
    }
    return tokens;
  }

  static List<String> words(String text) {
    return of(text).stream().map(Token::text).toList();
  }
}
