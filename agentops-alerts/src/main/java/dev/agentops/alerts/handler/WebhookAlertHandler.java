package dev.agentops.alerts.handler;

import dev.agentops.Clock;
import dev.agentops.alerts.Notification;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Posts alerts to a web service of one's own, as Alertmanager does (version 4 of its webhook): what
 * understands Alertmanager understands this.
 *
 * <p>Every status from 200 to 299 means that it was taken. With an HMAC key the receiver can know
 * that it was us: the signature is the lower-case hexadecimal HMAC-SHA256 of the body or, with a
 * timestamp, of the seconds since 1970, a colon and the body, as Grafana has it. Sends as often as
 * there is something to send. Thread-safe.
 *
 * @see <a href="https://prometheus.io/docs/alerting/latest/configuration/#webhook_config">the
 *     webhook of Alertmanager</a>
 */
public final class WebhookAlertHandler extends HttpAlertHandler {

  private final Secret url;
  private final @Nullable Secret bearerToken;
  private final @Nullable Secret hmacKey;
  private final String signatureHeader;
  private final @Nullable String timestampHeader;
  private final Clock clock;

  private WebhookAlertHandler(Builder from, Secret url, List<Secret> secrets) {
    super(from, Optional.empty(), secrets);
    this.url = url;
    this.bearerToken = from.bearerToken;
    this.hmacKey = from.hmacKey;
    this.signatureHeader = from.signatureHeader;
    this.timestampHeader = from.timestampHeader;
    this.clock = from.clock;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A handler without a signature. */
  public static WebhookAlertHandler to(String url) {
    return builder().url(url).build();
  }

  @Override
  public void deliver(Notification notification) throws InterruptedException {
    byte[] body = HttpChannel.bytes(AlertmanagerJson.webhook(notification));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url.uri())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(body));
    if (bearerToken != null) {
      request.header("Authorization", "Bearer " + bearerToken.value());
    }
    if (hmacKey != null) {
      sign(request, hmacKey.value(), body);
    }
    channel().send(request).requireSuccess();
  }

  private void sign(HttpRequest.Builder request, String key, byte[] body) {
    byte[] prefix = {};
    if (timestampHeader != null) {
      String seconds = Long.toString(clock.now().getEpochSecond());
      request.header(timestampHeader, seconds);
      prefix = (seconds + ":").getBytes(StandardCharsets.UTF_8);
    }
    request.header(signatureHeader, HexFormat.of().formatHex(Hmac.sha256(key, prefix, body)));
  }

  /** Configures the handler; the URL is required. Not thread-safe. */
  public static final class Builder extends HttpHandlerBuilder<Builder> {

    static final String DEFAULT_SIGNATURE_HEADER = "X-Grafana-Alerting-Signature";

    private @Nullable Secret url;
    private @Nullable Secret bearerToken;
    private @Nullable Secret hmacKey;
    private String signatureHeader = DEFAULT_SIGNATURE_HEADER;
    private @Nullable String timestampHeader;
    private Clock clock = Clock.system();

    private Builder() {
      super("webhook");
    }

    /**
     * Where to post; treated as a secret, but for its host.
     *
     * @throws IllegalArgumentException unless it is one of HTTPS, or on this machine
     */
    public Builder url(String url) {
      this.url = Secret.url("the webhook", url);
      return this;
    }

    /**
     * A token for the header {@code Authorization}. Default: none.
     *
     * @throws IllegalArgumentException if no header can hold it
     */
    public Builder bearerToken(String token) {
      this.bearerToken = Secret.token("the bearer token", token);
      return this;
    }

    /**
     * The key of the signature; visible ASCII. Default: none, and no signature.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public Builder hmacKey(String key) {
      this.hmacKey = Secret.token("the HMAC key", key);
      return this;
    }

    /**
     * The header of the signature. Default: {@value #DEFAULT_SIGNATURE_HEADER}.
     *
     * @throws IllegalArgumentException if no header can have that name
     */
    public Builder signatureHeader(String name) {
      this.signatureHeader = requireHeader(name);
      return this;
    }

    /**
     * The header of the seconds since 1970, which then are signed, too: a receiver can refuse what
     * was recorded and comes again. Default: none.
     *
     * @throws IllegalArgumentException if no header can have that name
     */
    public Builder timestampHeader(String name) {
      this.timestampHeader = requireHeader(name);
      return this;
    }

    /** Where timestamps come from. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Builds the handler.
     *
     * @throws NullPointerException if there is no URL
     */
    public WebhookAlertHandler build() {
      Secret to = Objects.requireNonNull(url, "url");
      List<Secret> secrets = new ArrayList<>(List.of(to));
      Optional.ofNullable(bearerToken).ifPresent(secrets::add);
      Optional.ofNullable(hmacKey).ifPresent(secrets::add);
      return new WebhookAlertHandler(this, to, secrets);
    }

    private static String requireHeader(String name) {
      if (!name.matches("[A-Za-z0-9-]+")) {
        throw new IllegalArgumentException(
            "the name of a header is letters, digits and -: '" + name + "'");
      }
      return name;
    }

    @Override
    Builder self() {
      return this;
    }
  }
}
