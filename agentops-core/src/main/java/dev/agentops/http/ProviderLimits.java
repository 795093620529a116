package dev.agentops.http;

import dev.agentops.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an answer of a provider says of its rate limits. Immutable, hence thread-safe.
 *
 * <p>Read from these headers, the names of which disregard case:
 *
 * <ul>
 *   <li>{@code Retry-After} in seconds or as a date, {@code retry-after-ms}
 *   <li>{@code x-ratelimit-{limit,remaining,reset}[-requests|-tokens|...]} of OpenAI, Azure, Groq,
 *       Mistral, xAI, OpenRouter, Together, Cerebras and Fireworks; where limits of several windows
 *       are told, such as minute and day, the one of which least is left
 *   <li>{@code anthropic-ratelimit-{requests,tokens,...}-{limit,remaining,reset}}
 *   <li>{@code ratelimit-*} and {@code ratelimit} of the IETF drafts
 * </ul>
 *
 * <p>Times are from the moment of the answer, which is that of its {@code Date} header where it has
 * one, so that clocks need not agree. What makes no sense is ignored: negative numbers, times in
 * the past or more than {@value #MOST_DAYS} days ahead, words. DeepSeek, Bedrock and local servers
 * tell nothing.
 */
public final class ProviderLimits {

  /** A wait longer than {@value} days is taken for a mistake. */
  public static final int MOST_DAYS = 31;

  private static final ProviderLimits NONE = builder().build();

  private final @Nullable Duration retryAfter;
  private final ProviderQuota requests;
  private final ProviderQuota tokens;
  private final ProviderQuota inputTokens;
  private final ProviderQuota outputTokens;

  private ProviderLimits(Builder from) {
    retryAfter = from.retryAfter;
    requests = from.requests;
    tokens = from.tokens;
    inputTokens = from.inputTokens;
    outputTokens = from.outputTokens;
  }

  /** Limits of which nothing is told. */
  public static ProviderLimits none() {
    return NONE;
  }

  /**
   * What the headers of an answer say.
   *
   * @param status of the answer; zero where there was none
   */
  public static ProviderLimits of(int status, Map<String, List<String>> headers) {
    return of(status, headers, null);
  }

  /**
   * What the headers and the body of an answer say; in the body Gemini tells how long to wait, as
   * {@code retryDelay} of a {@code RetryInfo}.
   *
   * @param body of an error, such as the message of LangChain4j's exception; null for none
   */
  public static ProviderLimits of(
      int status, Map<String, List<String>> headers, @Nullable String body) {
    return of(status, headers, body, Clock.system().now());
  }

  static ProviderLimits of(
      int status, Map<String, List<String>> headers, @Nullable String body, Instant now) {
    return new LimitHeaders(headers, now).read(status, body);
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * How long to wait before the next request: what an answer of an error says, else, for status
   * 429, until the last of the limits that are exhausted is reset. Empty where neither is told.
   */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  public ProviderQuota requests() {
    return requests;
  }

  /** Tokens of input and output together. */
  public ProviderQuota tokens() {
    return tokens;
  }

  public ProviderQuota inputTokens() {
    return inputTokens;
  }

  public ProviderQuota outputTokens() {
    return outputTokens;
  }

  /** Whether nothing at all is told. */
  public boolean isEmpty() {
    return retryAfter == null
        && requests.isUntold()
        && tokens.isUntold()
        && inputTokens.isUntold()
        && outputTokens.isUntold();
  }

  @Override
  public boolean equals(@Nullable Object o) {
    return o instanceof ProviderLimits other
        && Objects.equals(retryAfter, other.retryAfter)
        && requests.equals(other.requests)
        && tokens.equals(other.tokens)
        && inputTokens.equals(other.inputTokens)
        && outputTokens.equals(other.outputTokens);
  }

  @Override
  public int hashCode() {
    return Objects.hash(retryAfter, requests, tokens, inputTokens, outputTokens);
  }

  @Override
  public String toString() {
    return "ProviderLimits{retryAfter "
        + retryAfter
        + ", requests "
        + requests
        + ", tokens "
        + tokens
        + ", inputTokens "
        + inputTokens
        + ", outputTokens "
        + outputTokens
        + '}';
  }

  /** Puts limits together, for tests and for providers that tell them in their own way. */
  public static final class Builder {

    private @Nullable Duration retryAfter;
    private ProviderQuota requests = ProviderQuota.untold();
    private ProviderQuota tokens = ProviderQuota.untold();
    private ProviderQuota inputTokens = ProviderQuota.untold();
    private ProviderQuota outputTokens = ProviderQuota.untold();

    private Builder() {}

    /**
     * How long to wait; null for untold.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public Builder retryAfter(@Nullable Duration retryAfter) {
      if (retryAfter != null && retryAfter.isNegative()) {
        throw new IllegalArgumentException("retryAfter must not be negative: " + retryAfter);
      }
      this.retryAfter = retryAfter;
      return this;
    }

    public Builder requests(ProviderQuota requests) {
      this.requests = Objects.requireNonNull(requests, "requests");
      return this;
    }

    /** Tokens of input and output together. */
    public Builder tokens(ProviderQuota tokens) {
      this.tokens = Objects.requireNonNull(tokens, "tokens");
      return this;
    }

    public Builder inputTokens(ProviderQuota inputTokens) {
      this.inputTokens = Objects.requireNonNull(inputTokens, "inputTokens");
      return this;
    }

    public Builder outputTokens(ProviderQuota outputTokens) {
      this.outputTokens = Objects.requireNonNull(outputTokens, "outputTokens");
      return this;
    }

    public ProviderLimits build() {
      return new ProviderLimits(this);
    }
  }
}
