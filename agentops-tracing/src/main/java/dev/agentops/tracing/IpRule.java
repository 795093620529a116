package dev.agentops.tracing;

import java.util.List;

/**
 * Finds addresses of IPv4 and IPv6; not those of the machine itself, nor numbers of four parts that
 * their surroundings show to be versions.
 */
final class IpRule implements TextRule {

  private static final int GROUPS = 8;
  private static final int LONGEST_V6 = 45;

  /** Before numbers of versions, and of the parts of a document. */
  private static final List<String> VERSIONS =
      List.of(
          "version ",
          "versions ",
          "version: ",
          "release ",
          "build ",
          "v. ",
          "upgraded from ",
          "upgraded to ",
          "upgrade from ",
          "upgrade to ",
          "section ",
          "sections ",
          "chapter ",
          "clause ",
          "paragraph ",
          "§ ",
          "§");

  @Override
  public boolean mayMatch(TextFacts facts) {
    return facts.colon() || facts.dot() && facts.digits() >= 4;
  }

  @Override
  public void apply(String text, Replacements found) {
    int i = 0;
    int version = -1;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (!Characters.isHexDigit(c) && c != ':' || !Characters.startsWord(text, i)) {
        i++;
        continue;
      }
      int end = i;
      while (end < text.length() && isPart(text.charAt(end))) {
        end++;
      }
      int last = trimmed(text, i, end);
      if (Characters.endsWord(text, end)) {
        version = findIn(text, i, last, version, found);
      }
      i = Math.max(i + 1, end);
    }
  }

  private static boolean isPart(char c) {
    return Characters.isHexDigit(c) || c == ':' || c == '.';
  }

  /** Without what ends a sentence; an address may end with two colons, not with one. */
  private static int trimmed(String text, int from, int to) {
    int end = to;
    while (end > from && text.charAt(end - 1) == '.') {
      end--;
    }
    return end > from + 1 && text.charAt(end - 1) == ':' && text.charAt(end - 2) != ':'
        ? end - 1
        : end;
  }

  /** Returns where the latest version ended, as given or found. */
  private static int findIn(String text, int from, int end, int latestVersion, Replacements found) {
    if (end - from <= LONGEST_V6 && isV6(text.substring(from, end))) {
      found.replace(from, end);
      return latestVersion;
    }
    int version = latestVersion;
    int start = from;
    for (int i = from; i <= end; i++) { // 10.1.2.3:8080
      if (i == end || text.charAt(i) == ':') {
        if (isV4(text, start, i)) {
          if (isVersion(text, start, i) || isBeside(text, version, start)) {
            version = i;
          } else {
            found.replace(start, i);
          }
        }
        start = i + 1;
      }
    }
    return version;
  }

  /** As in {@code from version 1.2.3.4 to 1.2.3.5}. */
  private static boolean isBeside(String text, int version, int at) {
    return version >= 0
        && at - version <= 5
        && List.of(" to ", " and ", " or ", ", ", "-", " - ").contains(text.substring(version, at));
  }

  private static boolean isV4(String text, int from, int end) {
    if (end - from < 7 || end - from > 15) {
      return false;
    }
    String[] octets = text.substring(from, end).split("\\.", -1);
    if (octets.length != 4 || octets[0].equals("127") || octets[0].equals("0")) {
      return false;
    }
    for (String octet : octets) {
      if (octet.isEmpty()
          || octet.length() > 3
          || octet.length() > 1 && octet.charAt(0) == '0'
          || !octet.chars().allMatch(c -> Characters.isDigit((char) c))
          || Integer.parseInt(octet) > 255) {
        return false;
      }
    }
    return true;
  }

  /** As in {@code lib-1.2.3.4}, {@code 1.2.3.4-rc1}, {@code version 1.2.3.4}, Chrome/119.0.0.0. */
  private static boolean isVersion(String text, int from, int end) {
    char before = from > 1 ? text.charAt(from - 1) : ' ';
    boolean afterName = from > 1 && Characters.isAlphanumeric(text.charAt(from - 2));
    boolean suffixed =
        end + 1 < text.length()
            && (text.charAt(end) == '-' || text.charAt(end) == '+')
            && Characters.isLetter(text.charAt(end + 1));
    return suffixed
        || afterName && (before == '-' || before == '=' && isWordBefore(text, from, "=="))
        || afterName && before == '/' && text.startsWith(".0.0", end - 4)
        || VERSIONS.stream().anyMatch(word -> isWordBefore(text, from, word));
  }

  private static boolean isWordBefore(String text, int at, String word) {
    return text.regionMatches(true, at - word.length(), word, 0, word.length());
  }

  /** Eight groups, or fewer around one {@code ::}; with a digit, as {@code a::b} may be code. */
  private static boolean isV6(String run) {
    int gap = run.indexOf("::");
    if (run.equals("::1") || run.equals("::") || !Characters.hasDigit(run, 0, run.length())) {
      return false;
    }
    if (gap < 0) {
      return groups(run) == GROUPS;
    }
    int before = gap == 0 ? 0 : groups(run.substring(0, gap));
    int after = gap + 2 == run.length() ? 0 : groups(run.substring(gap + 2));
    return before >= 0 && after >= 0 && before + after > 0 && before + after < GROUPS;
  }

  /**
   * How many groups of hexadecimal digits, an IPv4 address at the end counting as two; -1: none.
   */
  private static int groups(String part) {
    String[] groups = part.split(":", -1);
    int count = 0;
    for (int i = 0; i < groups.length; i++) {
      String group = groups[i];
      if (i == groups.length - 1 && group.indexOf('.') >= 0) {
        return group.chars().filter(c -> c == '.').count() == 3 ? count + 2 : -1;
      }
      if (group.isEmpty() || group.length() > 4 || group.indexOf('.') >= 0) {
        return -1;
      }
      count++;
    }
    return count;
  }
}
