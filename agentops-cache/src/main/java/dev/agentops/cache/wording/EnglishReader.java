package dev.agentops.cache.wording;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes an English question apart. */
final class EnglishReader {

  static final Lexicon LEXICON = new Lexicon("english.txt", EnglishStem::all);

  private static final Pattern QUOTED = Pattern.compile("[\"\u201c]([^\"\u201c\u201d]+)[\"\u201d]");
  private static final Set<String> AUXILIARIES =
      Set.of(
          "is", "are", "was", "were", "am", "do", "does", "did", "has", "have", "had", "can",
          "could", "may", "might", "must", "shall", "should", "will", "would");
  private static final Set<String> PAST = Set.of("was", "were", "did", "had");
  private static final Set<String> PRESENT = Set.of("is", "are", "am", "do", "does");
  private static final Set<String> WH = Set.of("when", "where", "who", "whom", "whose");
  private static final Set<String> PLACES =
      Set.of("in", "on", "at", "of", "about", "during", "within", "via", "that", "which", "who");
  private static final Set<String> DATE_LINKS =
      Set.of("in", "of", "from", "since", "until", "to", "last", "next", "by", "for");

  private static final Set<String> PARTICLES =
      Set.of("on", "off", "up", "down", "out", "in", "back", "away", "over", "together");
  private static final int FARTHEST = 6;

  private final Set<Integer> consumed = new HashSet<>();
  private final Map<Integer, String> particles = new HashMap<>();
  private final List<Token> tokens;
  private final List<String> words;
  private final List<String> stems;
  private final List<Term> terms = new ArrayList<>();
  private final boolean named;
  private boolean asksYesOrNo;
  private boolean asked;
  private boolean begun;
  private String role = "";

  private EnglishReader(List<Token> tokens) {
    this.tokens = tokens;
    this.words = tokens.stream().map(Token::text).toList();
    this.stems = words.stream().map(EnglishStem::of).toList();
    long capitals = tokens.stream().filter(Token::capital).count();
    this.named = capitals * 5 <= tokens.size() * 4 || tokens.size() < 4;
  }

  /**
   * Reads a question.
   *
   * @param tokens the words of what is asked
   * @param text what is asked, and what is told besides
   */
  static Reading read(List<Token> tokens, Focus text) {
    Reading asked = new EnglishReader(tokens).read(text.question());
    if (text.story().isEmpty()) {
      return asked;
    }
    Reading told = new EnglishReader(EnglishTokens.of(text.story())).read(text.story());
    return asked.after(told, text.restricts());
  }

  private Reading read(String text) {
    Matcher quoted = QUOTED.matcher(text);
    while (quoted.find()) {
      String words = quoted.group(1).toLowerCase(Locale.ROOT).strip();
      terms.add(new Term(Term.Kind.CONTENT, words, Set.of(words), true, false, -1, -1, "\""));
    }
    for (int i = 0; i < tokens.size(); ) {
      i += next(i);
    }
    return new Reading(
        words, List.copyOf(terms), words.contains("what") || words.contains("which"), asksYesOrNo);
  }

  /** Reads what stands at a position and tells how many words it is. */
  private int next(int i) {
    String word = words.get(i);
    if (tokens.get(i).afterBreak()) {
      role = "";
    }
    if (consumed.contains(i)) {
      return 1;
    }
    Lexicon.Match match = parted(i, LEXICON.match(stems, i));
    Quantities.Match quantity = Quantities.at(words, i);
    boolean known = match != null && match.words() >= (quantity == null ? 1 : quantity.words());
    if (quantity != null
        && !(known
            && match != null
            && isWordOf(match.entry())
            && !word.matches("pair|couple|half|an?"))) {
      return quantity(quantity, i);
    }
    if (word.equals("may") && isMonth(i)) {
      add(Term.Kind.TIME, "may", Set.of("month:may"), i, i + 1);
      return 1;
    }
    if (word.equals("you") && isAnybody(i)) {
      begun = true;
      return 1;
    }
    if (match != null && match.entry().in(Lexicon.Section.FILLER)) {
      int after = i + match.words();
      boolean whether =
          after < words.size()
              && words.get(after).matches("if|whether")
              && !isFiller(LEXICON.match(stems, after));
      return match.words() + (whether ? 1 : 0);
    }
    if (AUXILIARIES.contains(word) && !begun) {
      asksYesOrNo = true;
    }
    for (int k = i; k < i + (match == null ? 1 : match.words()); k++) {
      tense(k);
    }
    int read = match == null ? content(i, 1, Set.of(), false, false) : matched(i, match);
    begun = true;
    return read;
  }

  /** A verb and the particle that stands after what it does something to: switch the light on. */
  private Lexicon.@Nullable Match parted(int i, Lexicon.@Nullable Match match) {
    if (match != null && match.words() > 1) {
      return match;
    }
    for (int k = i + 2; k < words.size() && k <= i + FARTHEST; k++) {
      if (tokens.get(k).afterBreak() || AUXILIARIES.contains(words.get(k))) {
        return match;
      }
      boolean ends =
          k + 1 == words.size()
              || tokens.get(k + 1).afterBreak()
              || words.get(k + 1).matches("of|from|in|on|at|for|to|when|if|before|after|with");
      if (PARTICLES.contains(words.get(k)) && ends) {
        Lexicon.Entry entry = LEXICON.entry(stems.get(i) + " " + words.get(k));
        if (entry != null && entry.in(Lexicon.Section.SAME)) {
          consumed.add(k);
          particles.put(i, words.get(k));
          return new Lexicon.Match(entry, 1);
        }
      }
    }
    return match;
  }

  /** Whether "you" is anybody, as in "how do you tie a knot". */
  private boolean isAnybody(int i) {
    String verb = i + 1 < words.size() ? words.get(i + 1) : "";
    return i > 1
        && words.get(i - 2).equals("how")
        && words.get(i - 1).matches("do|can|would")
        && !verb.matches("feel|think|know|work|ship|charge|handle|deal|process|like|store|want");
  }

  private void tense(int i) {
    String word = words.get(i);
    String next = i + 1 < words.size() ? words.get(i + 1) : "";
    boolean perfect = word.equals("has") && !next.matches(i == 0 ? "to" : "to|an?|the");
    String tense =
        PAST.contains(word) || perfect
            ? "past"
            : PRESENT.contains(word) ? "present" : word.equals("will") ? "future" : "";
    if (!tense.isEmpty()) {
      add(Term.Kind.TENSE, word, Set.of(tense), i, i + 1);
    }
  }

  private static boolean isFiller(Lexicon.@Nullable Match match) {
    return match != null && match.entry().in(Lexicon.Section.FILLER);
  }

  private int quantity(Quantities.Match quantity, int i) {
    boolean article = words.get(i).equals("one") && quantity.words() == 1;
    if (!article) {
      add(Term.Kind.NUMBER, quantity.value(), Set.of(quantity.value()), i, i + quantity.words());
    }
    begun = true;
    return quantity.words();
  }

  private int matched(int i, Lexicon.Match match) {
    Lexicon.Entry entry = match.entry();
    int length = match.words();
    String text = String.join(" ", words.subList(i, i + length));
    boolean single = length == 1;
    if (entry.in(Lexicon.Section.TIME)) {
      add(Term.Kind.TIME, text, entry.concepts(Lexicon.Section.TIME), i, i + length);
    } else if (entry.in(Lexicon.Section.NEGATION)) {
      add(Term.Kind.NEGATION, text, Set.of("not"), i, i + length);
    } else if (entry.in(Lexicon.Section.ASPECT) && (!single || asks(i))) {
      Set<String> concepts = new HashSet<>(entry.concepts(Lexicon.Section.ASPECT));
      concepts.addAll(entry.concepts(Lexicon.Section.SAME));
      add(Term.Kind.ASPECT, text, concepts, i, i + length);
      asked = true;
    } else if (entry.in(Lexicon.Section.CONDITION)) {
      add(Term.Kind.CONDITION, text, entry.concepts(Lexicon.Section.CONDITION), i, i + length);
      role = "if";
    } else if (single && text.equals("when")) {
      add(Term.Kind.CONDITION, text, Set.of("when"), i, i + length);
      role = "if";
    } else if (entry.in(Lexicon.Section.QUANTITY)) {
      Set<String> concepts = new HashSet<>(entry.concepts(Lexicon.Section.QUANTITY));
      concepts.addAll(entry.concepts(Lexicon.Section.SAME));
      add(Term.Kind.QUANTITY, text, concepts, i, i + length);
    } else if (entry.in(Lexicon.Section.MODALITY)) {
      add(Term.Kind.MODALITY, text, entry.concepts(Lexicon.Section.MODALITY), i, i + length);
    } else if (entry.in(Lexicon.Section.PERSON)) {
      add(Term.Kind.PERSON, text, entry.concepts(Lexicon.Section.PERSON), i, i + length);
    } else if (entry.in(Lexicon.Section.LINK)) {
      add(Term.Kind.LINK, text, entry.concepts(Lexicon.Section.LINK), i, i + length);
      role = entry.concepts(Lexicon.Section.LINK).iterator().next();
    } else if (entry.in(Lexicon.Section.STOP) && !isName(i, length)) {
      if (AUXILIARIES.contains(text) || PLACES.contains(text)) {
        role = "";
      }
    } else {
      return content(
          i,
          length,
          entry.concepts(Lexicon.Section.SAME),
          entry.in(Lexicon.Section.LIGHT),
          entry.in(Lexicon.Section.WEAK));
    }
    return length;
  }

  private int content(int i, int length, Set<String> same, boolean light, boolean weak) {
    boolean name = isName(i, length);
    String particle = particles.containsKey(i) ? " " + particles.get(i) : "";
    String text = String.join(" ", words.subList(i, i + length)) + particle;
    Set<String> concepts = new LinkedHashSet<>(same);
    String stem = String.join(" ", stems.subList(i, i + length)) + particle;
    concepts.add(name && same.isEmpty() ? text : stem);
    if (length > 1) {
      concepts.add(String.join("", stems.subList(i, i + length)));
    }
    Term.Kind kind = weak && !name ? Term.Kind.WEAK : Term.Kind.CONTENT;
    terms.add(new Term(kind, text, concepts, name, light && !name, i, i + length, role));
    return length;
  }

  private boolean isName(int i, int length) {
    for (int k = i; named && k < i + length; k++) {
      Token token = tokens.get(k);
      if (token.capital() && !token.first() && !token.text().equals("i")) {
        return true;
      }
    }
    return false;
  }

  private static boolean isWordOf(Lexicon.Entry entry) {
    return entry.in(Lexicon.Section.SAME)
        || entry.in(Lexicon.Section.TIME)
        || entry.in(Lexicon.Section.QUANTITY)
        || entry.in(Lexicon.Section.FILLER);
  }

  private boolean asks(int i) {
    String word = words.get(i);
    if (!WH.contains(word)) {
      return true;
    }
    String next = i + 1 < words.size() ? words.get(i + 1) : "";
    boolean relative = i > 0 && !tokens.get(i).afterBreak() && begun;
    boolean condition = word.equals("when") && !AUXILIARIES.contains(next) && asksLater(i + 1);
    return !asked
        && !condition
        && (!relative || (AUXILIARIES.contains(next) && !word.startsWith("who")));
  }

  private boolean asksLater(int from) {
    return words.subList(from, words.size()).stream()
        .anyMatch(word -> word.matches("what|which|how|where|who|why"));
  }

  private boolean isMonth(int i) {
    boolean capital = tokens.get(i).capital() && !tokens.get(i).first();
    String before = i > 0 ? words.get(i - 1) : "";
    return i > 0
        && (capital || DATE_LINKS.contains(before) || before.matches("\\d+(st|nd|rd|th)?"));
  }

  private void add(Term.Kind kind, String text, Set<String> concepts, int at, int end) {
    terms.add(new Term(kind, text, Set.copyOf(concepts), false, false, at, end, role));
  }
}
