package dev.agentops.examples.llm;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the responder knows of language: words, sentences, and how alike two texts are. */
final class Text {
  private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{N}]+");
  private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?])\\s+|\\s*\\R\\s*");
  private static final Pattern CAMEL =
      Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+");
  private static final Pattern SUFFIX = Pattern.compile("(?:ings?|ed|es|s)$");
  private static final Set<String> STOP_WORDS =
      Set.of(
          ("a an the is are was were be been am do does did can could would should will "
                  + "shall may i you he she it we they me my your his her its our their this "
                  + "that these those of in on at to for from by with about as and or not no if "
                  + "so than then there what which who whom whose when where why how much many "
                  + "please tell give show get have has had any some up into us")
              .split(" "));

  private Text() {}

  /** Returns the words of a text that carry meaning, as stems in lower case. */
  static Set<String> stems(String text) {
    return Arrays.stream(NO_WORD.split(text.toLowerCase(Locale.ROOT)))
        .filter(word -> !word.isEmpty() && !STOP_WORDS.contains(word))
        .map(Text::stem)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Returns the words of an identifier such as {@code getCurrentTime}, in lower case. */
  static Set<String> identifierWords(String identifier) {
    return Arrays.stream(CAMEL.split(identifier))
        .filter(word -> !word.isEmpty())
        .map(word -> word.toLowerCase(Locale.ROOT))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  static List<String> sentences(String text) {
    return SENTENCE_END
        .splitAsStream(text.strip())
        .map(String::strip)
        .filter(s -> !s.isEmpty())
        .toList();
  }

  /**
   * Returns the sentence that shares the most words with the question, the first of equals.
   *
   * @param share the least part of the question's words, 0 to 1, that must be in it
   * @return null if no sentence shares a word, or enough of them
   */
  static @Nullable String bestSentence(List<String> sentences, String question, double share) {
    Set<String> wanted = stems(question);
    String best = null;
    long bestScore = Math.max(1, (long) Math.ceil(wanted.size() * share)) - 1;
    for (String sentence : sentences) {
      Set<String> words = stems(sentence);
      long score = wanted.stream().filter(words::contains).count();
      if (score > bestScore) {
        best = sentence;
        bestScore = score;
      }
    }
    return best;
  }

  static String stem(String word) {
    return word.length() > 4 ? SUFFIX.matcher(word).replaceFirst("") : word;
  }

  /** Shortens a text to a quotable length. */
  static String quote(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return "\"" + (line.length() > 160 ? line.substring(0, 157) + "..." : line) + "\"";
  }
}
