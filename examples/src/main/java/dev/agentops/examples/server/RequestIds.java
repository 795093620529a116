package dev.agentops.examples.server;

import io.javalin.http.Context;
import java.util.UUID;
import java.util.regex.Pattern;
import org.slf4j.MDC;

/**
 * The id of each request: the client's own where it sends a sane one, so that its log and ours
 * meet.
 */
final class RequestIds {

  static final String HEADER = "X-Request-Id";

  private static final String KEY = "request_id";
  private static final Pattern SANE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private RequestIds() {}

  /** Gives the request its id, before anything else happens to it. */
  static void assign(Context context) {
    String sent = context.header(HEADER);
    String id =
        sent != null && SANE.matcher(sent).matches()
            ? sent
            : UUID.randomUUID().toString().replace("-", "");
    context.attribute(KEY, id);
    context.header(HEADER, id);
    MDC.put(KEY, id);
  }

  static String of(Context context) {
    String id = context.attribute(KEY);
    return id == null ? "none" : id;
  }

  /** Forgets the id of the request that this thread has answered. */
  static void clear() {
    MDC.remove(KEY);
  }
}
