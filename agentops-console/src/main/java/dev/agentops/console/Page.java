package dev.agentops.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The console's one page, and a policy under which nothing but its own script and style runs. */
final class Page {

  private final byte[] html;
  private final String contentSecurityPolicy;

  private Page(byte[] html, String contentSecurityPolicy) {
    this.html = html;
    this.contentSecurityPolicy = contentSecurityPolicy;
  }

  static Page load() {
    try (InputStream in = Page.class.getResourceAsStream("index.html")) {
      if (in == null) {
        throw new IllegalStateException("index.html is missing beside " + Page.class.getName());
      }
      byte[] html = in.readAllBytes();
      String text = new String(html, StandardCharsets.UTF_8);
      return new Page(
          html,
          "default-src 'none'; script-src "
              + hashOf(text, "script")
              + "; style-src "
              + hashOf(text, "style")
              + "; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] html() {
    return html;
  }

  String contentSecurityPolicy() {
    return contentSecurityPolicy;
  }

  /** The hash source of the only element of this name, as CSP level 2 wants it. */
  private static String hashOf(String html, String element) {
    String open = "<" + element + ">";
    int start = html.indexOf(open) + open.length();
    String content = html.substring(start, html.indexOf("</" + element + ">", start));
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(hash) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
