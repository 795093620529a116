package dev.agentops.alerts.handler;

import dev.agentops.alerts.Alert;
import dev.agentops.alerts.AlertState;
import dev.agentops.alerts.Notification;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A notification as texts for people; not yet escaped for any channel. Immutable. */
final class MessageText {

  private static final int TITLE_NAMES = 3;
  private static final int TITLE_LIMIT = 140;

  private final String title;
  private final @Nullable String custom;
  private final List<AlertText> alerts;
  private final long truncated;
  private final Optional<URI> more;

  private MessageText(
      Notification notification, Detail detail, String title, @Nullable String custom) {
    this.title = TextUnit.CODE_POINTS.cut(title, TITLE_LIMIT);
    this.custom = custom == null ? null : detail.cut(PlainText.cleanLines(custom));
    boolean oneName = notification.commonLabels().containsKey(Alert.ALERTNAME);
    this.alerts =
        notification.alerts().stream().map(alert -> AlertText.of(alert, detail, !oneName)).toList();
    this.truncated = notification.truncatedAlerts();
    this.more = notification.externalUrl();
  }

  /**
   * The texts of a notification.
   *
   * @param title null means {@link #title(Notification)}
   * @param custom what stands for the alerts; null means {@link #alerts()}
   */
  static MessageText of(
      Notification notification, Detail detail, @Nullable String title, @Nullable String custom) {
    return new MessageText(
        notification, detail, title == null ? title(notification) : PlainText.clean(title), custom);
  }

  /** Such as {@code [FIRING:2] HighErrorRate}. */
  static String title(Notification notification) {
    int firing = notification.firing().size();
    int resolved = notification.resolved().size();
    List<String> states = new ArrayList<>();
    if (firing > 0) {
      states.add(AlertState.FIRING + ":" + firing);
    }
    if (resolved > 0) {
      states.add(AlertState.RESOLVED + ":" + resolved);
    }
    if (states.isEmpty()) {
      states.add(AlertState.PENDING + ":" + notification.alerts().size());
    }
    return "[" + String.join(", ", states) + "] " + names(notification.alerts());
  }

  private static String names(List<Alert> alerts) {
    Set<String> names = new LinkedHashSet<>();
    for (Alert alert : alerts) {
      names.add(PlainText.clean(alert.labels().getOrDefault(Alert.ALERTNAME, alert.message())));
    }
    String first = String.join(", ", names.stream().limit(TITLE_NAMES).toList());
    return names.size() <= TITLE_NAMES
        ? first
        : first + " … (+" + (names.size() - TITLE_NAMES) + " more)";
  }

  /** One line, of at most {@value #TITLE_LIMIT} code points. */
  String title() {
    return title;
  }

  /** What the user wants to see instead of the alerts; may have several lines. */
  Optional<String> custom() {
    return Optional.ofNullable(custom);
  }

  List<AlertText> alerts() {
    return alerts;
  }

  /** Tells of alerts that were left out, and where there is more. */
  Optional<String> footer(Markup markup) {
    List<String> lines = new ArrayList<>();
    if (truncated > 0) {
      lines.add(markup.text("… (+" + truncated + " more alerts)"));
    }
    more.ifPresent(uri -> lines.add(markup.link("More", uri)));
    return lines.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", lines));
  }

  /** What stands below the title: alerts apart by an empty line. */
  String body(Markup markup) {
    List<String> paragraphs = new ArrayList<>();
    if (custom == null) {
      alerts.forEach(alert -> paragraphs.add(String.join("\n", alert.lines(markup))));
    } else {
      paragraphs.add(markup.text(custom));
    }
    footer(markup).ifPresent(paragraphs::add);
    return String.join("\n\n", paragraphs);
  }
}
