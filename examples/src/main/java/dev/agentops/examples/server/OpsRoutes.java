package dev.agentops.examples.server;

import dev.agentops.console.Console;
import dev.agentops.console.ConsoleResponse;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.LinkedHashMap;
import java.util.Map;

/** What operators look at: metrics, traces and the console. */
final class OpsRoutes {

  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final String CONSOLE = "/console";

  private final Operations operations;
  private final PrometheusMeterRegistry registry;
  private final Console console;

  OpsRoutes(Operations operations, PrometheusMeterRegistry registry) {
    this.operations = operations;
    this.registry = registry;
    this.console = Console.of(operations.tracer(), operations.costs(), operations.alerts());
  }

  void mount(Api api, RoutesConfig routes) {
    api.raw("/metrics", "Metrics for Prometheus", "text/plain", this::metrics);
    api.get("/traces/{traceId}", "One turn as a tree of spans", TraceView.class, this::trace);
    routes.get(CONSOLE, this::console);
    routes.get(CONSOLE + "/<path>", this::console);
  }

  private void metrics(Context context) {
    context.contentType(PROMETHEUS).result(registry.scrape(PROMETHEUS));
  }

  private TraceView trace(Context context) {
    TraceView trace = TraceView.of(operations.tracer(), context.pathParam("traceId"));
    if (trace.spans().isEmpty()) {
      throw ApiError.of(
          404, "not_found", "There is no such trace, or no longer", "path", "traceId");
    }
    return trace;
  }

  private void console(Context context) {
    String path = context.req().getRequestURI().substring(CONSOLE.length());
    if (path.isEmpty()) {
      context.redirect(CONSOLE + "/", HttpStatus.FOUND);
      return;
    }
    Map<String, String> query = new LinkedHashMap<>();
    context.queryParamMap().forEach((name, values) -> query.put(name, values.get(0)));
    ConsoleResponse answer = console.handle("GET", path, query);
    answer.headers().forEach(context::header);
    context.status(answer.status()).contentType(answer.contentType()).result(answer.body());
  }
}
