package dev.agentops.cache.wording;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads numbers and amounts, so that equal ones are equal texts: 90 minutes and 1.5 hours, $1.2
 * million and 1,200,000 dollars, 6 pm and 18:00.
 */
final class Quantities {

  private static final Pattern DIGITS =
      Pattern.compile(
          "(?<mark>[$\u20ac\u00a3\u00a5#]?)(?<number>\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?|\\d+(?:\\.\\d+)?)(?<rest>%?|[a-z\u00b0]+[23]?)");
  private static final Pattern CLOCK = Pattern.compile("([01]?\\d|2[0-3]):([0-5]\\d)(am|pm)?");
  private static final Pattern CODE = Pattern.compile("(?=.*\\d)[\\p{L}\\d_.:/,#-]+");

  private static final Map<String, BigDecimal> WORDS = new HashMap<>();
  private static final Map<String, BigDecimal> SCALES =
      Map.of(
          "hundred", new BigDecimal(100),
          "thousand", new BigDecimal(1000),
          "k", new BigDecimal(1000),
          "million", new BigDecimal(1_000_000),
          "billion", new BigDecimal(1_000_000_000),
          "dozen", new BigDecimal(12));
  private static final Map<String, Unit> UNITS = new HashMap<>();
  private static final Map<String, BigDecimal> FRACTIONS = new HashMap<>();
  private static final Map<String, BigDecimal> ORDINALS = new HashMap<>();

  static {
    String[] small =
        ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
                + " fifteen sixteen seventeen eighteen nineteen")
            .split(" ");
    for (int i = 0; i < small.length; i++) {
      WORDS.put(small[i], new BigDecimal(i));
    }
    String[] tens = "twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
    for (int i = 0; i < tens.length; i++) {
      WORDS.put(tens[i], new BigDecimal(10 * (i + 2)));
    }
    WORDS.put("couple", new BigDecimal(2));
    WORDS.put("pair", new BigDecimal(2));
    unit("s", "1", "second seconds sec secs s");
    unit("s", "0.001", "millisecond milliseconds ms msec");
    unit("s", "60", "minute minutes min mins");
    unit("s", "3600", "hour hours hr hrs h");
    unit("s", "86400", "day days");
    unit("s", "604800", "week weeks wk wks");
    unit("month", "1", "month months");
    unit("month", "12", "year years yr yrs");
    unit("month", "120", "decade decades");
    unit("m", "1", "m metre metres meter meters");
    unit("m", "1000", "km kilometre kilometres kilometer kilometers kms");
    unit("m", "0.01", "cm centimetre centimetres centimeter centimeters");
    unit("m", "0.001", "mm millimetre millimetres millimeter millimeters");
    unit("m", "1609.344", "mile miles mi");
    unit("m", "0.3048", "ft foot feet");
    unit("m", "0.0254", "inch inches");
    unit("m", "0.9144", "yard yards");
    unit("g", "1", "g gram grams gramme grammes");
    unit("g", "1000", "kg kilo kilos kilogram kilograms");
    unit("g", "0.001", "mg milligram milligrams");
    unit("g", "1000000", "tonne tonnes");
    unit("g", "28.349523", "oz ounce ounces");
    unit("g", "453.59237", "lb lbs");
    unit("l", "1", "l litre litres liter liters");
    unit("l", "0.001", "ml millilitre millilitres milliliter milliliters");
    unit("l", "0.01", "cl");
    unit("tbsp", "1", "tbsp tablespoon tablespoons");
    unit("tsp", "1", "tsp teaspoon teaspoons");
    unit("cup", "1", "cup cups");
    unit("byte", "1", "byte bytes b");
    unit("byte", "1024", "kb kib kilobyte kilobytes");
    unit("byte", "1048576", "mb mib megabyte megabytes");
    unit("byte", "1073741824", "gb gib gigabyte gigabytes");
    unit("byte", "1099511627776", "tb tib terabyte terabytes");
    unit("usd", "1", "dollar dollars usd bucks");
    unit("eur", "1", "euro euros eur");
    unit("gbp", "1", "gbp quid");
    unit("pound", "1", "pound pounds");
    unit("yen", "1", "yen jpy");
    unit("chf", "1", "chf");
    unit("", "0.01", "percent %");
    unit("c", "1", "celsius \u00b0c");
    unit("f", "1", "fahrenheit \u00b0f");
    unit("degree", "1", "degree degrees \u00b0");
    unit("m2", "1", "m2 sqm");
    unit("g", "500", "jin");
    unit("cny", "1", "yuan rmb cny");
    unit("s", "1209600", "fortnight fortnights");
    unit("month", "1200", "century centuries");
    unit("bit/s", "1000", "kbit/s kbps kb/s");
    unit("bit/s", "1000000", "mbit/s mbps");
    unit("bit/s", "1000000000", "gbit/s gbps");
    unit("km/h", "1", "km/h kmh kph");
    unit("km/h", "1.609344", "mph");
    unit("km/h", "3.6", "m/s");
    unit("m2", "0.0001", "cm2");
    unit("m2", "10000", "hectare hectares ha");
    unit("m2", "4046.8564", "acre acres");
    unit("l", "3.785412", "gallon gallons");
    unit("l", "0.473176", "pint pints");
    unit("w", "1", "watt watts w");
    unit("w", "1000", "kw kilowatt kilowatts");
    unit("wh", "1000", "kwh");
    unit("j", "1000", "kj kilojoule kilojoules");
    unit("j", "4184", "kcal");
    FRACTIONS.put("half", new BigDecimal("0.5"));
    FRACTIONS.put("quarter", new BigDecimal("0.25"));
    FRACTIONS.put("third", new BigDecimal("0.333333"));
    FRACTIONS.put("fifth", new BigDecimal("0.2"));
    FRACTIONS.put("tenth", new BigDecimal("0.1"));
    String[] ordinals = "third fourth fifth sixth seventh eighth ninth tenth".split(" ");
    for (int i = 0; i < ordinals.length; i++) {
      ORDINALS.put(ordinals[i], new BigDecimal(i + 3));
    }
  }

  private record Unit(String name, BigDecimal factor) {}

  /** A quantity and how many words it took. */
  record Match(String value, int words) {}

  private Quantities() {}

  /** The quantity that begins at a word; null when there is none. */
  static @Nullable Match at(List<String> words, int from) {
    String word = words.get(from);
    Matcher clock = CLOCK.matcher(word);
    if (clock.matches()) {
      String half = clock.group(3) == null ? word(words, from + 1) : clock.group(3);
      int hour = hour(Integer.parseInt(clock.group(1)), half);
      boolean own = clock.group(3) != null || !isHalf(half);
      return new Match("clock " + hour + ":" + clock.group(2), own ? 1 : 2);
    }
    Matcher digits = DIGITS.matcher(word);
    if (digits.matches()) {
      Match read = digits(digits, words, from);
      if (read != null) {
        return read;
      }
    } else if (CODE.matcher(word).matches()) {
      return new Match(code(word), 1);
    }
    return inWords(words, from);
  }

  private static @Nullable Match digits(Matcher digits, List<String> words, int from) {
    BigDecimal value = new BigDecimal(digits.group("number").replace(",", ""));
    String rest = digits.group("rest");
    String mark = digits.group("mark");
    int end = from + 1;
    if (SCALES.containsKey(rest)) {
      value = value.multiply(SCALES.get(rest));
      rest = "";
    } else if (rest.matches("st|nd|rd|th")) {
      return new Match(plain(value), 1);
    } else if (isHalf(rest) && mark.isEmpty()) {
      return new Match("clock " + hour(value.intValue(), rest) + ":00", 1);
    } else if (!rest.isEmpty() && !UNITS.containsKey(rest)) {
      return new Match(code(digits.group()), 1);
    }
    if (rest.isEmpty() && isAndHalf(words, end)) {
      value = value.add(FRACTIONS.get("half"));
      end += 3;
    }
    while (rest.isEmpty() && SCALES.containsKey(word(words, end))) {
      value = value.multiply(SCALES.get(word(words, end++)));
    }
    if (word(words, end).equals("o'clock") && rest.isEmpty() && mark.isEmpty()) {
      return new Match("oclock " + value.intValue(), end + 1 - from);
    }
    if (isHalf(word(words, end)) && rest.isEmpty() && mark.isEmpty()) {
      return new Match("clock " + hour(value.intValue(), word(words, end)) + ":00", end + 1 - from);
    }
    String unit =
        switch (mark) {
          case "$" -> "dollar";
          case "\u20ac" -> "euro";
          case "\u00a3" -> "gbp";
          case "\u00a5" -> "yen";
          default -> rest;
        };
    return withUnit(value, unit, words, from, end);
  }

  private static @Nullable Match inWords(List<String> words, int from) {
    Match part = part(words, from);
    if (part != null) {
      return part;
    }
    if (word(words, from).equals("half") && word(words, from + 1).matches("an?")) {
      return UNITS.containsKey(word(words, from + 2))
          ? withUnit(new BigDecimal("0.5"), "", words, from, from + 2)
          : null;
    }
    if (word(words, from).equals("half") && word(words, from + 1).matches("the|of|price|off")) {
      return new Match("0.5", 1);
    }
    boolean several = words.get(from).matches("pair|couple");
    if (several && !word(words, from + 1).equals("of")) {
      return null;
    }
    BigDecimal value = WORDS.get(words.get(from));
    int end = from + (several ? 2 : 1);
    if (value == null) {
      boolean scale = SCALES.containsKey(words.get(from)) && words.get(from).length() > 1;
      value = scale ? SCALES.get(words.get(from)) : null;
    } else if (value.intValue() >= 20 && value.intValue() % 10 == 0) {
      BigDecimal ones = WORDS.get(word(words, end));
      if (ones != null && ones.signum() > 0 && ones.intValue() < 10) {
        value = value.add(ones);
        end++;
      }
    }
    if (value == null) {
      return null;
    }
    while (SCALES.containsKey(word(words, end))) {
      value = value.multiply(SCALES.get(word(words, end++)));
    }
    if (isAndHalf(words, end)) {
      value = value.add(FRACTIONS.get("half"));
      end += 3;
    }
    return withUnit(value, "", words, from, end);
  }

  /** Parts and multiples: a quarter of the price, an hour and a half, half a dozen, twice. */
  private static @Nullable Match part(List<String> words, int from) {
    String word = words.get(from);
    String next = word(words, from + 1);
    if (word.matches("twice|thrice") && !next.equals("as")) {
      return new Match(word.equals("twice") ? "2" : "3", 1);
    }
    if (word.equals("half") && next.equals("a") && word(words, from + 2).equals("dozen")) {
      return new Match("6", 3);
    }
    if (word.equals("fortnight")) {
      return new Match(canonical(BigDecimal.ONE, word), 1);
    }
    if (word.matches("an?") && UNITS.containsKey(next) && isAndHalf(words, from + 2)) {
      return new Match(canonical(new BigDecimal("1.5"), next), 5);
    }
    if (word.matches("an?") && UNITS.containsKey(next) && lasts(words, from)) {
      return new Match(canonical(BigDecimal.ONE, next), 2);
    }
    BigDecimal count = word.equals("a") ? BigDecimal.ONE : WORDS.get(word);
    BigDecimal share =
        next.endsWith("s")
            ? FRACTIONS.get(next.substring(0, next.length() - 1))
            : FRACTIONS.get(next);
    boolean of = word(words, from + 2).matches("of|off|less|more");
    boolean last = next.equals("quarter") && word(words, from - 1).equals("by");
    if (count != null && share != null && (of || last)) {
      BigDecimal value = count.multiply(share);
      boolean time = word(words, from + 3).matches("an") && word(words, from + 4).equals("hour");
      return time ? new Match(canonical(value, "hour"), 5) : new Match(plain(value), 2);
    }
    BigDecimal ordinal = ORDINALS.get(word);
    boolean party = word.equals("third") && next.matches("party|parties|person|world");
    return ordinal == null || party ? null : new Match(plain(ordinal), 1);
  }

  private static boolean isAndHalf(List<String> words, int at) {
    return word(words, at).equals("and")
        && word(words, at + 1).equals("a")
        && word(words, at + 2).equals("half");
  }

  /** Whether "a year" is how long something lasts, and not how often it happens. */
  private static boolean lasts(List<String> words, int at) {
    return word(words, at - 1).matches("for|within|after|than|about")
        || word(words, at + 2).matches("from|ago|later|old");
  }

  private static Match withUnit(
      BigDecimal value, String given, List<String> words, int from, int after) {
    int end = after;
    String unit = given;
    if (word(words, end).equals("times")
        && word(words, end + 1).matches("an?|per|each|every|daily|weekly")) {
      end++;
    }
    if (unit.isEmpty()) {
      String next = word(words, end);
      if (next.matches("degrees?|\u00b0")
          && word(words, end + 1).matches("c|f|celsius|fahrenheit")) {
        unit = word(words, end + 1).startsWith("c") ? "celsius" : "fahrenheit";
        end += 2;
      } else if (UNITS.containsKey(next)) {
        unit = next;
        end++;
      }
    }
    return new Match(canonical(value, unit), end - from);
  }

  /** A value in the smallest of the units that measure the same. */
  static String canonical(BigDecimal value, String name) {
    Unit unit = UNITS.get(name);
    if (unit == null) {
      return plain(value);
    }
    if (unit.name().equals("f")) {
      BigDecimal celsius =
          value.subtract(new BigDecimal(32)).multiply(new BigDecimal("0.5555555556"));
      return plain(celsius.setScale(1, RoundingMode.HALF_UP)) + " c";
    }
    String number = plain(value.multiply(unit.factor()).round(new MathContext(6)));
    return unit.name().isEmpty() ? number : number + " " + unit.name();
  }

  private static String code(String word) {
    String bare = word.startsWith("#") ? word.substring(1) : word;
    return bare.matches("v\\d.*") ? bare.substring(1) : bare;
  }

  private static boolean isHalf(String word) {
    return word.equals("am") || word.equals("pm");
  }

  private static int hour(int hour, String half) {
    return half.equals("pm") && hour < 12 ? hour + 12 : half.equals("am") && hour == 12 ? 0 : hour;
  }

  private static String word(List<String> words, int index) {
    return index >= 0 && index < words.size() ? words.get(index) : "";
  }

  private static String plain(BigDecimal value) {
    return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
  }

  private static void unit(String name, String factor, String words) {
    Unit unit = new Unit(name, new BigDecimal(factor));
    for (String word : words.split(" ")) {
      UNITS.put(word, unit);
    }
  }
}
