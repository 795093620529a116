package dev.agentops.cache.wording;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads Chinese numbers and amounts into the form that {@link Quantities} gives equal ones. */
final class ChineseQuantities {

  private static final String DIGITS = "零一二三四五六七八九";
  private static final Map<String, Integer> SMALL = Map.of("十", 10, "百", 100, "千", 1000);
  private static final Map<String, Integer> LARGE = Map.of("万", 10_000, "亿", 100_000_000);

  private static final Map<String, String> UNITS =
      Map.ofEntries(
          Map.entry("公里", "km"),
          Map.entry("千米", "km"),
          Map.entry("米", "m"),
          Map.entry("厘米", "cm"),
          Map.entry("毫米", "mm"),
          Map.entry("英里", "mile"),
          Map.entry("英尺", "ft"),
          Map.entry("英寸", "inch"),
          Map.entry("公斤", "kg"),
          Map.entry("千克", "kg"),
          Map.entry("克", "g"),
          Map.entry("毫克", "mg"),
          Map.entry("吨", "tonne"),
          Map.entry("斤", "jin"),
          Map.entry("升", "l"),
          Map.entry("毫升", "ml"),
          Map.entry("个小时", "hour"),
          Map.entry("小时", "hour"),
          Map.entry("钟头", "hour"),
          Map.entry("分钟", "minute"),
          Map.entry("秒", "second"),
          Map.entry("秒钟", "second"),
          Map.entry("毫秒", "ms"),
          Map.entry("天", "day"),
          Map.entry("周", "week"),
          Map.entry("星期", "week"),
          Map.entry("个月", "month"),
          Map.entry("年", "year"),
          Map.entry("个星期", "week"),
          Map.entry("元", "yuan"),
          Map.entry("块", "yuan"),
          Map.entry("块钱", "yuan"),
          Map.entry("人民币", "yuan"),
          Map.entry("美元", "dollar"),
          Map.entry("欧元", "euro"),
          Map.entry("英镑", "gbp"),
          Map.entry("日元", "yen"));

  private static final int LONGEST_UNIT = 3;
  private static final int FIRST_YEAR = 1900;
  private static final int LAST_YEAR = 2200;

  private ChineseQuantities() {}

  /** The quantity that begins at a word; null when there is none. */
  static Quantities.@Nullable Match at(List<String> words, int from) {
    String word = words.get(from);
    int end = from;
    BigDecimal value;
    if (word.matches("\\d{1,2}[:：]\\d\\d")) {
      int hour = Integer.parseInt(word.split("[:：]")[0]);
      return new Quantities.Match("clock " + hour + ":" + word.split("[:：]")[1], 1);
    }
    if (word.matches("\\d{1,3}(,\\d{3})+(\\.\\d+)?|\\d+(\\.\\d+)?%?")) {
      boolean percent = word.endsWith("%");
      value = new BigDecimal(word.replace(",", "").replace("%", ""));
      value = percent ? value.movePointLeft(2) : value;
      end++;
    } else if (word.matches("(?=.*\\d)[a-z\\d#].*")) {
      return new Quantities.Match(word, 1);
    } else if (word.equals("半") && unit(words, from + 1) != null) {
      value = new BigDecimal("0.5");
      end++;
    } else {
      while (end < words.size() && isNumeral(words.get(end))) {
        end++;
      }
      if (end == from || LARGE.containsKey(word)) {
        return null;
      }
      value = value(words.subList(from, end));
    }
    while (end < words.size() && (LARGE.containsKey(words.get(end)) || scale(words, end))) {
      String large = words.get(end++);
      value =
          value.multiply(new BigDecimal(LARGE.getOrDefault(large, SMALL.getOrDefault(large, 1))));
    }
    return withUnit(value, words, from, end);
  }

  private static Quantities.Match withUnit(
      BigDecimal value, List<String> words, int from, int end) {
    String next = end < words.size() ? words.get(end) : "";
    boolean month = next.equals("月");
    if (next.equals("点")) {
      return hour(value, words, from, end + 1);
    }
    if (month || next.equals("号") || next.equals("日") && !isYen(words, end)) {
      String what = month ? " month" : "";
      return new Quantities.Match(Quantities.canonical(value, "") + what, end + 1 - from);
    }
    if (next.equals("年") && value.intValue() >= FIRST_YEAR && value.intValue() < LAST_YEAR) {
      return new Quantities.Match(Quantities.canonical(value, ""), end + 1 - from);
    }
    String unit = unit(words, end);
    if (unit == null) {
      return new Quantities.Match(Quantities.canonical(value, ""), end - from);
    }
    String name = UNITS.getOrDefault(unit, "");
    return new Quantities.Match(Quantities.canonical(value, name), end + unit.length() - from);
  }

  private static Quantities.Match hour(BigDecimal value, List<String> words, int from, int after) {
    String next = after < words.size() ? words.get(after) : "";
    if (next.equals("半")) {
      return new Quantities.Match("clock " + value.toPlainString() + ":30", after + 1 - from);
    }
    boolean more = next.equals("钟") || next.equals("整");
    return new Quantities.Match("oclock " + value.intValue(), after + (more ? 1 : 0) - from);
  }

  private static boolean isYen(List<String> words, int at) {
    return at + 1 < words.size() && words.get(at + 1).equals("元");
  }

  private static boolean scale(List<String> words, int at) {
    return at + 1 < words.size()
        && (words.get(at).equals("千") || words.get(at).equals("百"))
        && !words.get(at + 1).equals("米")
        && !words.get(at + 1).equals("克");
  }

  private static @Nullable String unit(List<String> words, int at) {
    for (int length = LONGEST_UNIT; length > 0; length--) {
      if (at + length <= words.size()) {
        String unit = String.join("", words.subList(at, at + length));
        if (unit.length() == length && UNITS.containsKey(unit)) {
          return unit;
        }
      }
    }
    return null;
  }

  private static boolean isNumeral(String word) {
    return word.equals("两") || DIGITS.contains(word) || SMALL.containsKey(word);
  }

  private static BigDecimal value(List<String> numerals) {
    long sum = 0;
    long digit = 0;
    for (String numeral : numerals) {
      Integer scale = SMALL.get(numeral);
      if (scale == null) {
        digit = digit * 10 + (numeral.equals("两") ? 2 : DIGITS.indexOf(numeral));
      } else {
        sum += Math.max(1, digit) * scale;
        digit = 0;
      }
    }
    return new BigDecimal(sum + digit);
  }
}
