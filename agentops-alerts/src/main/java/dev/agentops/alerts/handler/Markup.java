package dev.agentops.alerts.handler;

import java.net.URI;

/**
 * How a channel marks up a text. What comes from alerts is escaped: it is shown as it is, marks
 * nothing up and calls nobody.
 */
enum Markup {

  /** None. */
  PLAIN {
    @Override
    String text(String plain) {
      return plain;
    }

    @Override
    String bold(String marked) {
      return marked;
    }

    @Override
    String link(String label, URI uri) {
      return label + ": " + uri.toASCIIString();
    }
  },

  /** Slack's: mentions such as {@code <!channel>} need the brackets. */
  MRKDWN {
    @Override
    String text(String plain) {
      return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    @Override
    String bold(String marked) {
      return "*" + marked + "*";
    }

    @Override
    String link(String label, URI uri) {
      return "<" + text(uri.toASCIIString()).replace("|", "%7C") + "|" + text(label) + ">";
    }
  },

  /** HTML, as far as Telegram and mail programs agree. */
  HTML {
    @Override
    String text(String plain) {
      return quietAt(MRKDWN.text(plain).replace("\"", "&quot;"));
    }

    @Override
    String bold(String marked) {
      return "<b>" + marked + "</b>";
    }

    @Override
    String link(String label, URI uri) {
      String address = MRKDWN.text(uri.toASCIIString()).replace("\"", "%22");
      return "<a href=\"" + address + "\">" + text(label) + "</a>";
    }
  },

  /** CommonMark, as Discord reads it. */
  MARKDOWN {
    @Override
    String text(String plain) {
      StringBuilder escaped = new StringBuilder(plain.length());
      plain
          .chars()
          .forEach(
              c -> {
                if (MARKDOWN_SIGNS.indexOf(c) >= 0) {
                  escaped.append('\\');
                }
                escaped.append((char) c);
              });
      return quietAt(escaped.toString());
    }

    @Override
    String bold(String marked) {
      return "**" + marked + "**";
    }

    @Override
    String link(String label, URI uri) {
      String address = uri.toASCIIString().replace("(", "%28").replace(")", "%29");
      return "[" + text(label) + "](" + address + ")";
    }
  };

  private static final String MARKDOWN_SIGNS = "\\`*_{}[]()<>#+-!|~:";

  /** Escapes what comes from an alert. */
  abstract String text(String plain);

  abstract String bold(String marked);

  abstract String link(String label, URI uri);

  /** An @ that calls nobody: with a space of no width behind it. */
  private static String quietAt(String text) {
    return text.replace("@", "@\u200b");
  }
}
