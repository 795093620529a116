package dev.agentops.alerts.handler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.alerts.Notification;
import dev.agentops.ratelimit.RateLimits;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Shows alerts in a Slack channel, by an incoming webhook or by a bot; a bot turns the message
 * about what fires into a resolved one.
 *
 * <p>Sends at most one message a second. Without a bot, a resolved notice is a message of its own:
 * webhooks cannot change what they sent. Thread-safe.
 *
 * @see <a href="https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks">incoming
 *     webhooks</a>
 * @see <a href="https://docs.slack.dev/reference/methods/chat.postMessage">chat.postMessage</a>
 */
public final class SlackAlertHandler extends MessageAlertHandler {

  private static final RateLimits LIMITS =
      RateLimits.builder().requestsPerSecond(1).burst(1).build();

  private final SlackApi api;

  private SlackAlertHandler(Builder from, List<Secret> secrets) {
    super(from, Optional.of(LIMITS), secrets);
    this.api = from.api(channel());
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A handler for an incoming webhook, {@code https://hooks.slack.com/services/...}. */
  public static SlackAlertHandler webhook(String url) {
    return builder().webhookUrl(url).build();
  }

  @Override
  public void deliver(Notification notification) throws InterruptedException {
    api.send(notification, Detail.fit(d -> message(notification, d), SlackMessage::fits).json());
  }

  @Override
  boolean fits(Notification notification) {
    return message(notification, Detail.FULL).fits();
  }

  private SlackMessage message(Notification notification, Detail detail) {
    return new SlackMessage(notification, text(notification, detail));
  }

  /** How a message gets to Slack. */
  interface SlackApi {
    void send(Notification notification, ObjectNode message) throws InterruptedException;
  }

  /** Configures the handler: a webhook, or the token of a bot and a channel. Not thread-safe. */
  public static final class Builder extends MessageHandlerBuilder<Builder> {

    static final String DEFAULT_BASE_URL = "https://slack.com/api/";

    private @Nullable Secret webhook;
    private @Nullable Secret token;
    private @Nullable String channel;
    private String baseUrl = DEFAULT_BASE_URL;

    private Builder() {
      super("slack");
    }

    /**
     * The address of an incoming webhook, which is a secret.
     *
     * @throws IllegalArgumentException unless it is one of HTTPS, or on this machine
     */
    public Builder webhookUrl(String url) {
      this.webhook = Secret.url("the Slack webhook", url);
      return this;
    }

    /**
     * The token of a bot with the scope {@code chat:write}, such as {@code xoxb-...}.
     *
     * @throws IllegalArgumentException if it cannot be one
     */
    public Builder botToken(String token) {
      this.token = Secret.token("the Slack bot token", token);
      return this;
    }

    /**
     * Where the bot writes: the id of a channel such as {@code C024BE91L}, or its name.
     *
     * @throws IllegalArgumentException if it is blank
     */
    public Builder channel(String channel) {
      if (Objects.requireNonNull(channel, "channel").isBlank()) {
        throw new IllegalArgumentException("a Slack channel is not blank: '" + channel + "'");
      }
      this.channel = channel;
      return this;
    }

    /**
     * Where the bot finds Slack; for tests and proxies. Default: {@value #DEFAULT_BASE_URL}.
     *
     * @throws IllegalArgumentException unless it is one of HTTPS, or on this machine
     */
    public Builder baseUrl(String url) {
      Secret.requireHttp("the address of Slack", url);
      this.baseUrl = url.endsWith("/") ? url : url + "/";
      return this;
    }

    /**
     * Builds the handler.
     *
     * @throws IllegalStateException unless there is either a webhook or a bot with its channel
     */
    public SlackAlertHandler build() {
      boolean bot = token != null && channel != null;
      boolean half = !bot && (token != null || channel != null);
      if (half || bot == (webhook != null)) {
        throw new IllegalStateException(
            "a Slack handler has either a webhookUrl, or a botToken and a channel");
      }
      return new SlackAlertHandler(this, List.of(bot ? require(token) : require(webhook)));
    }

    @Override
    Builder self() {
      return this;
    }

    private SlackApi api(HttpChannel http) {
      return webhook == null
          ? new SlackBot(http, require(token), require(channel), baseUrl)
          : new SlackWebhook(http, webhook);
    }

    private static <T> T require(@Nullable T value) {
      return Objects.requireNonNull(value);
    }
  }
}
