package dev.agentops.cache;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes a Chinese question apart. */
final class ChineseReader {

  static final Lexicon LEXICON = new Lexicon("semantic-zh.txt", ChineseTokens::words);

  private static final Pattern QUOTED =
      Pattern.compile(
          "[\"\u201c\u300c\u300a]([^\"\u201c\u201d\u300d\u300b]+)[\"\u201d\u300d\u300b]");
  private static final Set<String> PARTICLES = Set.of("吗", "是否", "是不是", "能不能", "可不可以");

  private final List<Token> tokens;
  private final List<String> words;
  private final List<Term> terms = new ArrayList<>();
  private String role = "";

  private ChineseReader(List<Token> tokens) {
    this.tokens = tokens;
    this.words = tokens.stream().map(Token::text).toList();
  }

  /**
   * Reads a question.
   *
   * @param model another, in whose spelling a single wrong character is read
   */
  static Reading read(Focus text, String model) {
    List<Token> tokens = ChineseTokens.of(text.question());
    Reading asked =
        new ChineseReader(corrected(tokens, ChineseTokens.of(model))).reading(text.question());
    if (text.story().isEmpty()) {
      return asked;
    }
    Reading told = new ChineseReader(ChineseTokens.of(text.story())).reading(text.story());
    return asked.after(told, text.restricts());
  }

  /** Takes the one character in which two texts differ for the other when both sound the same. */
  private static List<Token> corrected(List<Token> text, List<Token> model) {
    int wrong = -1;
    for (int i = 0; i < text.size() && text.size() == model.size(); i++) {
      if (!text.get(i).text().equals(model.get(i).text())) {
        if (wrong >= 0 || !soundAlike(text.get(i).text(), model.get(i).text())) {
          return text;
        }
        wrong = i;
      }
    }
    return wrong < 0 ? text : model;
  }

  private static boolean soundAlike(String one, String other) {
    Lexicon.Entry a = LEXICON.entry(one);
    Lexicon.Entry b = LEXICON.entry(other);
    return a != null
        && b != null
        && a.concepts(Lexicon.Section.SAME).stream()
            .anyMatch(b.concepts(Lexicon.Section.SAME)::contains);
  }

  private Reading reading(String text) {
    Matcher quoted = QUOTED.matcher(text);
    while (quoted.find()) {
      String said = quoted.group(1).toLowerCase(Locale.ROOT).strip();
      terms.add(new Term(Term.Kind.CONTENT, said, Set.of(said), true, false, -1, -1, "\""));
    }
    for (int i = 0; i < words.size(); ) {
      i += next(i);
    }
    boolean yesOrNo = PARTICLES.stream().anyMatch(text::contains);
    return new Reading(
        words, List.copyOf(terms), text.contains("什么") || text.contains("哪"), yesOrNo);
  }

  private int next(int i) {
    if (tokens.get(i).afterBreak()) {
      role = "";
    }
    Lexicon.Match match = LEXICON.match(words, i);
    Quantities.Match quantity = ChineseQuantities.at(words, i);
    if (quantity != null && (match == null || match.words() < Math.max(2, quantity.words()))) {
      boolean article = words.get(i).equals("一") && quantity.words() == 1;
      if (!article) {
        add(Term.Kind.NUMBER, quantity.value(), Set.of(quantity.value()), i, quantity.words());
      }
      return quantity.words();
    }
    return match == null ? content(i, 1, null) : matched(i, match);
  }

  private int matched(int i, Lexicon.Match match) {
    Lexicon.Entry entry = match.entry();
    int length = match.words();
    String text = String.join("", words.subList(i, i + length));
    for (Term.Kind kind :
        List.of(
            Term.Kind.TIME,
            Term.Kind.NEGATION,
            Term.Kind.ASPECT,
            Term.Kind.CONDITION,
            Term.Kind.QUANTITY,
            Term.Kind.MODALITY,
            Term.Kind.PERSON)) {
      Lexicon.Section section = Lexicon.Section.valueOf(kind.name());
      if (entry.in(section)) {
        Set<String> concepts = new LinkedHashSet<>(entry.concepts(section));
        concepts.addAll(entry.concepts(Lexicon.Section.SAME));
        add(kind, text, kind == Term.Kind.NEGATION ? Set.of("not") : concepts, i, length);
        return length;
      }
    }
    if (entry.in(Lexicon.Section.LINK)) {
      add(Term.Kind.LINK, text, entry.concepts(Lexicon.Section.LINK), i, length);
      role = entry.concepts(Lexicon.Section.LINK).iterator().next();
    } else if (!entry.in(Lexicon.Section.FILLER) && !entry.in(Lexicon.Section.STOP)) {
      return content(i, length, entry);
    }
    return length;
  }

  private int content(int i, int length, Lexicon.@Nullable Entry entry) {
    String text = String.join("", words.subList(i, i + length));
    Set<String> concepts = new LinkedHashSet<>();
    concepts.add(text);
    boolean light = false;
    if (entry != null) {
      concepts.addAll(entry.concepts(Lexicon.Section.SAME));
      light = entry.in(Lexicon.Section.LIGHT);
    }
    boolean name = text.chars().allMatch(c -> c < 128);
    terms.add(new Term(Term.Kind.CONTENT, text, concepts, name, light, i, i + length, role));
    return length;
  }

  private void add(Term.Kind kind, String text, Set<String> concepts, int at, int length) {
    terms.add(new Term(kind, text, Set.copyOf(concepts), false, false, at, at + length, role));
  }
}
