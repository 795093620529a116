package dev.agentops.alerts.handler;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.alerts.Notification;

/**
 * A message as Slack shows it: a title, which is also what lists and phones show, and beside a bar
 * in the colour of the level a section for each alert.
 *
 * @see <a href="https://docs.slack.dev/reference/block-kit/blocks">the limits of blocks</a>
 */
final class SlackMessage {

  private static final int MAX_BLOCKS = 50;
  private static final int MAX_SECTION_CHARS = 3_000;

  /** Slack advises to stay well below 40,000. */
  private static final int MAX_CHARS = 16_000;

  private final ObjectNode json = HttpChannel.JSON.createObjectNode();
  private final ArrayNode blocks;
  private int longestSection;
  private int chars;

  SlackMessage(Notification notification, MessageText text) {
    json.put("text", Markup.MRKDWN.bold(Markup.MRKDWN.text(text.title())));
    json.put("unfurl_links", false).put("unfurl_media", false);
    ObjectNode attachment = json.putArray("attachments").addObject();
    attachment.put("color", LevelColor.of(notification).hex());
    blocks = attachment.putArray("blocks");
    if (text.custom().isPresent()) {
      section(Markup.MRKDWN.text(text.custom().get()));
    } else {
      text.alerts().forEach(alert -> section(String.join("\n", alert.lines(Markup.MRKDWN))));
    }
    text.footer(Markup.MRKDWN).ifPresent(this::section);
  }

  private void section(String text) {
    blocks
        .addObject()
        .put("type", "section")
        .putObject("text")
        .put("type", "mrkdwn")
        .put("text", text)
        .put("verbatim", true); // no links and no mentions but those that are marked as such
    longestSection = Math.max(longestSection, text.length());
    chars += text.length();
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
