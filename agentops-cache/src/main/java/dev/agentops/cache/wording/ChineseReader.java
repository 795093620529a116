package dev.agentops.cache.wording;

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

  static final Lexicon LEXICON = new Lexicon("chinese.txt", ChineseTokens::words);

  private static final Pattern QUOTED =
      Pattern.compile(
          "[\"\u201c\u300c\u300a]([^\"\u201c\u201d\u300d\u300b]+)[\"\u201d\u300d\u300b]");
  private static final Set<String> PARTICLES = Set.of("吗", "是否", "是不是", "能不能", "可不可以");

  private static final Set<String> NOT = Set.of("不", "没");

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
        new ChineseReader(ChineseSpelling.correct(tokens, ChineseTokens.of(model)))
            .reading(text.question());
    if (text.story().isEmpty()) {
      return asked;
    }
    Reading told = new ChineseReader(ChineseTokens.of(text.story())).reading(text.story());
    return asked.after(told, text.restricts());
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
    match = match == null || !match.entry().isWordOnly() ? match : LEXICON.match(words, i, 1);
    if ((match == null || match.words() < 3) && (isWhether(i) || isLeftOpen(i))) {
      return isWhether(i) ? 2 : 1;
    }
    if (isBit(i)) {
      return 2;
    }
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

  /** Whether a word asks by its own negation, as in 行不行. */
  private boolean isWhether(int i) {
    return i + 2 < words.size()
        && NOT.contains(words.get(i + 1))
        && words.get(i).equals(words.get(i + 2));
  }

  /** Whether a negation at the end asks, as in 到了没. */
  private boolean isLeftOpen(int i) {
    return i > 1
        && words.get(i).equals("没")
        && words.get(i - 1).equals("了")
        && (i + 1 == words.size() || tokens.get(i + 1).afterBreak());
  }

  /** Whether 一点 is a little, and no hour. */
  private boolean isBit(int i) {
    boolean said = i + 1 < words.size() && (words.get(i) + words.get(i + 1)).equals("一点");
    String before = i > 0 ? words.get(i - 1) : "";
    String next = i + 2 < words.size() ? words.get(i + 2) : "";
    return said && !before.matches("[午晨晚上天]") && !next.matches("[钟半整]");
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
