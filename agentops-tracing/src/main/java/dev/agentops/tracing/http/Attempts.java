package dev.agentops.tracing.http;

import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.langchain4j.http.client.HttpRequest;
import java.net.URI;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/** Counts the attempts of each span that is still of interest. Thread-safe. */
final class Attempts {

  private static final int HTTPS_PORT = 443;
  private static final int HTTP_PORT = 80;

  private final Tracer tracer;

  /** Weak keys, which compare by identity: a span that ended is gone by itself. */
  private final Map<TraceContext, Integer> counts =
      Collections.synchronizedMap(new WeakHashMap<>());

  Attempts(Tracer tracer) {
    this.tracer = tracer;
  }

  /** An attempt on the current span, which may have none to tell. Never throws. */
  Attempt begin(HttpRequest request) {
    TraceContext span = tracer.currentSpan().orElse(null);
    if (span == null) {
      return new Attempt(null, 0);
    }
    recordServer(request.url(), span);
    return new Attempt(span, counts.merge(span, 1, Integer::sum));
  }

  private static void recordServer(@Nullable String url, TraceContext span) {
    try {
      URI uri = URI.create(String.valueOf(url));
      if (uri.getHost() == null) {
        return;
      }
      int standard = "https".equalsIgnoreCase(uri.getScheme()) ? HTTPS_PORT : HTTP_PORT;
      span.setAttribute(GenAiAttributes.SERVER_ADDRESS, uri.getHost());
      span.setAttribute(GenAiAttributes.SERVER_PORT, uri.getPort() < 0 ? standard : uri.getPort());
    } catch (IllegalArgumentException e) { // the client will say so
      return;
    }
  }
}
