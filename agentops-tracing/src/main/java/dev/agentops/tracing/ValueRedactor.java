package dev.agentops.tracing;

import java.lang.reflect.Array;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Cleans texts, which may be JSON, and objects of maps, collections and arrays. What cannot be
 * cleaned becomes {@link Redaction#FAILED}: nothing here throws. Thread-safe.
 */
final class ValueRedactor {

  static final String PATH_RULE = "json_path";

  private static final int MAXIMUM_DEPTH = 100;
  private static final int MAXIMUM_ELEMENTS = 1_000_000;
  private static final int MAXIMUM_DOCUMENTS = 8;

  /** Shorter numbers are no key, card, phone or id. */
  private static final int SHORTEST_NUMBER = 5;

  private final TextRedactor texts;
  private final List<JsonPath> paths;
  private final Set<Detector> detectors;
  private final Redaction redaction;

  ValueRedactor(
      TextRedactor texts, List<JsonPath> paths, Set<Detector> detectors, Redaction redaction) {
    this.texts = texts;
    this.paths = List.copyOf(paths);
    this.detectors = Set.copyOf(detectors);
    this.redaction = redaction;
  }

  List<JsonPath> paths() {
    return paths;
  }

  /**
   * A clean copy.
   *
   * @param name what the caller calls it, such as the name of an attribute
   */
  @Nullable Object value(@Nullable Object value, String name) {
    return new Walk().value(value, Place.root(paths, name, 0));
  }

  String text(String text, String name) {
    return text(text, Place.root(paths, name, 0));
  }

  /** A name, which is no JSON. */
  String name(String name) {
    try {
      return texts.clean(name);
    } catch (Throwable t) { // a rule failed: the name must not get out
      return redaction.failed(t);
    }
  }

  String text(String text, Place place) {
    try {
      if (text.isBlank()) {
        return text;
      }
      Detector named = named(text, place.meaning());
      if (named != null) {
        return redaction.of(named.id(), text);
      }
      if (JsonRedactor.mayBeJson(text)) {
        if (place.documents() == MAXIMUM_DOCUMENTS) {
          return redaction.failed("JSON within JSON, too deep");
        }
        String json =
            new JsonRedactor(this)
                .clean(text, Place.root(paths, place.name(), place.documents() + 1));
        if (json != null) {
          return json;
        }
      }
      return texts.clean(text);
    } catch (Throwable t) { // a rule failed: the text must not get out
      return redaction.failed(t);
    }
  }

  /** What replaces a number, or null where it may stay. */
  @Nullable String number(String digits, Place place) {
    try {
      Detector named = named(digits, place.meaning());
      if (named != null) {
        return redaction.of(named.id(), digits);
      }
      if (digits.length() < SHORTEST_NUMBER) {
        return null;
      }
      String cleaned = texts.clean(digits);
      return cleaned.equals(digits) ? null : cleaned;
    } catch (Throwable t) { // a rule failed: the number must not get out
      return redaction.failed(t);
    }
  }

  /** What replaces a value at the end of a JSON path. */
  String atPath(String value) {
    return redaction.of(PATH_RULE, value);
  }

  /** The detector that the name of a value is enough for; null where there is none. */
  private @Nullable Detector named(String text, SensitiveName meaning) {
    Detector detector =
        switch (meaning) {
          case PHONE -> PhoneRules.isNumber(text) ? Detector.PHONE : null;
          case NATIONAL_ID -> NationalIdRules.isNumber(text) ? Detector.NATIONAL_ID : null;
          default -> meaning.isSecret(text) ? Detector.SECRETS : null;
        };
    return detector != null && detectors.contains(detector) && !redaction.isMark(text)
        ? detector
        : null;
  }

  /** The way through one object, which may be a circle. Not thread-safe. */
  private final class Walk {

    private final Set<Object> around = Collections.newSetFromMap(new IdentityHashMap<>());
    private int elements;

    @Nullable Object value(@Nullable Object value, Place place) {
      try {
        if (value == null) {
          return null;
        }
        if (place.isEndOf(paths)) {
          return atPath(String.valueOf(value));
        }
        return isContainer(value) ? container(value, place) : scalar(value, place);
      } catch (Throwable t) { // it changed while it was read, or is broken
        return redaction.failed(t);
      }
    }

    private Object scalar(Object value, Place place) {
      if (value instanceof Boolean
          || value instanceof Enum
          || value instanceof UUID
          || value.getClass().isArray()
          || isOfJava(value)
              && (value instanceof TemporalAccessor || value instanceof TemporalAmount)) {
        return value;
      }
      if (value instanceof Number && isOfJava(value)) {
        String replacement = number(value.toString(), place);
        return replacement == null ? value : replacement;
      }
      return text(String.valueOf(value), place);
    }

    private Object container(Object value, Place place) {
      if (place.depth() > MAXIMUM_DEPTH || ++elements > MAXIMUM_ELEMENTS || !around.add(value)) {
        return redaction.failed("an object too deep, too large, or within itself");
      }
      try {
        if (value instanceof Map<?, ?> map) {
          return map(map, place.ofObject());
        }
        if (value instanceof Collection<?> collection) {
          Collection<@Nullable Object> copy =
              value instanceof Set ? new LinkedHashSet<>() : new ArrayList<>();
          return fill(copy, collection, place);
        }
        if (value instanceof char[] characters) {
          return text(new String(characters), place);
        }
        List<@Nullable Object> values = new ArrayList<>();
        for (int i = 0; i < Array.getLength(value); i++) {
          values.add(Array.get(value, i));
        }
        return fill(new ArrayList<>(), values, place);
      } finally {
        around.remove(value);
      }
    }

    private Collection<@Nullable Object> fill(
        Collection<@Nullable Object> copy, Collection<?> values, Place place) {
      int index = 0;
      for (Object element : values) {
        count();
        copy.add(value(element, place.element(paths, index++)));
      }
      return copy;
    }

    private Map<@Nullable Object, @Nullable Object> map(Map<?, ?> map, Place place) {
      Map<@Nullable Object, @Nullable Object> copy = new LinkedHashMap<>();
      String label =
          map.entrySet().stream()
              .filter(entry -> Place.isLabel(String.valueOf(entry.getKey())))
              .map(entry -> String.valueOf(entry.getValue()))
              .findFirst()
              .orElse("");
      map.forEach(
          (key, value) -> {
            count();
            String text = String.valueOf(key);
            String cleaned = name(text);
            Object kept = key == null || cleaned.equals(text) && isPlain(key) ? key : cleaned;
            for (int i = 2; copy.containsKey(kept); i++) {
              kept = cleaned + '#' + i;
            }
            copy.put(kept, value(value, place.field(paths, text).labelled(label)));
          });
      return copy;
    }

    private void count() {
      if (++elements > MAXIMUM_ELEMENTS) {
        throw new IllegalStateException("more than " + MAXIMUM_ELEMENTS + " elements");
      }
    }

    private static boolean isContainer(Object value) {
      return value instanceof Map
          || value instanceof Collection
          || value instanceof Object[]
          || value instanceof char[];
    }

    private static boolean isPlain(Object key) {
      return key instanceof String
          || key instanceof Enum
          || key instanceof UUID
          || key instanceof Number && isOfJava(key);
    }

    /** Else its {@code toString()} may tell more than its class says. */
    private static boolean isOfJava(Object value) {
      return value.getClass().getName().startsWith("java.");
    }
  }
}
