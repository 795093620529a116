package dev.agentops.cache.wording;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Splits English text into words, and contractions into theirs. */
final class EnglishTokens {

  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<break>[.!?;:,()\\n\u2026]+|\\s-+\\s)"
              + "|(?<word>\\d+(?:[-/]\\d+)+|[$\u20ac\u00a3\u00a5#]?\\d+(?:[.,:/]\\d+)*%?"
              + "|[\\p{L}\\d_]+(?:[.'@/_+][\\p{L}\\d_]+)*[+#]*|[\u00b0%])");

  /** Visa-free is without a visa. */
  private static final Pattern FREE_OF = Pattern.compile("\\b(\\p{L}{3,})-free\\b");

  private static final Pattern EITHER = Pattern.compile("(?<=\\p{L}{3})/(?=\\p{L}{3})");

  private static final Set<String> IS_OWNERS =
      Set.of(
          "what", "where", "who", "how", "when", "why", "that", "it", "there", "here", "he", "she");

  private static final Map<String, String> WHOLE =
      Map.ofEntries(
          Map.entry("won't", "will not"),
          Map.entry("can't", "can not"),
          Map.entry("cannot", "can not"),
          Map.entry("shan't", "shall not"),
          Map.entry("ain't", "is not"),
          Map.entry("let's", "let us"),
          Map.entry("dont", "do not"),
          Map.entry("doesnt", "does not"),
          Map.entry("didnt", "did not"),
          Map.entry("cant", "can not"),
          Map.entry("wont", "will not"),
          Map.entry("isnt", "is not"),
          Map.entry("arent", "are not"),
          Map.entry("wasnt", "was not"),
          Map.entry("whats", "what is"),
          Map.entry("wheres", "where is"),
          Map.entry("hows", "how is"),
          Map.entry("im", "i am"),
          Map.entry("ive", "i have"),
          Map.entry("youre", "you are"),
          Map.entry("unable", "not able"),
          Map.entry("gonna", "going to"),
          Map.entry("wanna", "want to"),
          Map.entry("u", "you"),
          Map.entry("yr", "year"),
          Map.entry("tmrw", "tomorrow"),
          Map.entry("tmr", "tomorrow"),
          Map.entry("hasnt", "has not"),
          Map.entry("havent", "have not"),
          Map.entry("couldnt", "could not"),
          Map.entry("shouldnt", "should not"),
          Map.entry("wouldnt", "would not"),
          Map.entry("thats", "that is"),
          Map.entry("theres", "there is"),
          Map.entry("teh", "the"));

  private static final Map<String, String> ENDINGS =
      Map.of("n't", "not", "'ve", "have", "'ll", "will", "'re", "are", "'m", "am", "'d", "would");

  private EnglishTokens() {}

  static List<Token> of(String text) {
    List<Token> tokens = new ArrayList<>();
    String plain = FREE_OF.matcher(text.replace('\u2019', '\'')).replaceAll("without $1");
    Matcher matcher = TOKEN.matcher(EITHER.matcher(plain.replace("&", " and ")).replaceAll(" "));
    boolean first = true;
    boolean afterBreak = true;
    while (matcher.find()) {
      String mark = matcher.group("break");
      if (mark != null) {
        afterBreak = true;
        first |= mark.chars().anyMatch(c -> ".!?:\n\u2026".indexOf(c) >= 0);
        continue;
      }
      String raw = matcher.group("word");
      boolean capital = raw.chars().anyMatch(Character::isUpperCase);
      boolean inner = raw.chars().skip(1).anyMatch(Character::isUpperCase);
      String word = raw.toLowerCase(Locale.ROOT);
      split(new Token(word, capital, first && !inner, afterBreak), tokens);
      first = false;
      afterBreak = false;
    }
    return tokens;
  }

  private static void split(Token token, List<Token> tokens) {
    String word = token.text();
    String whole = WHOLE.get(word);
    if (whole != null) {
      int space = whole.indexOf(' ');
      tokens.add(token.as(space < 0 ? whole : whole.substring(0, space)));
      if (space >= 0) {
        tokens.add(token.then(whole.substring(space + 1)));
      }
      return;
    }
    for (Map.Entry<String, String> ending : ENDINGS.entrySet()) {
      if (word.endsWith(ending.getKey()) && word.length() > ending.getKey().length()) {
        tokens.add(token.as(word.substring(0, word.length() - ending.getKey().length())));
        tokens.add(token.then(ending.getValue()));
        return;
      }
    }
    if (word.endsWith("'s") || word.endsWith("s'")) {
      String owner = word.substring(0, word.length() - (word.endsWith("'s") ? 2 : 1));
      tokens.add(token.as(owner));
      if (IS_OWNERS.contains(owner)) {
        tokens.add(token.then("is"));
      }
      return;
    }
    tokens.add(token);
  }
}
