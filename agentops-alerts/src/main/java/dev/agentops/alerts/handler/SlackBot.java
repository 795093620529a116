package dev.agentops.alerts.handler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.alerts.Alert;
import dev.agentops.alerts.AlertState;
import dev.agentops.alerts.DeliveryException;
import dev.agentops.alerts.Notification;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A bot: posts what fires, and changes that message when all of it is resolved. Thread-safe.
 *
 * <p>Keeps in memory which message that is, for the latest {@value #REMEMBERED} groups; if it does
 * not know, or Slack refuses to change it, the resolved notice is a message of its own.
 */
final class SlackBot implements SlackAlertHandler.SlackApi {

  static final int REMEMBERED = 1_000;

  /** What may be over in a moment. */
  private static final Set<String> PASSING =
      Set.of(
          "ratelimited",
          "rate_limited",
          "message_limit_exceeded",
          "request_timeout",
          "service_unavailable",
          "internal_error",
          "fatal_error",
          "team_added_to_org");

  /** What somebody must set right in Slack. */
  private static final Set<String> POLICY =
      Set.of(
          "ekm_access_denied",
          "restricted_action",
          "restricted_action_read_only_channel",
          "restricted_action_thread_locked",
          "restricted_action_thread_only_channel",
          "team_access_not_granted",
          "access_denied",
          "org_login_required");

  /** Where a message cannot be changed any more, a new one does as well. */
  private static final Set<String> UNCHANGEABLE =
      Set.of("message_not_found", "cant_update_message", "edit_window_closed");

  private final HttpChannel http;
  private final Secret token;
  private final String channel;
  private final URI post;
  private final URI update;

  // guarded by itself
  private final Map<String, Sent> latest =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Sent> eldest) {
          return size() > REMEMBERED;
        }
      };

  SlackBot(HttpChannel http, Secret token, String channel, String baseUrl) {
    this.http = http;
    this.token = token;
    this.channel = channel;
    this.post = URI.create(baseUrl + "chat.postMessage");
    this.update = URI.create(baseUrl + "chat.update");
  }

  @Override
  public void send(Notification notification, ObjectNode message) throws InterruptedException {
    Set<String> alerts =
        notification.alerts().stream().map(Alert::fingerprint).collect(Collectors.toSet());
    boolean resolved = notification.state() == AlertState.RESOLVED;
    Sent sent = latest(notification.groupKey());
    if (resolved && sent != null && alerts.containsAll(sent.alerts)) {
      if (!changed(sent, message)) {
        post(message);
      }
      forget(notification.groupKey());
    } else {
      HttpReply reply = post(message);
      if (!resolved) {
        remember(notification.groupKey(), reply, alerts);
      }
    }
  }

  private HttpReply post(ObjectNode message) throws InterruptedException {
    HttpReply reply = call(post, message.deepCopy().put("channel", channel));
    if (!reply.json().path("ok").asBoolean()) {
      throw failure(reply);
    }
    return reply;
  }

  private boolean changed(Sent sent, ObjectNode message) throws InterruptedException {
    HttpReply reply =
        call(update, message.deepCopy().put("channel", sent.channel).put("ts", sent.ts));
    if (reply.json().path("ok").asBoolean()) {
      return true;
    }
    if (UNCHANGEABLE.contains(error(reply))) {
      return false;
    }
    throw failure(reply);
  }

  private HttpReply call(URI method, ObjectNode message) throws InterruptedException {
    return http.send(
            HttpRequest.newBuilder(method)
                .header("Authorization", "Bearer " + token.value())
                .header("Content-Type", "application/json; charset=utf-8")
                .POST(BodyPublishers.ofByteArray(HttpChannel.bytes(message))))
        .requireSuccess();
  }

  /** Slack says what is wrong in an answer whose status tells of success. */
  private static DeliveryException failure(HttpReply reply) {
    String error = error(reply);
    if (error.isEmpty() || PASSING.contains(error)) {
      return reply.retry(reply.body());
    }
    return POLICY.contains(error) ? reply.rejected(reply.body()) : reply.permanent(reply.body());
  }

  private static String error(HttpReply reply) {
    return reply.json().path("error").asText("");
  }

  private @Nullable Sent latest(String groupKey) {
    synchronized (latest) {
      return latest.get(groupKey);
    }
  }

  private void remember(String groupKey, HttpReply reply, Set<String> alerts) {
    String ts = reply.json().path("ts").asText("");
    if (!ts.isEmpty()) {
      synchronized (latest) {
        latest.remove(groupKey); // so that it counts as new
        latest.put(groupKey, new Sent(reply.json().path("channel").asText(channel), ts, alerts));
      }
    }
  }

  private void forget(String groupKey) {
    synchronized (latest) {
      latest.remove(groupKey);
    }
  }

  private record Sent(String channel, String ts, Set<String> alerts) {}
}
