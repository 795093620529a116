package dev.agentops.alerts.handler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.alerts.Notification;
import dev.agentops.ratelimit.RateLimits;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Shows alerts in a chat of Telegram, by a bot.
 *
 * <p>Sends at most one message every three seconds, as groups allow. When the group becomes a
 * supergroup it is found under its new id, until a restart: then that id must be configured.
 * Thread-safe.
 *
 * @see <a href="https://core.telegram.org/bots/api#sendmessage">sendMessage</a>
 */
public final class TelegramAlertHandler extends MessageAlertHandler {

  private static final RateLimits LIMITS =
      RateLimits.builder().requestsPerMinute(20).burst(1).build();

  private static final int MAX_CHARS = 4_096;

  private final Secret url;
  private final OptionalInt threadId;
  private volatile String chatId;

  private TelegramAlertHandler(Builder from, Secret token, String chatId) {
    this(from, token, chatId, from.sendMessage(token));
  }

  private TelegramAlertHandler(Builder from, Secret token, String chatId, Secret url) {
    super(from, Optional.of(LIMITS), List.of(token, url));
    this.url = url;
    this.chatId = chatId;
    this.threadId = from.threadId;
  }

  public static Builder builder() {
    return new Builder();
  }

  @Override
  public void deliver(Notification notification) throws InterruptedException {
    String html = Detail.fit(detail -> html(notification, detail), TelegramAlertHandler::fits);
    HttpReply reply = send(html);
    JsonNode movedTo = reply.json().at("/parameters/migrate_to_chat_id");
    if (movedTo.isIntegralNumber()) {
      chatId = movedTo.asText();
      reply = send(html);
    }
    requireOk(reply);
  }

  private HttpReply send(String html) throws InterruptedException {
    ObjectNode message =
        HttpChannel.JSON
            .createObjectNode()
            .put("chat_id", chatId)
            .put("text", html)
            .put("parse_mode", "HTML")
            .put("disable_web_page_preview", true);
    threadId.ifPresent(id -> message.put("message_thread_id", id));
    return channel().postJson(url.uri(), message);
  }

  private static void requireOk(HttpReply reply) {
    if (!reply.requireSuccess().json().path("ok").asBoolean()) {
      int code = reply.json().path("error_code").asInt();
      throw code == 0 || HttpReply.mayPass(code)
          ? reply.retry(reply.body())
          : reply.permanent(reply.body());
    }
  }

  @Override
  boolean fits(Notification notification) {
    return fits(html(notification, Detail.FULL));
  }

  /** Telegram does not count the tags: this is on the safe side. */
  private static boolean fits(String html) {
    return html.length() <= MAX_CHARS;
  }

  private String html(Notification notification, Detail detail) {
    MessageText text = text(notification, detail);
    return Markup.HTML.bold(Markup.HTML.text(text.title())) + "\n\n" + text.body(Markup.HTML);
  }

  /** Configures the handler; token and chat are required. Not thread-safe. */
  public static final class Builder extends MessageHandlerBuilder<Builder> {

    static final String DEFAULT_BASE_URL = "https://api.telegram.org";

    private @Nullable Secret token;
    private @Nullable String chatId;
    private OptionalInt threadId = OptionalInt.empty();
    private String baseUrl = DEFAULT_BASE_URL;

    private Builder() {
      super("telegram");
    }

    /**
     * The token of the bot, such as {@code 110201543:AAH...}.
     *
     * @throws IllegalArgumentException if it cannot be one
     */
    public Builder botToken(String token) {
      this.token = Secret.token("the Telegram bot token", token);
      return this;
    }

    /**
     * The chat: its number, negative for groups, or {@code @name} of a public channel.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public Builder chatId(String chatId) {
      if (!chatId.matches("-?\\d{1,19}|@\\w{1,64}")) {
        throw new IllegalArgumentException(
            "a Telegram chat is a number or @name: '" + chatId + "'");
      }
      this.chatId = chatId;
      return this;
    }

    /**
     * The topic of a group that has topics. Default: none.
     *
     * @throws IllegalArgumentException unless it is positive
     */
    public Builder messageThreadId(int id) {
      if (id <= 0) {
        throw new IllegalArgumentException("a Telegram thread is a positive number: " + id);
      }
      this.threadId = OptionalInt.of(id);
      return this;
    }

    /**
     * Where Telegram is found; for tests and for a Bot API server of one's own. Default: {@value
     * #DEFAULT_BASE_URL}.
     *
     * @throws IllegalArgumentException unless it is one of HTTPS, or on this machine
     */
    public Builder baseUrl(String url) {
      Secret.requireHttp("the address of Telegram", url);
      this.baseUrl = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
      return this;
    }

    /**
     * Builds the handler.
     *
     * @throws NullPointerException if the token or the chat is missing
     */
    public TelegramAlertHandler build() {
      return new TelegramAlertHandler(
          this,
          Objects.requireNonNull(token, "botToken"),
          Objects.requireNonNull(chatId, "chatId"));
    }

    private Secret sendMessage(Secret token) {
      return Secret.url(
          "the address of Telegram with the token",
          baseUrl + "/bot" + token.value() + "/sendMessage");
    }

    @Override
    Builder self() {
      return this;
    }
  }
}
