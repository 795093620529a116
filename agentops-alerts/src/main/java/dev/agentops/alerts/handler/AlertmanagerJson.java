package dev.agentops.alerts.handler;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.alerts.Alert;
import dev.agentops.alerts.AlertState;
import dev.agentops.alerts.Notification;
import java.net.URI;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Notifications as Alertmanager writes them, version 4 of its webhook.
 *
 * <p>Alertmanager knows neither a message nor metadata: they become annotations, the message as
 * {@code summary}, unless there are such already.
 *
 * @see <a
 *     href="https://prometheus.io/docs/alerting/latest/configuration/#webhook_config">webhook</a>
 */
final class AlertmanagerJson {

  private static final String SUMMARY = "summary";

  /** Go's zero time: not known. */
  private static final String NO_TIME = "0001-01-01T00:00:00Z";

  private AlertmanagerJson() {}

  /** The body of a webhook. */
  static ObjectNode webhook(Notification notification) {
    ObjectNode json = HttpChannel.JSON.createObjectNode();
    json.put("receiver", notification.receiver());
    json.put("status", status(notification.state()));
    ArrayNode alerts = json.putArray("alerts");
    notification.alerts().forEach(alert -> alerts.add(alert(alert)));
    put(json.putObject("groupLabels"), notification.groupLabels());
    put(json.putObject("commonLabels"), notification.commonLabels());
    put(json.putObject("commonAnnotations"), commonAnnotations(notification));
    json.put("externalURL", notification.externalUrl().map(URI::toString).orElse(""));
    json.put("version", "4");
    json.put("groupKey", PlainText.wellFormed(notification.groupKey()));
    json.put("truncatedAlerts", notification.truncatedAlerts());
    return json;
  }

  /** The annotations of an alert, with its message and its metadata among them. */
  static SortedMap<String, String> annotations(Alert alert) {
    SortedMap<String, String> annotations = new TreeMap<>(alert.annotations());
    annotations.putIfAbsent(SUMMARY, alert.message());
    alert
        .metadata()
        .forEach((name, value) -> annotations.putIfAbsent(labelName(name), PlainText.of(value)));
    return annotations;
  }

  private static ObjectNode alert(Alert alert) {
    ObjectNode json = HttpChannel.JSON.createObjectNode();
    boolean resolved = alert.state() == AlertState.RESOLVED;
    json.put("status", status(alert.state()));
    put(json.putObject("labels"), alert.labels());
    put(json.putObject("annotations"), annotations(alert));
    json.put("startsAt", alert.startsAt().toString());
    json.put("endsAt", resolved ? alert.endsAt().map(Instant::toString).orElse(NO_TIME) : NO_TIME);
    json.put("generatorURL", alert.generatorUrl().map(URI::toString).orElse(""));
    json.put("fingerprint", alert.fingerprint());
    return json;
  }

  private static SortedMap<String, String> commonAnnotations(Notification notification) {
    SortedMap<String, String> common = annotations(notification.alerts().get(0));
    for (Alert alert : notification.alerts()) {
      common.entrySet().retainAll(annotations(alert).entrySet());
    }
    return common;
  }

  /** A name that Prometheus takes, as like this one as can be. */
  private static String labelName(String name) {
    String safe = name.replaceAll("[^a-zA-Z0-9_]", "_");
    return safe.isEmpty() || Character.isDigit(safe.charAt(0)) ? "_" + safe : safe;
  }

  private static String status(AlertState state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  private static void put(ObjectNode json, Map<String, String> texts) {
    texts.forEach((name, text) -> json.put(name, PlainText.wellFormed(text)));
  }
}
