package dev.agentops.examples.llm;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** The places named in a text and their time zones, from the JDK's own table of zones. */
final class ZoneFinder {
  private static final int LONGEST_NAME = 3;
  private static final Pattern NO_LETTER = Pattern.compile("[^\\p{L}]+");
  private static final Pattern COUNTRY = Pattern.compile("[A-Z][a-z]{3,}");
  private static final Map<String, String> ZONES = zones();

  private ZoneFinder() {}

  /** A place as the text names it, in title case, and the id of its zone. */
  record Place(String name, String zone) {}

  static List<Place> places(String text) {
    String[] words = NO_LETTER.split(text.toLowerCase(Locale.ROOT).strip());
    List<Place> places = new ArrayList<>();
    int at = 0;
    while (at < words.length) {
      int length = Math.min(LONGEST_NAME, words.length - at);
      while (length > 0 && !ZONES.containsKey(name(words, at, length))) {
        length--;
      }
      if (length > 0) {
        String name = name(words, at, length);
        places.add(new Place(title(name), String.valueOf(ZONES.get(name))));
      }
      at += Math.max(1, length);
    }
    return places;
  }

  private static String name(String[] words, int at, int length) {
    return String.join(" ", List.of(words).subList(at, at + length));
  }

  private static String title(String name) {
    return Pattern.compile("\\b\\p{L}")
        .matcher(name)
        .replaceAll(letter -> letter.group().toUpperCase(Locale.ROOT));
  }

  /** Of two zones for one city the id with more parts is the current one, not its old alias. */
  private static Map<String, String> zones() {
    Map<String, String> zones = new HashMap<>();
    ZoneId.getAvailableZoneIds().stream()
        .filter(id -> id.matches("(?:A|E|I|P)[a-z]+/.*") && !id.startsWith("Etc/"))
        .sorted(Comparator.<String>comparingInt(id -> id.split("/").length).thenComparing(id -> id))
        .forEach(
            id -> {
              String city = id.substring(id.lastIndexOf('/') + 1);
              zones.put(city.replaceAll("[_-]", " ").toLowerCase(Locale.ROOT), id);
            });
    ZoneId.getAvailableZoneIds().stream()
        .filter(id -> COUNTRY.matcher(id).matches())
        .forEach(id -> zones.putIfAbsent(id.toLowerCase(Locale.ROOT), id));
    zones.putAll(
        Map.of(
            "utc", "UTC",
            "gmt", "UTC",
            "san francisco", "America/Los_Angeles",
            "seattle", "America/Los_Angeles",
            "washington", "America/New_York",
            "boston", "America/New_York",
            "beijing", "Asia/Shanghai",
            "mumbai", "Asia/Kolkata",
            "delhi", "Asia/Kolkata",
            "munich", "Europe/Berlin"));
    return Map.copyOf(zones);
  }
}
