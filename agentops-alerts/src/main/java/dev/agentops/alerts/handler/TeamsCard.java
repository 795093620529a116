package dev.agentops.alerts.handler;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.alerts.Notification;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An adaptive card for Teams.
 *
 * <p>Its texts are runs, which know no Markdown: what an alert says needs no escapes and cannot be
 * a link.
 *
 * @see <a href="https://adaptivecards.io/explorer/RichTextBlock.html">RichTextBlock</a>
 */
final class TeamsCard {

  private static final int MAX_ACTIONS = 6;

  private final ObjectNode message = HttpChannel.JSON.createObjectNode();
  private final ArrayNode body;
  private final Map<URI, String> links = new LinkedHashMap<>();

  TeamsCard(Notification notification, MessageText text) {
    message.put("type", "message");
    ObjectNode attachment = message.putArray("attachments").addObject();
    attachment.put("contentType", "application/vnd.microsoft.card.adaptive");
    attachment.putNull("contentUrl");
    ObjectNode card = attachment.putObject("content");
    card.put("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
    card.put("type", "AdaptiveCard");
    card.put("version", "1.2");
    card.put("fallbackText", text.title());
    card.putObject("msteams").put("width", "full");
    body = card.putArray("body");
    paragraph(text.title())
        .put("weight", "Bolder")
        .put("size", "Medium")
        .put("color", color(notification));
    if (text.custom().isPresent()) {
      text.custom().get().lines().forEach(this::paragraph);
    } else {
      text.alerts().forEach(this::alert);
    }
    text.footer(Markup.PLAIN).ifPresent(this::paragraph);
    if (!links.isEmpty()) {
      ArrayNode actions = card.putArray("actions");
      links.entrySet().stream()
          .limit(MAX_ACTIONS)
          .forEach(
              link ->
                  actions
                      .addObject()
                      .put("type", "Action.OpenUrl")
                      .put("title", link.getValue())
                      .put("url", link.getKey().toASCIIString()));
    }
  }

  private void alert(AlertText alert) {
    paragraph(alert.headline()).put("weight", "Bolder");
    alert.facts().forEach(fact -> paragraph(fact.getKey() + ": " + fact.getValue()));
    paragraph("id " + alert.id()).put("isSubtle", true);
    alert.links().forEach((label, uri) -> links.putIfAbsent(uri, label));
  }

  private ObjectNode paragraph(String text) {
    ObjectNode block = body.addObject().put("type", "RichTextBlock");
    return block.putArray("inlines").addObject().put("type", "TextRun").put("text", text);
  }

  private static String color(Notification notification) {
    return switch (LevelColor.of(notification)) {
      case RESOLVED -> "Good";
      case INFO -> "Accent";
      case WARNING -> "Warning";
      case ERROR, CRITICAL -> "Attention";
    };
  }

  ObjectNode json() {
    return message;
  }
}
