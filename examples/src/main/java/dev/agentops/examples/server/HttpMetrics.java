package dev.agentops.examples.server;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.router.Endpoint;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Times and logs every request. Its tags are bounded: the template of the route and not the path,
 * and no method that a client made up.
 */
final class HttpMetrics {

  private static final Logger log = LoggerFactory.getLogger("dev.agentops.examples.server.http");
  private static final String UNKNOWN = "UNKNOWN";

  private final MeterRegistry registry;

  HttpMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  void record(Context context, float millis) {
    int status = context.statusCode();
    Timer.builder("http.server.requests")
        .description("Duration of HTTP requests; of a stream, until its end")
        .tag("method", method(context.method()))
        .tag("uri", route(context))
        .tag("status", Integer.toString(status))
        .serviceLevelObjectives(
            Duration.ofMillis(10),
            Duration.ofMillis(100),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60))
        .register(registry)
        .record(Duration.ofNanos((long) (millis * 1e6)));
    log.info("{} {} {} {} ms", context.method(), context.path(), status, Math.round(millis));
  }

  private static String method(HandlerType method) {
    return HandlerType.commonHttp().contains(method) ? method.name() : UNKNOWN;
  }

  private static String route(Context context) {
    Endpoint matched = context.endpoints().matchedHttpEndpoint();
    return matched == null ? UNKNOWN : matched.path;
  }
}
