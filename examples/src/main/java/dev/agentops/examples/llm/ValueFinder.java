package dev.agentops.examples.llm;

import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The values a text says for named fields: a number, a yes or no, a place, a name, an id. */
final class ValueFinder {
  private static final String PROPER = "\\p{Lu}[\\p{L}'-]*(?: \\p{Lu}[\\p{L}'-]*)*";
  private static final Pattern NUMBER = Pattern.compile("(?<![\\w.-])-?\\d+(?:\\.\\d+)?(?!\\w)");
  private static final Pattern PLACE =
      Pattern.compile("\\b(?:in|at|from|for|to|of|near) (" + PROPER + ")");
  private static final Pattern SELF =
      Pattern.compile(
          "(?i:\\b(?:name is|i am|i'm|call me|called|named|mr\\.?|mrs\\.?|ms\\.?)) ("
              + PROPER
              + ")");
  private static final Pattern SUBJECT =
      Pattern.compile("(" + PROPER + ")(?:,| is | was | has | lives | works )");
  private static final Pattern IDENTIFIER =
      Pattern.compile("(?<![\\w-])#?((?=[\\w-]*\\d)[A-Za-z0-9][\\w-]*)(?![\\w-])");
  private static final Pattern EMAIL = Pattern.compile("[\\w.+-]+@[\\w-]+(?:\\.[\\w-]+)+");
  private static final Pattern DATE = Pattern.compile("\\b\\d{4}-\\d{2}-\\d{2}\\b");
  private static final Pattern QUOTED = Pattern.compile("[\"“']([^\"”']+)[\"”'](?!\\w)");
  private static final Pattern COMMON_OPENING =
      Pattern.compile("(?:The|A|An|This|That|It|He|She|They|We|I|Extract|What|Who|How|My)");

  private static final Set<String> PLACE_WORDS =
      Set.of("city", "location", "place", "country", "town", "where", "destination", "address");
  private static final Set<String> NAME_WORDS =
      Set.of("name", "person", "customer", "author", "user", "who");
  private static final Set<String> ID_WORDS =
      Set.of("id", "number", "code", "reference", "sku", "order", "ticket", "key");
  private static final Set<String> PROSE_WORDS =
      Set.of(
          "answer",
          "text",
          "summary",
          "description",
          "explanation",
          "reason",
          "reasoning",
          "response",
          "reply",
          "content",
          "message",
          "result",
          "title",
          "comment");
  private static final Set<String> WHOLE_TEXT_WORDS =
      Set.of(
          "query",
          "question",
          "text",
          "input",
          "message",
          "prompt",
          "q",
          "topic",
          "content",
          "body",
          "task",
          "request");

  private final String text;
  private final Deque<BigDecimal> numbers = new ArrayDeque<>();

  ValueFinder(String text) {
    this.text = text;
    NUMBER.matcher(text).results().forEach(m -> numbers.add(new BigDecimal(m.group())));
  }

  /** Tells whether a field of that name asks for an answer in words. */
  static boolean isProse(String name) {
    return has(Text.identifierWords(name), PROSE_WORDS);
  }

  boolean mentions(String word) {
    String spaced = Pattern.quote(word.replace('_', ' '));
    return matcher("(?<!\\w)" + spaced + "(?!\\w)").find();
  }

  /** Returns the number beside the field's name, else the next number nobody took yet. */
  Optional<BigDecimal> number(String name) {
    Matcher beside = matcher("\\b" + spaced(name) + "\\b\\D{0,12}?(-?\\d+(?:\\.\\d+)?)(?!\\w)");
    Optional<BigDecimal> found =
        beside.find()
            ? Optional.of(new BigDecimal(beside.group(1)))
            : Optional.ofNullable(numbers.peek());
    found.ifPresent(numbers::remove);
    return found;
  }

  /** Returns true where the field's name is spoken of, false where it is denied. */
  Optional<Boolean> flag(String name) {
    String last = spaced(name).replaceFirst("^(?:is|has|are|was|can) ", "");
    if (!matcher("\\b" + last + "\\b").find()) {
      return Optional.empty();
    }
    return Optional.of(
        !matcher("\\b(?:not?|never|without|isn't)\\s+(?:\\w+ )?" + last + "\\b").find());
  }

  Optional<String> string(String name, String description) {
    Set<String> words = Text.identifierWords(name);
    Matcher said = matcher("\\b" + spaced(name) + "\\s*(?: is|:|=)\\s*([^,.;\\n?]+)");
    if (said.find()) {
      return Optional.of(said.group(1).strip());
    }
    if (has(words, Set.of("email", "mail"))) {
      return first(EMAIL, 0);
    }
    if (has(words, Set.of("date", "day", "since", "until"))) {
      return first(DATE, 0);
    }
    if (has(words, Set.of("zone", "timezone", "tz"))) {
      return ZoneFinder.places(text).stream().map(ZoneFinder.Place::zone).findFirst();
    }
    if (has(words, PLACE_WORDS)) {
      return place();
    }
    if (has(words, ID_WORDS)) {
      return identifier();
    }
    if (has(words, NAME_WORDS)) {
      return first(SELF, 1).or(() -> name(SUBJECT));
    }
    if (has(words, WHOLE_TEXT_WORDS)) {
      return text.isBlank() ? Optional.empty() : Optional.of(text);
    }
    return first(QUOTED, 1)
        .or(() -> Text.identifierWords(description).contains("city") ? place() : Optional.empty());
  }

  /** Returns the quoted words of the text, else the list that follows the field's name. */
  List<String> list(String name) {
    List<String> quoted = QUOTED.matcher(text).results().map(m -> m.group(1)).toList();
    Matcher said = matcher("\\b" + spaced(name) + "\\s*(?: are|:|=)\\s*([^.;\\n?]+)");
    return quoted.isEmpty() && said.find()
        ? Arrays.stream(said.group(1).split("\\s*,\\s*(?:and\\s+)?|\\s+and\\s+"))
            .map(String::strip)
            .toList()
        : quoted;
  }

  /** Prefers what has letters in it, then what is longer: a lone digit is seldom an id. */
  private Optional<String> identifier() {
    return IDENTIFIER
        .matcher(text)
        .results()
        .map(m -> m.group(1))
        .max(
            Comparator.comparing((String id) -> id.matches(".*[A-Za-z].*"))
                .thenComparing(String::length));
  }

  private Optional<String> place() {
    return first(PLACE, 1)
        .or(() -> ZoneFinder.places(text).stream().map(ZoneFinder.Place::name).findFirst());
  }

  private Optional<String> name(Pattern pattern) {
    return pattern
        .matcher(text)
        .results()
        .map(m -> m.group(1))
        .filter(name -> !COMMON_OPENING.matcher(name).matches())
        .findFirst();
  }

  private Optional<String> first(Pattern pattern, int group) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(group)) : Optional.empty();
  }

  private Matcher matcher(String regex) {
    return Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE).matcher(text);
  }

  private static String spaced(String name) {
    return Pattern.quote(String.join(" ", Text.identifierWords(name)).toLowerCase(Locale.ROOT));
  }

  private static boolean has(Set<String> words, Set<String> wanted) {
    return words.stream().anyMatch(wanted::contains);
  }
}
