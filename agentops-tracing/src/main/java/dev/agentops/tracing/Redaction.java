package dev.agentops.tracing;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Writes what takes the place of private data, and counts it. Thread-safe. */
final class Redaction {

  static final String START = "[REDACTED:";
  static final String FAILED = START + "failed]";

  private static final String ALGORITHM = "HmacSHA256";
  private static final int PSEUDONYM_BYTES = 8;
  private static final int LONGEST_TRACE = 30;

  private final @Nullable SecretKeySpec key;
  private final Pattern marks;
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();
  private final FaultLog faults = new FaultLog(Redactor.class, Clock.system());

  /**
   * Pseudonyms with this key, or markers that are all the same.
   *
   * @param key null for markers
   * @param rules the names of all rules
   */
  Redaction(byte @Nullable [] key, Set<String> rules) {
    this.key = key == null ? null : new SecretKeySpec(key, ALGORITHM);
    String names = rules.stream().map(Pattern::quote).collect(Collectors.joining("|"));
    String letters = "[a-p]{" + 2 * PSEUDONYM_BYTES + '}';
    this.marks =
        Pattern.compile(
            Pattern.quote(START) + "(?:failed|(?:" + names + ")(?:#" + letters + ")?)\\]");
  }

  /** What stands for this value, which the rule of this name has found. */
  String of(String rule, String value) {
    String mark = START + rule + (key == null ? "" : '#' + pseudonym(key, value)) + ']';
    count(rule);
    return mark;
  }

  void count(String rule) {
    counts.computeIfAbsent(rule, name -> new LongAdder()).increment();
  }

  /**
   * What stands for a value that could not be cleaned, which is counted and logged.
   *
   * @param why in the words of this package, never of the value
   */
  String failed(String why) {
    faults.report("a rule of the redactor", new IllegalStateException(why));
    return FAILED;
  }

  /** As {@link #failed(String)}; of what was thrown, the class and the place are told only. */
  String failed(Throwable cause) {
    // its message may quote the value
    IllegalStateException told = new IllegalStateException(cause.getClass().getName());
    StackTraceElement[] trace = cause.getStackTrace();
    told.setStackTrace(Arrays.copyOf(trace, Math.min(trace.length, LONGEST_TRACE)));
    faults.report("a rule of the redactor", told);
    return FAILED;
  }

  Map<String, Long> counts() {
    Map<String, Long> sums = new TreeMap<>();
    counts.forEach((rule, count) -> sums.put(rule, count.sum()));
    return sums;
  }

  long failures() {
    return faults.count();
  }

  /** Whether the text is nothing but what stands for something. */
  boolean isMark(String text) {
    return text.startsWith(START) && marks.matcher(text).matches();
  }

  /** Letters only, lest a detector takes it for a number. */
  private static String pseudonym(SecretKeySpec key, String value) {
    byte[] digest;
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      digest = mac.doFinal(value.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
    StringBuilder letters = new StringBuilder(2 * PSEUDONYM_BYTES);
    for (int i = 0; i < PSEUDONYM_BYTES; i++) {
      letters
          .append((char) ('a' + (digest[i] >> 4 & 0xf)))
          .append((char) ('a' + (digest[i] & 0xf)));
    }
    return letters.toString();
  }
}
