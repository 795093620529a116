package dev.agentops.console;

import java.util.Map;

/** What the host sends back for one request to the console. Immutable, hence thread-safe. */
public final class ConsoleResponse {

  private final int status;
  private final String contentType;
  private final Map<String, String> headers;
  private final byte[] body;

  ConsoleResponse(int status, String contentType, Map<String, String> headers, byte[] body) {
    this.status = status;
    this.contentType = contentType;
    this.headers = headers;
    this.body = body;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }

  /** With its character set, which is always UTF-8. */
  public String contentType() {
    return contentType;
  }

  /** The other headers to send, by name: above all the content security policy. */
  public Map<String, String> headers() {
    return headers;
  }

  /** A copy. */
  public byte[] body() {
    return body.clone();
  }

  @Override
  public String toString() {
    return "ConsoleResponse{" + status + ", " + contentType + ", " + body.length + " bytes}";
  }
}
