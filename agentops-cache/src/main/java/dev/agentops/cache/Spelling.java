package dev.agentops.cache;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes a word that is no word for the one it was meant to be, when the other question has that
 * one. Words are what the vocabulary of the English embedding model holds; without it nothing is
 * corrected. Immutable.
 */
final class Spelling {

  private static final String VOCABULARY = "/all-minilm-l6-v2-q-tokenizer.json";
  private static final Pattern ENTRY = Pattern.compile("\"([a-z]+)\":\\s*\\d+");
  private static final int SHORTEST = 4;

  private final Set<String> known;

  Spelling(Set<String> known) {
    this.known = known;
  }

  static Spelling fromClassPath() {
    Set<String> words = new HashSet<>();
    try (InputStream in = Spelling.class.getResourceAsStream(VOCABULARY)) {
      if (in != null) {
        Matcher entries = ENTRY.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        while (entries.find()) {
          words.add(entries.group(1));
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
      corrected.add(isWrong(token) ? meant(token, model) : token);
    }
    return corrected;
  }

  private Token meant(Token token, List<Token> model) {
    if (token.capital() && !token.first()) {
      return jumbled(token, model);
    }
    for (Token candidate : model) {
      if (known.contains(candidate.text()) && isSlip(token.text(), candidate.text())) {
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
        && !known.contains(word)
        && EnglishReader.LEXICON.entry(EnglishStem.of(word)) == null;
  }

  /** One letter too many, too few or wrong, two changed places, or the same letters jumbled. */
  static boolean isSlip(String wrong, String right) {
    if (wrong.charAt(0) != right.charAt(0) || wrong.equals(right)) {
      return false;
    }
    int difference = wrong.length() - right.length();
    if (difference == 0) {
      return sorted(wrong).equals(sorted(right)) || replacements(wrong, right) == 1;
    }
    return difference == 1 ? lacksOne(wrong, right) : difference == -1 && lacksOne(right, wrong);
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
