package dev.agentops.cache.wording;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The words of a language by what they do in a question, read from a resource. Immutable. */
final class Lexicon {

  /** What a line of each section of the resource holds. */
  enum Section {
    FILLER,
    TIME,
    NEGATION,
    ASPECT,
    CONDITION,
    QUANTITY,
    MODALITY,
    PERSON,
    LINK,
    STOP,
    LIGHT,
    WEAK,
    SAME,
    WORD,
    OPPOSITE
  }

  /** One word or phrase and the sections and lines that hold it. */
  static final class Entry {
    private final Map<Section, Set<String>> concepts = new HashMap<>();

    boolean in(Section section) {
      return concepts.containsKey(section);
    }

    /** Whether it is there only to tell that it is a word. */
    boolean isWordOnly() {
      return concepts.size() == 1 && in(Section.WORD);
    }

    /** The lines of a section that hold the entry. */
    Set<String> concepts(Section section) {
      return concepts.getOrDefault(section, Set.of());
    }
  }

  /** The longest entry that begins at a word. */
  record Match(Entry entry, int words) {}

  private final Map<String, Entry> entries = new HashMap<>();
  private final Map<String, Integer> longest = new HashMap<>();
  private final List<Set<String>> left = new ArrayList<>();
  private final List<Set<String>> right = new ArrayList<>();
  private final Function<String, List<String>> words;

  /**
   * Reads a lexicon.
   *
   * @param words splits a phrase, and makes the forms of one word equal
   */
  Lexicon(String resource, Function<String, List<String>> words) {
    this.words = words;
    try (InputStream in = Lexicon.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + resource);
      }
      read(new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The longest entry that starts at a position of stems; null when there is none. */
  @Nullable Match match(List<String> stems, int from) {
    return match(stems, from, stems.size());
  }

  /** The longest entry of at most so many words that starts at a position; null without one. */
  @Nullable Match match(List<String> stems, int from, int atMost) {
    int longestHere = longest.getOrDefault(stems.get(from), 0);
    int most = Math.min(Math.min(longestHere, atMost), stems.size() - from);
    for (int words = most; words > 0; words--) {
      Entry entry = entries.get(String.join(" ", stems.subList(from, from + words)));
      if (entry != null) {
        return new Match(entry, words);
      }
    }
    return null;
  }

  /** The entry that a whole phrase of stems is; null when there is none. */
  @Nullable Entry entry(String stems) {
    return entries.get(stems);
  }

  /** Whether one says the opposite of the other. */
  boolean opposite(String one, String other) {
    String a = stems(one);
    String b = stems(other);
    if (a.equals(b)) {
      return false;
    }
    for (int i = 0; i < left.size(); i++) {
      boolean forth = left.get(i).contains(a) && right.get(i).contains(b);
      boolean back = left.get(i).contains(b) && right.get(i).contains(a);
      if (forth || back) {
        return true;
      }
    }
    return false;
  }

  private void read(BufferedReader lines) throws IOException {
    Section section = Section.STOP;
    int number = 0;
    for (String line; (line = lines.readLine()) != null; ) {
      number++;
      String text =
          line.contains("#") ? line.substring(0, line.indexOf('#')).strip() : line.strip();
      if (text.startsWith("[")) {
        section =
            Section.valueOf(
                text.substring(1, text.indexOf(']')).toUpperCase(java.util.Locale.ROOT));
      } else if (!text.isEmpty() && section == Section.OPPOSITE) {
        String[] sides = text.split(":");
        left.add(phrases(sides[0]));
        right.add(phrases(sides[1]));
      } else if (!text.isEmpty()) {
        for (String phrase : phrases(text)) {
          add(phrase, section, section + ":" + number);
        }
      }
    }
  }

  private void add(String phrase, Section section, String concept) {
    entries
        .computeIfAbsent(phrase, p -> new Entry())
        .concepts
        .computeIfAbsent(section, s -> new LinkedHashSet<>())
        .add(concept);
    int space = phrase.indexOf(' ');
    String first = space < 0 ? phrase : phrase.substring(0, space);
    int words = (int) phrase.chars().filter(c -> c == ' ').count() + 1;
    longest.merge(first, words, Math::max);
  }

  private Set<String> phrases(String line) {
    Set<String> phrases = new LinkedHashSet<>();
    for (String phrase : line.split(",")) {
      phrases.add(stems(phrase.strip()));
    }
    return phrases;
  }

  private String stems(String phrase) {
    return String.join(" ", words.apply(phrase));
  }
}
