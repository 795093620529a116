package dev.agentops.http;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the headers by which providers tell their rate limits. They agree on the words, not on
 * their order: {@code x-ratelimit-remaining-tokens-minute}, {@code
 * anthropic-ratelimit-tokens-remaining}.
 */
final class LimitHeaders {

  private static final int LONGEST_VALUE = 200;
  private static final int LONGEST_BODY = 65_536;

  private static final Pattern COUNT =
      Pattern.compile("\\s*(\\d{1,15})(?:\\.\\d*)?\\s*(?:[,;].*)?");
  private static final Pattern RETRY_DELAY =
      Pattern.compile("\"retryDelay\"\\s*:\\s*\"([0-9.]{1,20}s)\"");

  /** A part of the header {@code ratelimit}: {@code "default";r=50;t=30}. */
  private static final Pattern IETF_PART =
      Pattern.compile("\\b(limit|remaining|reset|r|t)\\s*=\\s*(\\d{1,15})\\b");

  private static final Set<String> WINDOWS =
      Set.of("second", "minute", "hour", "day", "week", "month");

  private final Map<String, String> headers = new TreeMap<>();
  private final HeaderTimes times;
  private final Map<Subject, Map<String, Told>> told = new EnumMap<>(Subject.class);

  LimitHeaders(Map<String, List<String>> headers, Instant now) {
    headers.forEach(
        (name, values) -> {
          // the status line of some clients has no name
          if (name != null && values != null && !values.isEmpty() && values.get(0) != null) {
            String value = values.get(0).strip();
            if (value.length() <= LONGEST_VALUE) {
              this.headers.putIfAbsent(name.toLowerCase(Locale.ROOT), value);
            }
          }
        });
    this.times = new HeaderTimes(HeaderTimes.date(this.headers.get("date"), now));
  }

  ProviderLimits read(int status, @Nullable String body) {
    headers.forEach(this::readHeader);
    ProviderQuota requests = tightest(Subject.REQUESTS);
    ProviderQuota tokens = tightest(Subject.TOKENS);
    ProviderQuota inputTokens = tightest(Subject.INPUT_TOKENS);
    ProviderQuota outputTokens = tightest(Subject.OUTPUT_TOKENS);
    Duration retryAfter = status >= 400 ? retryAfter(body) : null;
    if (retryAfter == null && status == 429) {
      retryAfter =
          Stream.of(requests, tokens, inputTokens, outputTokens)
              .filter(ProviderQuota::isExhausted)
              .flatMap(quota -> quota.reset().stream())
              .max(Duration::compareTo)
              .orElse(null);
    }
    return ProviderLimits.builder()
        .retryAfter(retryAfter)
        .requests(requests)
        .tokens(tokens)
        .inputTokens(inputTokens)
        .outputTokens(outputTokens)
        .build();
  }

  private @Nullable Duration retryAfter(@Nullable String body) {
    Duration millis = times.millis(headers.get("retry-after-ms"));
    Duration told = millis == null ? times.retryAfter(headers.get("retry-after")) : millis;
    if (told != null || body == null) {
      return told;
    }
    Matcher delay = RETRY_DELAY.matcher(body.substring(0, Math.min(body.length(), LONGEST_BODY)));
    return delay.find() ? times.until(delay.group(1)) : null;
  }

  private void readHeader(String name, String value) {
    if (name.equals("ratelimit")) {
      readIetf(value);
      return;
    }
    for (Family family : Family.values()) {
      if (name.startsWith(family.prefix)) {
        readWords(name.substring(family.prefix.length()), family.subject, value);
        return;
      }
    }
  }

  private void readIetf(String value) {
    Matcher part = IETF_PART.matcher(value);
    while (part.find()) {
      Kind kind =
          switch (part.group(1)) {
            case "limit" -> Kind.LIMIT;
            case "remaining", "r" -> Kind.REMAINING;
            default -> Kind.RESET;
          };
      add(Subject.REQUESTS, "", kind, part.group(2));
    }
  }

  /** A name with a word that is not known here tells of something else. */
  private void readWords(String words, Subject byDefault, String value) {
    Kind kind = null;
    Subject subject = byDefault;
    StringBuilder window = new StringBuilder();
    for (String word : words.split("-", -1)) {
      switch (word) {
        case "limit" -> kind = Kind.LIMIT;
        case "remaining" -> kind = Kind.REMAINING;
        case "reset" -> kind = Kind.RESET;
        case "requests", "req" -> subject = Subject.REQUESTS;
        case "tokens" -> subject = subject == byDefault ? Subject.TOKENS : subject;
        case "input", "prompt" -> subject = Subject.INPUT_TOKENS;
        case "output", "generated" -> subject = Subject.OUTPUT_TOKENS;
        default -> {
          if (!WINDOWS.contains(word) && !COUNT.matcher(word).matches()) {
            return;
          }
          window.append(word);
        }
      }
    }
    if (kind != null) {
      add(subject, window.toString(), kind, value);
    }
  }

  private void add(Subject subject, String window, Kind kind, String value) {
    Told one =
        told.computeIfAbsent(subject, any -> new HashMap<>())
            .computeIfAbsent(window, any -> new Told());
    switch (kind) {
      case LIMIT -> one.limit = count(value);
      case REMAINING -> one.remaining = count(value);
      case RESET -> one.reset = times.until(value);
    }
  }

  private ProviderQuota tightest(Subject subject) {
    ProviderQuota tightest = ProviderQuota.untold();
    for (Told one : told.getOrDefault(subject, Map.of()).values()) {
      ProviderQuota quota = ProviderQuota.of(one.limit, one.remaining, one.reset);
      if (tightest.isUntold() || left(quota) < left(tightest)) {
        tightest = quota;
      }
    }
    return tightest;
  }

  private static long left(ProviderQuota quota) {
    return quota.remaining().orElse(Long.MAX_VALUE);
  }

  private static @Nullable Long count(String value) {
    Matcher count = COUNT.matcher(value);
    return count.matches() ? Long.valueOf(count.group(1)) : null;
  }

  private enum Kind {
    LIMIT,
    REMAINING,
    RESET
  }

  private enum Subject {
    REQUESTS,
    TOKENS,
    INPUT_TOKENS,
    OUTPUT_TOKENS
  }

  /** How the names of headers begin, and of what they tell where they do not say. */
  private enum Family {
    ANTHROPIC("anthropic-ratelimit-", Subject.REQUESTS),
    USUAL("x-ratelimit-", Subject.REQUESTS),
    IETF("ratelimit-", Subject.REQUESTS),
    MISTRAL("x-ratelimitbysize-", Subject.TOKENS),
    OLD_MISTRAL("ratelimitbysize-", Subject.TOKENS),
    TOGETHER("x-tokenlimit-", Subject.TOKENS);

    private final String prefix;
    private final Subject subject;

    Family(String prefix, Subject subject) {
      this.prefix = prefix;
      this.subject = subject;
    }
  }

  /** What is told of one window. */
  private static final class Told {

    private @Nullable Long limit;
    private @Nullable Long remaining;
    private @Nullable Duration reset;
  }
}
