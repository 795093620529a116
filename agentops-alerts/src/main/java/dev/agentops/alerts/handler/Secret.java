package dev.agentops.alerts.handler;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A credential: a token, or the URL of a channel, which lets everybody write to it who knows it.
 * Prints as its host and {@code ***}; takes itself out of the texts of others. Immutable.
 */
final class Secret {

  private static final String HIDDEN = "***";

  /** What is shorter is a word like {@code hooks} rather than a secret. */
  private static final int SHORTEST_PART = 8;

  private final String value;
  private final @Nullable URI uri;
  private final List<String> parts;

  private Secret(String value, @Nullable URI uri, TreeSet<String> parts) {
    this.value = value;
    this.uri = uri;
    this.parts = parts.stream().sorted(Comparator.comparing(String::length).reversed()).toList();
  }

  /**
   * A token.
   *
   * @param what it is, for the message of the exception
   * @throws IllegalArgumentException if it is empty or is not visible ASCII, as a header demands
   */
  static Secret token(String what, String token) {
    Objects.requireNonNull(token, what);
    if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new IllegalArgumentException(
          what + " is not empty and has neither spaces nor letters beyond ASCII: " + HIDDEN);
    }
    TreeSet<String> parts = new TreeSet<>();
    parts.add(token);
    addParts(parts, token, "[^A-Za-z0-9]");
    parts.add(Base64.getEncoder().encodeToString(token.getBytes(StandardCharsets.UTF_8)));
    return new Secret(token, null, parts);
  }

  /**
   * An URL whose path and query are the credential.
   *
   * @param what it is, for the message of the exception
   * @throws IllegalArgumentException unless it is one of HTTPS, or of HTTP on this machine
   */
  static Secret url(String what, String url) {
    URI uri = requireHttp(what, url);
    TreeSet<String> parts = new TreeSet<>();
    parts.add(uri.toASCIIString().substring(uri.toASCIIString().indexOf("://") + 3));
    addParts(parts, uri.getRawUserInfo(), "[:]");
    addParts(parts, uri.getRawPath(), "/");
    addParts(parts, uri.getPath(), "/");
    addParts(parts, uri.getRawQuery(), "[&=]");
    addParts(parts, uri.getQuery(), "[&=]");
    return new Secret(url, uri, parts);
  }

  /** An URL that is fit to carry secrets; its exceptions show no more than its host. */
  static URI requireHttp(String what, String url) {
    Objects.requireNonNull(url, what);
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) { // holds the whole URL: not to be shown, not even as a cause
      throw new IllegalArgumentException(
          what + " is not a URL: " + e.getReason() + " at index " + e.getIndex());
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    String host = uri.getHost();
    if (host == null || !(scheme.equals("https") || (scheme.equals("http") && isLocal(host)))) {
      throw new IllegalArgumentException(
          what
              + " starts with https://, or http:// on this machine only: "
              + (host == null ? HIDDEN : scheme + "://" + host + "/" + HIDDEN));
    }
    return uri;
  }

  private static boolean isLocal(String host) {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }

  private static void addParts(TreeSet<String> parts, @Nullable String text, String separator) {
    if (text == null) {
      return;
    }
    List<String> all = new ArrayList<>(List.of(text.split(separator)));
    all.add(text);
    all.stream().filter(part -> part.length() >= SHORTEST_PART).forEach(parts::add);
  }

  /** The secret itself: for the wire only. */
  String value() {
    return value;
  }

  /** The URL; only for what was made by {@link #url}. */
  URI uri() {
    return Objects.requireNonNull(uri, "not a URL");
  }

  /** This text without what it holds of the secret. */
  String redact(String text) {
    String redacted = text;
    for (String part : parts) {
      redacted = redacted.replace(part, HIDDEN);
    }
    return redacted;
  }

  @Override
  public String toString() {
    return uri == null ? HIDDEN : uri.getHost() + "/" + HIDDEN;
  }
}
