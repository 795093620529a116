package dev.agentops.alerts.handler;

import dev.agentops.alerts.Alert;
import dev.agentops.alerts.AlertState;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One alert as texts for people; not yet escaped for any channel.
 *
 * @param headline level and message
 * @param facts labels, annotations, metadata, times, by name
 * @param links addresses by what they lead to
 * @param id tells which problem it is
 */
record AlertText(
    AlertState state,
    String headline,
    List<Map.Entry<String, String>> facts,
    Map<String, URI> links,
    String id) {

  private static final String RUNBOOK = "runbook_url";

  /**
   * The texts of an alert.
   *
   * @param named whether its name is to be shown; not if the title tells it
   */
  static AlertText of(Alert alert, Detail detail, boolean named) {
    Map<String, URI> links = new LinkedHashMap<>();
    Optional.ofNullable(alert.annotations().get(RUNBOOK))
        .flatMap(AlertText::address)
        .ifPresent(uri -> links.put("Runbook", uri));
    alert.generatorUrl().ifPresent(uri -> links.put("Source", uri));
    String mark = alert.state() == AlertState.FIRING ? "" : alert.state() + " ";
    return new AlertText(
        alert.state(),
        mark + alert.level() + " " + detail.cut(PlainText.clean(alert.message())),
        facts(alert, detail, named, links),
        links,
        alert.fingerprint());
  }

  /** The lines of this alert in a chat. */
  List<String> lines(Markup markup) {
    List<String> lines = new ArrayList<>();
    lines.add(markup.bold(markup.text(headline)));
    for (Map.Entry<String, String> fact : facts) {
      lines.add(markup.text(fact.getKey() + ": " + fact.getValue()));
    }
    links.forEach((label, uri) -> lines.add(markup.link(label, uri)));
    lines.add(markup.text("id " + id));
    return lines;
  }

  private static List<Map.Entry<String, String>> facts(
      Alert alert, Detail detail, boolean named, Map<String, URI> links) {
    List<Map.Entry<String, Object>> all = new ArrayList<>();
    alert
        .labels()
        .forEach(
            (name, value) -> {
              if (!name.equals(Alert.SEVERITY) && (named || !name.equals(Alert.ALERTNAME))) {
                all.add(Map.entry(name, value));
              }
            });
    alert.annotations().forEach((name, value) -> addAnnotation(all, links, name, value));
    alert.metadata().forEach((name, value) -> all.add(Map.entry(name, value)));
    all.add(Map.entry("since", seconds(alert.startsAt())));
    if (alert.state() == AlertState.RESOLVED) {
      alert.endsAt().ifPresent(end -> all.add(Map.entry("until", seconds(end))));
    }
    if (alert.occurrences() > 1) {
      all.add(Map.entry("times", alert.occurrences()));
    }
    List<Map.Entry<String, String>> facts = new ArrayList<>();
    for (Map.Entry<String, Object> fact : all.subList(0, Math.min(all.size(), detail.facts()))) {
      facts.add(
          Map.entry(
              detail.cut(PlainText.clean(fact.getKey())),
              detail.cut(PlainText.of(fact.getValue()))));
    }
    if (facts.size() < all.size()) {
      facts.add(Map.entry("…", "(+" + (all.size() - facts.size()) + " more)"));
    }
    return facts;
  }

  private static void addAnnotation(
      List<Map.Entry<String, Object>> facts, Map<String, URI> links, String name, String value) {
    if (!(name.equals(RUNBOOK) && links.containsKey("Runbook"))) {
      facts.add(Map.entry(name, value));
    }
  }

  private static Instant seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS);
  }

  /** An address of the web: anything else, such as {@code javascript:}, is no link. */
  private static Optional<URI> address(String text) {
    try {
      URI uri = new URI(text.trim());
      boolean web =
          "https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme());
      return web && uri.getHost() != null ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }
}
