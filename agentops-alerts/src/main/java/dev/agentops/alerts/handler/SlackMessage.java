package dev.agentops.alerts.handler;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.alerts.Notification;

/**
 * A message as Slack's block kit shows it: a title, a section for each alert, and a bar in the
 * colour of the level.
 *
 * @see <a href="https://docs.slack.dev/reference/block-kit/blocks">the limits of blocks</a>
 */
final class SlackMessage {

  private static final int MAX_BLOCKS = 50;
  private static final int MAX_SECTION_CHARS = 3_000;
  private static final int MAX_HEADER_CHARS = 150;

  /** Slack advises to stay well below 40,000. */
  private static final int MAX_CHARS = 16_000;

  private final ObjectNode json = HttpChannel.JSON.createObjectNode();
  private final ArrayNode blocks;
  private int longestSection;
  private int chars;

  SlackMessage(Notification notification, MessageText text) {
    json.put("text", Markup.MRKDWN.text(text.title())); // for lists and phones
    json.put("unfurl_links", false).put("unfurl_media", false);
    ObjectNode attachment = json.putArray("attachments").addObject();
    attachment.put("color", LevelColor.of(notification).hex());
    blocks = attachment.putArray("blocks");
    block("header")
        .putObject("text")
        .put("type", "plain_text")
        .put("text", TextUnit.CHARS.cut(text.title(), MAX_HEADER_CHARS));
    if (text.custom().isPresent()) {
      section(Markup.MRKDWN.text(text.custom().get()));
    } else {
      text.alerts().forEach(alert -> section(String.join("\n", alert.lines(Markup.MRKDWN))));
    }
    text.footer().ifPresent(this::section);
  }

  private void section(String text) {
    block("section").putObject("text").put("type", "mrkdwn").put("text", text);
    longestSection = Math.max(longestSection, text.length());
    chars += text.length();
  }

  private ObjectNode block(String type) {
    return blocks.addObject().put("type", type);
  }

  /** Whether Slack takes it as it is. */
  boolean fits() {
    return blocks.size() <= MAX_BLOCKS && longestSection <= MAX_SECTION_CHARS && chars <= MAX_CHARS;
  }

  /** Without a destination; may be changed. */
  ObjectNode json() {
    return json;
  }
}
