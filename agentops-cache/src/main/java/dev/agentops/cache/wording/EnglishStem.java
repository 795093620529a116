package dev.agentops.cache.wording;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Takes English endings off, so that forms of one word are equal: changes, changed and changing are
 * all "chang". The rest need not be a word.
 */
final class EnglishStem {

  private static final int SHORTEST = 3;

  private static final Map<String, String> IRREGULAR =
      Map.ofEntries(
          Map.entry("bought", "buy"),
          Map.entry("mine", "mine"),
          Map.entry("got", "get"),
          Map.entry("gotten", "get"),
          Map.entry("goes", "go"),
          Map.entry("does", "do"),
          Map.entry("paid", "pay"),
          Map.entry("sent", "send"),
          Map.entry("brought", "bring"),
          Map.entry("took", "take"),
          Map.entry("taken", "take"),
          Map.entry("wrote", "write"),
          Map.entry("written", "write"),
          Map.entry("broke", "break"),
          Map.entry("children", "child"),
          Map.entry("men", "man"),
          Map.entry("women", "woman"),
          Map.entry("mice", "mouse"),
          Map.entry("feet", "foot"),
          Map.entry("teeth", "tooth"),
          Map.entry("leaves", "leaf"),
          Map.entry("made", "make"),
          Map.entry("gave", "give"),
          Map.entry("given", "give"),
          Map.entry("said", "say"),
          Map.entry("spent", "spend"),
          Map.entry("sold", "sell"),
          Map.entry("lost", "lose"),
          Map.entry("won", "win"),
          Map.entry("kept", "keep"),
          Map.entry("left", "leave"),
          Map.entry("met", "meet"),
          Map.entry("held", "hold"),
          Map.entry("began", "begin"),
          Map.entry("begun", "begin"),
          Map.entry("chosen", "choose"),
          Map.entry("stolen", "steal"),
          Map.entry("worn", "wear"),
          Map.entry("wore", "wear"),
          Map.entry("drawn", "draw"),
          Map.entry("shown", "show"),
          Map.entry("went", "go"),
          Map.entry("gone", "go"),
          Map.entry("came", "come"),
          Map.entry("built", "build"),
          Map.entry("fed", "feed"),
          Map.entry("analyses", "analysi"));

  /** Words that look as if they had an ending; without it they would be others. */
  private static final Set<String> WHOLE =
      Set.of(
          "mine", "evening", "morning", "wedding", "hourly", "weekly", "monthly", "yearly", "early",
          "apply", "reply", "supply", "family", "daily", "need", "feed", "speed", "seed", "breed",
          "weed", "during", "wing", "ceiling", "sibling", "used");

  /** One syllable that ends in an e nobody hears, without which it is another: plane and plan. */
  private static final Pattern SHORT = Pattern.compile("[^aeiou]*[aeiou][^aeiouwxy]e");

  private static final Pattern SHORT_STEM = Pattern.compile("[^aeiou]+[aeiou][^aeiouwxyh]");

  private EnglishStem() {}

  /** The stems of the words of a phrase. */
  static List<String> all(String phrase) {
    return Arrays.stream(phrase.split("[ -]+")).map(EnglishStem::of).toList();
  }

  /** The stem of a word in lower case. */
  static String of(String word) {
    String irregular = IRREGULAR.get(word);
    String stem = irregular == null ? word : irregular;
    if (stem.length() <= SHORTEST || WHOLE.contains(stem)) {
      return stem;
    }
    stem = singular(stem);
    stem = WHOLE.contains(stem) ? stem : withoutEnding(stem);
    if (stem.length() > SHORTEST && stem.endsWith("e") && !SHORT.matcher(stem).matches()) {
      stem = cut(stem, 1);
    }
    if (stem.length() > SHORTEST && stem.endsWith("y")) {
      stem = cut(stem, 1) + "i";
    }
    return stem;
  }

  private static String singular(String word) {
    if (word.endsWith("ies") && word.length() > 4) {
      return cut(word, 3) + "y";
    }
    if (word.endsWith("sses")
        || word.endsWith("ches")
        || word.endsWith("shes")
        || word.endsWith("xes")
        || word.endsWith("zes")) {
      return cut(word, 2);
    }
    boolean plural =
        word.endsWith("s") && !word.endsWith("ss") && !word.endsWith("us") && !word.endsWith("is");
    return plural ? cut(word, 1) : word;
  }

  private static String withoutEnding(String word) {
    for (String ending : new String[] {"ing", "ied", "ed", "ly"}) {
      if (word.endsWith(ending) && hasVowel(cut(word, ending.length()))) {
        String rest = cut(word, ending.length());
        if (rest.length() < SHORTEST && !ending.equals("ied")) {
          return rest.length() == 2 && !ending.equals("ly") ? rest : word;
        }
        boolean lacksE = !ending.equals("ly") && SHORT_STEM.matcher(rest).matches();
        return ending.equals("ied") ? rest + "y" : lacksE ? rest + "e" : single(rest);
      }
    }
    return word;
  }

  /** One consonant for two at the end: "stopp" to "stop". "call" and "miss" lose one everywhere. */
  private static String single(String word) {
    int last = word.length() - 1;
    boolean twice =
        last > 2
            && word.charAt(last) == word.charAt(last - 1)
            && "lsz".indexOf(word.charAt(last)) < 0;
    return twice ? word.substring(0, last) : word;
  }

  private static boolean hasVowel(String word) {
    return word.chars().anyMatch(c -> "aeiouy".indexOf(c) >= 0);
  }

  private static String cut(String word, int characters) {
    return word.substring(0, word.length() - characters);
  }
}
