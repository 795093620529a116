package dev.agentops.alerts.handler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.alerts.DeliveryException;
import dev.agentops.alerts.Notification;
import dev.agentops.ratelimit.RateLimits;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Shows alerts in a channel or chat of Microsoft Teams, by a workflow with the trigger "When a
 * Teams webhook request is received": an adaptive card.
 *
 * <p>Sends at most one message a second. That a workflow took a card says nothing of whether its
 * later steps work. Thread-safe.
 *
 * @see <a
 *     href="https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook">webhooks
 *     of Teams</a>
 */
public final class TeamsAlertHandler extends MessageAlertHandler {

  private static final RateLimits LIMITS =
      RateLimits.builder().requestsPerSecond(1).burst(1).build();

  /** Somewhat less than the 28 KB that Teams allows for a card. */
  private static final int MAX_BYTES = 27_000;

  /** What an old connector says, in an answer whose status tells of success. */
  private static final Pattern CONNECTOR_ERROR =
      Pattern.compile("Microsoft Teams endpoint returned HTTP error (\\d{3})");

  private final URI uri;

  private TeamsAlertHandler(Builder from, Secret webhook) {
    super(from, Optional.of(LIMITS), List.of(webhook));
    this.uri = webhook.uri();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A handler for the address that a workflow shows. */
  public static TeamsAlertHandler webhook(String url) {
    return builder().webhookUrl(url).build();
  }

  @Override
  public void deliver(Notification notification) throws InterruptedException {
    ObjectNode card = Detail.fit(detail -> card(notification, detail), TeamsAlertHandler::fits);
    HttpReply reply = channel().postJson(uri, card).requireSuccess();
    Matcher error = CONNECTOR_ERROR.matcher(reply.body());
    if (error.find()) {
      throw connectorFailure(reply, Integer.parseInt(error.group(1)));
    }
  }

  @Override
  boolean fits(Notification notification) {
    return fits(card(notification, Detail.FULL));
  }

  private static boolean fits(ObjectNode card) {
    return HttpChannel.bytes(card).length <= MAX_BYTES;
  }

  private ObjectNode card(Notification notification, Detail detail) {
    return new TeamsCard(notification, text(notification, detail)).json();
  }

  private static DeliveryException connectorFailure(HttpReply reply, int status) {
    return HttpReply.mayPass(status) ? reply.retry(reply.body()) : reply.permanent(reply.body());
  }

  /** Configures the handler; the address of the workflow is required. Not thread-safe. */
  public static final class Builder extends MessageHandlerBuilder<Builder> {

    private @Nullable Secret webhook;

    private Builder() {
      super("teams");
    }

    /**
     * The address that the workflow shows, with its {@code sig}: it is a secret.
     *
     * @throws IllegalArgumentException unless it is one of HTTPS, or on this machine
     */
    public Builder webhookUrl(String url) {
      this.webhook = Secret.url("the Teams webhook", url);
      return this;
    }

    /**
     * Builds the handler.
     *
     * @throws NullPointerException if there is no address
     */
    public TeamsAlertHandler build() {
      return new TeamsAlertHandler(this, Objects.requireNonNull(webhook, "webhookUrl"));
    }

    @Override
    Builder self() {
      return this;
    }
  }
}
