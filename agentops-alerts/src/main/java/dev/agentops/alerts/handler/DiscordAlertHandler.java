package dev.agentops.alerts.handler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.alerts.Notification;
import dev.agentops.ratelimit.RateLimits;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Shows alerts in a Discord channel, by a webhook: an embed with a bar in the colour of the level.
 * Nobody is mentioned, whatever a text says.
 *
 * <p>Sends at most one message every two seconds. Thread-safe.
 *
 * @see <a href="https://discord.com/developers/docs/resources/webhook#execute-webhook">Execute
 *     Webhook</a>
 */
public final class DiscordAlertHandler extends MessageAlertHandler {

  private static final RateLimits LIMITS =
      RateLimits.builder().requestsPerMinute(30).burst(1).build();

  private static final int MAX_DESCRIPTION_CHARS = 4_096;

  /** Half of what Discord allows, since every sign may need a backslash. */
  private static final int MAX_TITLE_CHARS = 256 / 2;

  private final URI uri;

  private DiscordAlertHandler(Builder from, Secret webhook) {
    super(from, Optional.of(LIMITS), List.of(webhook));
    this.uri = waiting(webhook.uri());
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A handler for a webhook, {@code https://discord.com/api/webhooks/...}. */
  public static DiscordAlertHandler webhook(String url) {
    return builder().webhookUrl(url).build();
  }

  @Override
  public void deliver(Notification notification) throws InterruptedException {
    ObjectNode message =
        Detail.fit(detail -> message(notification, detail), DiscordAlertHandler::fits);
    HttpReply reply = channel().postJson(uri, message).requireSuccess();
    if (reply.status() != 204 && reply.json().path("id").asText("").isEmpty()) {
      throw reply.retry(reply.body()); // somebody between us and Discord answered
    }
  }

  @Override
  boolean fits(Notification notification) {
    return fits(message(notification, Detail.FULL));
  }

  private static boolean fits(ObjectNode message) {
    return message.at("/embeds/0/description").asText().length() <= MAX_DESCRIPTION_CHARS;
  }

  private ObjectNode message(Notification notification, Detail detail) {
    MessageText text = text(notification, detail);
    ObjectNode message = HttpChannel.JSON.createObjectNode();
    message.putObject("allowed_mentions").putArray("parse");
    message
        .putArray("embeds")
        .addObject()
        .put("title", Markup.MARKDOWN.text(TextUnit.CHARS.cut(text.title(), MAX_TITLE_CHARS)))
        .put("description", text.body(Markup.MARKDOWN))
        .put("color", LevelColor.of(notification).rgb())
        .put("timestamp", notification.timestamp().toString());
    return message;
  }

  /** Asks to be told if the message was not saved. */
  private static URI waiting(URI webhook) {
    return URI.create(webhook + (webhook.getRawQuery() == null ? "?" : "&") + "wait=true");
  }

  /** Configures the handler; the webhook is required. Not thread-safe. */
  public static final class Builder extends MessageHandlerBuilder<Builder> {

    private @Nullable Secret webhook;

    private Builder() {
      super("discord");
    }

    /**
     * The address of the webhook, which is a secret; with {@code ?thread_id=...} it writes to a
     * thread.
     *
     * @throws IllegalArgumentException unless it is one of HTTPS, or on this machine
     */
    public Builder webhookUrl(String url) {
      this.webhook = Secret.url("the Discord webhook", url);
      return this;
    }

    /**
     * Builds the handler.
     *
     * @throws NullPointerException if there is no webhook
     */
    public DiscordAlertHandler build() {
      return new DiscordAlertHandler(this, Objects.requireNonNull(webhook, "webhookUrl"));
    }

    @Override
    Builder self() {
      return this;
    }
  }
}
