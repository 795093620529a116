package dev.agentops.cache.wording;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes a word that is no word for the one it was meant to be, when the other question has that
 * one. Words are what the vocabulary of the English embedding model holds; without it nothing is
 * corrected. Immutable.
 */
final class Spelling {

  private static final String VOCABULARY = "/all-minilm-l6-v2-q-tokenizer.json";
  private static final Pattern ENTRY = Pattern.compile("\"([a-z]+)\":\\s*(\\d+)");
  private static final Pattern KIND =
      Pattern.compile(".*(?:ate|ite|ide|ine|ane|ene|yne|ose|ase|nol|nal|one)");
  private static final int SHORTEST = 4;

  /**
   * The place in the vocabulary, which is in the order of frequency, up to which words are common.
   */
  private static final int COMMON = 4_000;

  private static final int RARE = 8_000;

  /** Words by their place in the vocabulary. */
  private final Map<String, Integer> known;

  Spelling(Map<String, Integer> known) {
    this.known = known;
  }

  static Spelling fromClassPath() {
    Map<String, Integer> words = new HashMap<>();
    try (InputStream in = Spelling.class.getResourceAsStream(VOCABULARY)) {
      if (in != null) {
        Matcher entries = ENTRY.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        while (entries.find()) {
          words.put(entries.group(1), Integer.valueOf(entries.group(2)));
        }
      }
    } catch (IOException e) {
      words.clear();
    }
    return new Spelling(words);
  }

  /** A text in the spelling of another where its own is wrong. */
  List<Token> correct(List<Token> text, List<Token> model) {
    List<Token> corrected = new ArrayList<>(text.size());
    for (Token token : text) {
      corrected.add(isWrong(token) ? meant(token, model) : shortened(token, model));
    }
    return corrected;
  }

  /** A short word for a common one of grammar that lacks a letter, as wen for when. */
  private Token shortened(Token token, List<Token> model) {
    String word = token.text();
    boolean name = token.capital() && !token.first();
    if (name || word.length() > SHORTEST || known.getOrDefault(word, RARE) < RARE) {
      return token;
    }
    for (Token candidate : model) {
      String right = candidate.text();
      Lexicon.Entry entry = EnglishReader.LEXICON.entry(EnglishStem.of(right));
      boolean grammar =
          entry != null
              && (entry.in(Lexicon.Section.STOP) || entry.in(Lexicon.Section.ASPECT))
              && known.getOrDefault(right, RARE) < COMMON;
      if (right.length() > 2 && grammar && isSlip(word, right)) {
        return token.as(right);
      }
      boolean vowel = !known.containsKey(word) && word.length() == right.length();
      if (vowel && known.containsKey(right) && isSlip(word, right) && vowelOnly(word, right)) {
        return token.as(right);
      }
    }
    return token;
  }

  private static boolean vowelOnly(String wrong, String right) {
    return wrong.replaceAll("[aeiouy]", "a").equals(right.replaceAll("[aeiouy]", "a"));
  }

  /** Whether one has a letter that the other lacks, or two of its letters have changed places. */
  private static boolean isDoubled(String wrong, String right) {
    return isSlip(wrong, right)
        && (wrong.length() != right.length() || sorted(wrong).equals(sorted(right)));
  }

  private Token meant(Token token, List<Token> model) {
    if (token.capital() && !token.first()) {
      return jumbled(token, model);
    }
    for (Token candidate : model) {
      if (known.containsKey(candidate.text()) && isSlip(token.text(), candidate.text())) {
        return token.as(candidate.text());
      }
    }
    for (Token candidate : model) {
      boolean longer = token.text().length() > SHORTEST && candidate.text().length() > SHORTEST;
      if (longer && !candidate.capital() && isDoubled(token.text(), candidate.text())) {
        return token.as(candidate.text());
      }
    }
    for (Token candidate : model) {
      if (!isWrong(candidate)
          && isSlip(token.text(), candidate.text())
          && EnglishReader.LEXICON.entry(EnglishStem.of(candidate.text())) != null) {
        return token.as(candidate.text());
      }
    }
    return token;
  }

  /** A name with its own letters in another order, and no other name. */
  private static Token jumbled(Token token, List<Token> model) {
    for (Token candidate : model) {
      boolean same = sorted(candidate.text()).equals(sorted(token.text()));
      if (candidate.capital() && same && candidate.text().length() > SHORTEST) {
        return token.as(candidate.text());
      }
    }
    return token;
  }

  private boolean isWrong(Token token) {
    String word = token.text();
    return !known.isEmpty()
        && word.length() >= SHORTEST
        && word.chars().allMatch(c -> c >= 'a' && c <= 'z')
        && !known.containsKey(word)
        && EnglishReader.LEXICON.entry(EnglishStem.of(word)) == null;
  }

  /** One letter too many, too few or wrong, two changed places, or the same letters jumbled. */
  static boolean isSlip(String wrong, String right) {
    if (wrong.charAt(0) != right.charAt(0) || wrong.equals(right) || areKinds(wrong, right)) {
      return false;
    }
    int difference = wrong.length() - right.length();
    if (difference == 0) {
      return sorted(wrong).equals(sorted(right))
          || replacements(wrong, right) == 1
          || single(wrong).equals(single(right));
    }
    return difference == 1 ? lacksOne(wrong, right) : difference == -1 && lacksOne(right, wrong);
  }

  /** Whether both are words of chemistry that differ in their ending, as nitrate and nitrite do. */
  private static boolean areKinds(String one, String other) {
    return KIND.matcher(one).matches()
        && KIND.matcher(other).matches()
        && !one.substring(one.length() - 3).equals(other.substring(other.length() - 3));
  }

  private static String single(String word) {
    return word.replaceAll("(.)\\1", "$1");
  }

  private static int replacements(String one, String other) {
    int replacements = 0;
    for (int i = 0; i < one.length(); i++) {
      replacements += one.charAt(i) == other.charAt(i) ? 0 : 1;
    }
    return replacements;
  }

  private static boolean lacksOne(String longer, String shorter) {
    int same = 0;
    while (same < shorter.length() && longer.charAt(same) == shorter.charAt(same)) {
      same++;
    }
    return longer.substring(same + 1).equals(shorter.substring(same));
  }

  private static String sorted(String word) {
    char[] letters = word.toCharArray();
    Arrays.sort(letters);
    return new String(letters);
  }
}
