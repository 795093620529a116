package dev.agentops.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ProviderLimitsTest {

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  static Stream<Arguments> providers() {
    return Stream.of(
        Arguments.of(
            "OpenAI",
            200,
            headers(
                "x-ratelimit-limit-requests: 10000",
                "x-ratelimit-limit-tokens: 2000000",
                "x-ratelimit-remaining-requests: 9999",
                "x-ratelimit-remaining-tokens: 1999981",
                "x-ratelimit-reset-requests: 6ms",
                "x-ratelimit-reset-tokens: 6m0s",
                "x-ratelimit-limit-project-tokens: 3",
                "x-request-id: req_1"),
            ProviderLimits.builder()
                .requests(quota(10000L, 9999L, "PT0.006S"))
                .tokens(quota(2000000L, 1999981L, "PT6M"))),
        Arguments.of(
            "OpenAI, refused",
            429,
            headers(
                "retry-after: 2",
                "retry-after-ms: 1342",
                "x-ratelimit-limit-tokens: 30000",
                "x-ratelimit-remaining-tokens: 0",
                "x-ratelimit-reset-tokens: 1.342s"),
            ProviderLimits.builder()
                .retryAfter(Duration.ofMillis(1342))
                .tokens(quota(30000L, 0L, "PT1.342S"))),
        Arguments.of(
            "Azure OpenAI",
            429,
            headers(
                "Retry-After: 9",
                "x-ratelimit-limit-requests: 120",
                "x-ratelimit-remaining-requests: 0",
                "x-ratelimit-reset-requests: 9",
                "x-ratelimit-remaining-tokens: 19913",
                "x-ratelimit-renewalperiod-requests: 10"),
            ProviderLimits.builder()
                .retryAfter(Duration.ofSeconds(9))
                .requests(quota(120L, 0L, "PT9S"))
                .tokens(quota(null, 19913L, null))),
        Arguments.of(
            "Anthropic",
            200,
            headers(
                "anthropic-ratelimit-requests-limit: 4000",
                "anthropic-ratelimit-requests-remaining: 3999",
                "anthropic-ratelimit-requests-reset: 2026-03-01T12:00:01Z",
                "anthropic-ratelimit-tokens-limit: 480000",
                "anthropic-ratelimit-tokens-remaining: 479000",
                "anthropic-ratelimit-tokens-reset: 2026-03-01T13:00:30+01:00",
                "anthropic-ratelimit-input-tokens-limit: 400000",
                "anthropic-ratelimit-input-tokens-remaining: 399000",
                "anthropic-ratelimit-input-tokens-reset: 2026-03-01T12:00:00Z",
                "anthropic-ratelimit-output-tokens-limit: 80000",
                "anthropic-ratelimit-output-tokens-remaining: 80000",
                "anthropic-ratelimit-output-tokens-reset: 2026-03-01T12:00:00Z",
                "anthropic-priority-input-tokens-limit: 10000",
                "anthropic-ratelimit-unified-5h-limit: 1"),
            ProviderLimits.builder()
                .requests(quota(4000L, 3999L, "PT1S"))
                .tokens(quota(480000L, 479000L, "PT30S"))
                .inputTokens(quota(400000L, 399000L, "PT0S"))
                .outputTokens(quota(80000L, 80000L, "PT0S"))),
        Arguments.of(
            "Anthropic, by the server's clock",
            529,
            headers(
                "date: Sun, 01 Mar 2026 09:00:00 GMT",
                "retry-after: Sun, 01 Mar 2026 09:00:20 GMT",
                "anthropic-ratelimit-requests-reset: 2026-03-01T09:01:00Z"),
            ProviderLimits.builder()
                .retryAfter(Duration.ofSeconds(20))
                .requests(quota(null, null, "PT1M"))),
        Arguments.of(
            "Groq",
            200,
            headers(
                "x-ratelimit-limit-requests: 14400",
                "x-ratelimit-limit-tokens: 18000",
                "x-ratelimit-remaining-requests: 14370",
                "x-ratelimit-remaining-tokens: 17997",
                "x-ratelimit-reset-requests: 2m59.56s",
                "x-ratelimit-reset-tokens: 7.66s"),
            ProviderLimits.builder()
                .requests(quota(14400L, 14370L, "PT2M59.56S"))
                .tokens(quota(18000L, 17997L, "PT7.66S"))),
        Arguments.of(
            "Mistral",
            200,
            headers(
                "x-ratelimit-limit-req-minute: 60",
                "x-ratelimit-remaining-req-minute: 59",
                "x-ratelimit-limit-tokens-minute: 500000",
                "x-ratelimit-remaining-tokens-minute: 499900",
                "x-ratelimit-limit-tokens-month: 1000000000",
                "x-ratelimit-remaining-tokens-month: 400",
                "x-ratelimit-tokens-query-cost: 100"),
            ProviderLimits.builder()
                .requests(quota(60L, 59L, null))
                .tokens(quota(1000000000L, 400L, null))),
        Arguments.of(
            "Mistral, older",
            200,
            headers(
                "ratelimitbysize-limit: 500000",
                "ratelimitbysize-remaining: 499886",
                "ratelimitbysize-reset: 36",
                "ratelimitbysize-query-cost: 114"),
            ProviderLimits.builder().tokens(quota(500000L, 499886L, "PT36S"))),
        Arguments.of(
            "OpenRouter",
            429,
            headers(
                "X-RateLimit-Limit: 20",
                "X-RateLimit-Remaining: 0",
                "X-RateLimit-Reset: " + NOW.plusSeconds(45).toEpochMilli()),
            ProviderLimits.builder()
                .retryAfter(Duration.ofSeconds(45))
                .requests(quota(20L, 0L, "PT45S"))),
        Arguments.of(
            "xAI",
            200,
            headers(
                "x-ratelimit-limit-requests: 480",
                "x-ratelimit-limit-tokens: 4000000",
                "x-ratelimit-remaining-requests: 479",
                "x-ratelimit-remaining-tokens: 3999900"),
            ProviderLimits.builder()
                .requests(quota(480L, 479L, null))
                .tokens(quota(4000000L, 3999900L, null))),
        Arguments.of(
            "Together",
            200,
            headers(
                "x-ratelimit-limit: 10",
                "x-ratelimit-remaining: 9",
                "x-ratelimit-reset: 1",
                "x-tokenlimit-limit: 3000",
                "x-tokenlimit-remaining: 2990"),
            ProviderLimits.builder()
                .requests(quota(10L, 9L, "PT1S"))
                .tokens(quota(3000L, 2990L, null))),
        Arguments.of(
            "Fireworks",
            200,
            headers(
                "x-ratelimit-limit-requests: 6000",
                "x-ratelimit-limit-tokens-prompt: 60000",
                "x-ratelimit-remaining-tokens-prompt: 59985",
                "x-ratelimit-limit-tokens-generated: 6000",
                "x-ratelimit-over-limit: no"),
            ProviderLimits.builder()
                .requests(quota(6000L, null, null))
                .inputTokens(quota(60000L, 59985L, null))
                .outputTokens(quota(6000L, null, null))),
        Arguments.of(
            "Cerebras",
            200,
            headers(
                "x-ratelimit-limit-requests-day: 14400",
                "x-ratelimit-remaining-requests-day: 14399",
                "x-ratelimit-reset-requests-day: 33011.382867",
                "x-ratelimit-limit-tokens-minute: 60000",
                "x-ratelimit-remaining-tokens-minute: 59000",
                "x-ratelimit-reset-tokens-minute: 11.382"),
            ProviderLimits.builder()
                .requests(quota(14400L, 14399L, "PT9H10M11.382867S"))
                .tokens(quota(60000L, 59000L, "PT11.382S"))),
        Arguments.of(
            "IETF, early draft",
            200,
            headers(
                "RateLimit-Limit: 100, 100;w=60", "RateLimit-Remaining: 7", "RateLimit-Reset: 3"),
            ProviderLimits.builder().requests(quota(100L, 7L, "PT3S"))),
        Arguments.of(
            "IETF, late draft",
            200,
            headers("RateLimit-Policy: \"default\";q=100;w=60", "RateLimit: \"default\";r=50;t=30"),
            ProviderLimits.builder().requests(quota(null, 50L, "PT30S"))),
        Arguments.of("DeepSeek", 200, headers("x-ds-trace-id: 1"), ProviderLimits.builder()),
        Arguments.of("Bedrock", 429, headers("x-amzn-requestid: 1"), ProviderLimits.builder()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("providers")
  void of_eachProvidersHeaders(
      String provider,
      int status,
      Map<String, List<String>> headers,
      ProviderLimits.Builder expected) {
    ProviderLimits limits = ProviderLimits.of(status, headers, null, NOW);

    assertThat(limits).isEqualTo(expected.build()).hasSameHashCodeAs(expected.build());
    assertThat(limits.isEmpty()).isEqualTo(limits.equals(ProviderLimits.none()));
  }

  @Test
  void of_bodyOfGemini_saysHowLongToWait() {
    String body =
        """
        {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [
          {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.07s"}]}}
        """;

    assertThat(ProviderLimits.of(429, Map.of(), body).retryAfter())
        .contains(Duration.ofMillis(34_070));
    assertThat(ProviderLimits.of(429, headers("retry-after: 3"), body).retryAfter())
        .contains(Duration.ofSeconds(3));
    assertThat(ProviderLimits.of(200, Map.of(), body).retryAfter()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | PT0S",
        "1.5 | PT1.5S",
        "Sun, 01 Mar 2026 12:00:07 GMT | PT7S",
        "1s | PT1S",
        "Sun, 01 Mar 2026 11:59:59 GMT | ",
        "Sun, 01 Mar 2126 12:00:00 GMT | ",
        "-1 | ",
        "1e9 | ",
        "NaN | ",
        "99999999999999999999 | ",
        "2678401 | ",
        "soon | ",
        "'' | ",
        "1s2x | "
      })
  void retryAfter_ofHostileValues(String value, @Nullable Duration expected) {
    Map<String, List<String>> headers = Map.of("Retry-After", List.of(value));

    assertThat(ProviderLimits.of(503, headers, null, NOW).retryAfter().orElse(null))
        .isEqualTo(expected);
    assertThat(ProviderLimits.of(200, headers, null, NOW).retryAfter()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "remaining, -1",
    "remaining, 99999999999999999999",
    "remaining, many",
    "remaining, ''",
    "reset, -5",
    "reset, 1999-01-01T00:00:00Z",
    "reset, +999999999-12-31T23:59:59Z",
    "reset, 999999999999999",
    "reset, T",
    "reset, 5m-1s",
    "limit, 0x10"
  })
  void quota_ofHostileValues_isUntold(String kind, String value) {
    Map<String, List<String>> headers = Map.of("x-ratelimit-" + kind + "-tokens", List.of(value));

    assertThat(ProviderLimits.of(429, headers, null, NOW)).isEqualTo(ProviderLimits.none());
  }

  @Test
  void of_oddMaps_isUntold() {
    Map<String, List<String>> headers = new HashMap<>();
    headers.put(null, List.of("HTTP/1.1 429"));
    headers.put("retry-after", null);
    headers.put("x-ratelimit-limit", List.of());
    headers.put("x-ratelimit-reset", Arrays.asList((String) null));
    headers.put("x-ratelimit-", List.of("1"));
    headers.put("ratelimit", List.of("r=" + "9".repeat(10_000)));

    assertThat(ProviderLimits.of(429, headers, "\"retryDelay\": \"...s\"").isEmpty()).isTrue();
  }

  @Test
  void of_anyText_neverThrows() {
    Random random = new Random(7);
    String alphabet = "0123456789.:-+TZdhmsµe;=,r \"";
    List<String> names =
        List.of(
            "retry-after",
            "retry-after-ms",
            "x-ratelimit-reset",
            "ratelimit",
            "date",
            "anthropic-ratelimit-tokens-reset",
            "x-ratelimit-remaining-requests");
    for (int round = 0; round < 5_000; round++) {
      Map<String, List<String>> headers = new LinkedHashMap<>();
      for (String name : names) {
        StringBuilder value = new StringBuilder();
        for (int i = random.nextInt(24); i > 0; i--) {
          value.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        headers.put(name, List.of(value.toString()));
      }
      ProviderLimits limits =
          ProviderLimits.of(429, headers, "\"retryDelay\":\"" + headers.get("date").get(0) + "s\"");

      assertThat(limits.retryAfter().orElse(Duration.ZERO))
          .isBetween(Duration.ZERO, Duration.ofDays(ProviderLimits.MOST_DAYS));
    }
  }

  @Test
  void builders_refuseNegativeValues() {
    assertThatThrownBy(() -> ProviderLimits.builder().retryAfter(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT-0.001S");
    assertThatThrownBy(() -> ProviderQuota.of(1L, -2L, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-2");
  }

  private static ProviderQuota quota(
      @Nullable Long limit, @Nullable Long remaining, @Nullable String reset) {
    return ProviderQuota.of(limit, remaining, reset == null ? null : Duration.parse(reset));
  }

  private static Map<String, List<String>> headers(String... lines) {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    for (String line : lines) {
      int colon = line.indexOf(": ");
      headers.put(line.substring(0, colon), List.of(line.substring(colon + 2)));
    }
    return headers;
  }
}
