package dev.agentops.cache.wording;

import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Takes a Chinese character for another that sounds the same, as input by sound mistakes them.
 *
 * <p>GB 2312 lists the common characters (rows 16 to 55) by their sound in the order of Pinyin, so
 * that those of one sound are neighbours.
 */
final class ChineseSpelling {

  private static final int FIRST = 0xB0;
  private static final int LAST = 0xD7;
  private static final int COLUMNS = 94;
  private static final int NEAR = 6;
  private static final int MOST = 3;

  /** At least so many characters must be right for each wrong one. */
  private static final int RIGHT = 2;

  private static final Set<String> SURNAMES =
      Set.of("张", "章", "王", "汪", "李", "黎", "徐", "许", "于", "余", "俞", "江", "姜", "蒋", "程", "成");

  private ChineseSpelling() {}

  /** A text with the characters of a model in place of those that only sound the same. */
  static List<Token> correct(List<Token> text, List<Token> model) {
    int[][] common = common(text, model);
    List<Token> corrected = new ArrayList<>(text);
    List<Integer> wrong = new ArrayList<>();
    int i = 0;
    int k = 0;
    while (i < text.size() && k < model.size()) {
      if (text.get(i).text().equals(model.get(k).text())) {
        i++;
        k++;
      } else if (common[i + 1][k + 1] == common[i][k]
          && soundAlike(text.get(i).text(), model.get(k).text())
          && (isKnown(text.get(i).text(), model.get(k).text())
              || (isWord(model, k) && !isWord(text, i)))) {
        corrected.set(i, text.get(i).as(model.get(k).text()));
        wrong.add(i);
        i++;
        k++;
      } else if (common[i + 1][k] >= common[i][k + 1]) {
        i++;
      } else {
        k++;
      }
    }
    boolean slips = wrong.size() <= MOST && common[0][0] >= RIGHT * wrong.size();
    return slips ? corrected : text;
  }

  /** The length of the longest common subsequence from each pair of positions on. */
  private static int[][] common(List<Token> one, List<Token> other) {
    int[][] common = new int[one.size() + 1][other.size() + 1];
    for (int i = one.size() - 1; i >= 0; i--) {
      for (int k = other.size() - 1; k >= 0; k--) {
        common[i][k] =
            one.get(i).text().equals(other.get(k).text())
                ? common[i + 1][k + 1] + 1
                : Math.max(common[i + 1][k], common[i][k + 1]);
      }
    }
    return common;
  }

  private static boolean soundAlike(String one, String other) {
    if (isFact(one) || isFact(other) || ChineseReader.LEXICON.opposite(one, other)) {
      return false;
    }
    int place = place(one);
    int otherPlace = place(other);
    return isKnown(one, other)
        || (place >= 0 && otherPlace >= 0 && Math.abs(place - otherPlace) <= NEAR);
  }

  private static boolean isKnown(String one, String other) {
    Lexicon.Entry a = ChineseReader.LEXICON.entry(one);
    Lexicon.Entry b = ChineseReader.LEXICON.entry(other);
    return a != null
        && b != null
        && a.concepts(Lexicon.Section.SAME).stream()
            .anyMatch(b.concepts(Lexicon.Section.SAME)::contains);
  }

  /** Whether a character and the one before or after it are a word. */
  private static boolean isWord(List<Token> text, int at) {
    return isWord(text, at - 1, at) || isWord(text, at, at + 1);
  }

  private static boolean isWord(List<Token> text, int from, int to) {
    return from >= 0
        && to < text.size()
        && ChineseReader.LEXICON.entry(text.get(from).text() + " " + text.get(to).text()) != null;
  }

  /** What no slip may change: numbers, persons, negations, times, names. */
  private static boolean isFact(String word) {
    Lexicon.Entry entry = ChineseReader.LEXICON.entry(word);
    return SURNAMES.contains(word)
        || "一二三四五六七八九十百千万亿两半东西南北男女".contains(word)
        || (entry != null
            && (entry.in(Lexicon.Section.PERSON)
                || entry.in(Lexicon.Section.NEGATION)
                || entry.in(Lexicon.Section.TIME)
                || entry.in(Lexicon.Section.QUANTITY)));
  }

  /** The place of a character in the list by sound; -1 for one that is not common. */
  private static int place(String word) {
    if (word.length() != 1 || !Sound.KNOWN) {
      return -1;
    }
    byte[] code = word.getBytes(Sound.CHARSET);
    int row = code.length == 2 ? code[0] & 0xFF : 0;
    return row < FIRST || row > LAST ? -1 : (row - FIRST) * COLUMNS + (code[1] & 0xFF);
  }

  private static final class Sound {
    private static final boolean KNOWN = Charset.isSupported("GB18030");
    private static final Charset CHARSET =
        KNOWN ? Charset.forName("GB18030") : Charset.defaultCharset();
  }
}
