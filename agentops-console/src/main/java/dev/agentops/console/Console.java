package dev.agentops.console;

import dev.agentops.Clock;
import dev.agentops.Cost;
import dev.agentops.FaultLog;
import dev.agentops.alerts.Alert;
import dev.agentops.alerts.AlertManager;
import dev.agentops.alerts.AlertStats;
import dev.agentops.cost.CostMonitor;
import dev.agentops.cost.CostStatistics;
import dev.agentops.cost.UsageLedger;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.Tracer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Shows what the agents of this process do, cost and complain about, on a page that any server can
 * mount under any path.
 *
 * <pre>{@code
 * Console console = Console.of(tracer, costs, alerts);
 * ConsoleResponse answer = console.handle("GET", "/api/overview", Map.of());
 * }</pre>
 *
 * <p>Serves {@code /}, {@code /api/overview}, {@code /api/traces?limit=}, {@code /api/traces/{id}},
 * {@code /api/traces/{id}/spans/{spanId}}, {@code /api/costs} and {@code /api/alerts}. Only the one
 * span has what it was given and answered. Read-only, and without any authentication: prompts and
 * answers are on it, so the host decides who may see it. The page asks nothing of other servers.
 * "Today" is that of the monitor's zone.
 *
 * <p>Thread-safe. Never throws for a bad request; a failure of a store is answered with status 500
 * and logged.
 */
public final class Console {

  static final int DEFAULT_LIMIT = 50;
  static final int MAX_LIMIT = 500;

  private static final String JSON = "application/json; charset=utf-8";
  private static final String TRACE_PREFIX = "/api/traces/";
  private static final String SPANS = "/spans/";

  private final Tracer tracer;
  private final CostMonitor costs;
  private final AlertManager alerts;
  private final Clock clock;
  private final FaultLog faults;
  private final Page page = Page.load();
  private final Map<String, String> headers =
      Map.of(
          "Content-Security-Policy", page.contentSecurityPolicy(),
          "X-Content-Type-Options", "nosniff",
          "Referrer-Policy", "no-referrer",
          "Allow", "GET",
          "Cache-Control", "no-store");

  Console(Tracer tracer, CostMonitor costs, AlertManager alerts, Clock clock) {
    this.tracer = Objects.requireNonNull(tracer, "tracer");
    this.costs = Objects.requireNonNull(costs, "costs");
    this.alerts = Objects.requireNonNull(alerts, "alerts");
    this.clock = clock;
    this.faults = new FaultLog(Console.class, clock);
  }

  public static Console of(Tracer tracer, CostMonitor costs, AlertManager alerts) {
    return new Console(tracer, costs, alerts, Clock.system());
  }

  /**
   * Answers one request.
   *
   * @param method the HTTP method; anything but GET is answered with status 405
   * @param path below the mount point, as it was sent: still percent-encoded, without the query;
   *     empty is taken as {@code /}
   * @param query the decoded query parameters
   */
  public ConsoleResponse handle(String method, String path, Map<String, String> query) {
    try {
      if (!method.equals("GET")) {
        return error(405, "the console is read-only: use GET");
      }
      if (path.isEmpty() || path.equals("/")) {
        return new ConsoleResponse(200, "text/html; charset=utf-8", headers, page.html());
      }
      if (path.startsWith(TRACE_PREFIX)) {
        return traceOrSpan(path.substring(TRACE_PREFIX.length()));
      }
      return switch (path) {
        case "/api/overview" -> json(200, overview());
        case "/api/traces" -> traces(query.get("limit"));
        case "/api/costs" -> json(200, costs());
        case "/api/alerts" -> json(200, alerts());
        default -> error(404, "there is no such page");
      };
    } catch (Throwable t) { // an OutOfMemoryError, too, costs one answer and not the host's thread
      faults.report("the console", t);
      return new ConsoleResponse(
          500, JSON, headers, "{\"error\":\"see the log\"}".getBytes(StandardCharsets.UTF_8));
    }
  }

  private Map<String, Object> overview() {
    Map<String, Object> overview = new LinkedHashMap<>();
    overview.put("time", clock.now().toString());
    overview.put("spend", spend());
    overview.put("runningSpans", tracer.openSpans().size());
    overview.put("keptSpans", tracer.spans().size());
    overview.put("droppedSpans", tracer.droppedSpans());
    AlertStats stats = alerts.stats();
    overview.put("alertsFired", stats.fired());
    overview.put("alertDeliveriesFailed", stats.failed());
    overview.put("alertDeliveriesDropped", stats.dropped());
    overview.put("alertDeliveriesPending", stats.pending());
    return overview;
  }

  private Map<String, Object> spend() {
    CostStatistics total = costs.statistics();
    LocalDate today = costs.today();
    Map<String, Object> spend = new LinkedHashMap<>();
    spend.put("todayUsd", usd(costs.dailyCost(today)));
    spend.put("monthUsd", usd(costs.monthlyCost(YearMonth.from(today))));
    spend.put("totalUsd", usd(total.totalCost()));
    spend.put("requests", total.totalRequests());
    spend.put("unpricedRequests", total.unpricedRequests());
    spend.put("inputTokens", total.totalInputTokens());
    spend.put("outputTokens", total.totalOutputTokens());
    return spend;
  }

  private Map<String, Object> costs() {
    Map<String, Object> result = spend();
    result.put(
        "models",
        costs.costBy(UsageLedger.MODEL).entrySet().stream()
            .sorted(Map.Entry.<String, Cost>comparingByValue().reversed())
            .map(cost -> Map.of("model", cost.getKey(), "usd", usd(cost.getValue())))
            .toList());
    return result;
  }

  private ConsoleResponse traces(@Nullable String limitText) throws Exception {
    int limit;
    try {
      limit = limitText == null ? DEFAULT_LIMIT : Integer.parseInt(limitText);
    } catch (NumberFormatException e) {
      limit = 0;
    }
    if (limit < 1 || limit > MAX_LIMIT) {
      return error(400, "limit is a number from 1 to " + MAX_LIMIT + ": '" + limitText + "'");
    }
    Map<String, List<Span>> byTrace =
        withoutDoubles(tracer.openSpans(), tracer.spans()).stream()
            .collect(Collectors.groupingBy(Span::traceId));
    return json(
        200,
        Map.of(
            "total",
            byTrace.size(),
            "traces",
            byTrace.values().stream()
                .map(TraceView::new)
                .sorted(Comparator.comparing(TraceView::start).reversed())
                .limit(limit)
                .map(TraceView::summary)
                .toList()));
  }

  /** Answers {@code id} or {@code id/spans/spanId}: a slash inside of an id is percent-encoded. */
  private ConsoleResponse traceOrSpan(String encoded) throws Exception {
    int spans = encoded.indexOf(SPANS);
    String traceId;
    String spanId;
    try {
      traceId = decoded(spans < 0 ? encoded : encoded.substring(0, spans));
      spanId = spans < 0 ? null : decoded(encoded.substring(spans + SPANS.length()));
    } catch (IllegalArgumentException e) {
      return error(400, "this is not percent-encoding: '" + encoded + "'");
    }
    return spanId == null ? trace(traceId) : span(traceId, spanId);
  }

  private static String decoded(String encoded) {
    // a plus is no blank in a path
    return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private ConsoleResponse trace(String id) throws Exception {
    Collection<Span> spans = spansOfTrace(id);
    return spans.isEmpty()
        ? error(404, "there is no such trace, or no longer: '" + id + "'")
        : json(200, new TraceView(spans).detail());
  }

  private ConsoleResponse span(String traceId, String spanId) throws Exception {
    for (Span span : spansOfTrace(traceId)) {
      if (span.spanId().equals(spanId)) {
        return json(200, TraceView.content(span));
      }
    }
    return error(404, "there is no such span, or no longer: '" + spanId + "'");
  }

  private Collection<Span> spansOfTrace(String id) {
    List<Span> open =
        tracer.openSpans().stream().filter(span -> span.traceId().equals(id)).toList();
    return withoutDoubles(open, tracer.spansOfTrace(id));
  }

  /**
   * A span may end between the two readings: then it is in both, and the ended one is the truth.
   */
  private static Collection<Span> withoutDoubles(List<Span> open, List<Span> ended) {
    Map<String, Span> byId = new LinkedHashMap<>();
    Stream.concat(open.stream(), ended.stream())
        .forEach(span -> byId.put(span.traceId() + '/' + span.spanId(), span));
    return byId.values();
  }

  private Map<String, Object> alerts() {
    List<Alert> latestFirst = new ArrayList<>(alerts.history());
    Collections.reverse(latestFirst);
    return Map.of("alerts", latestFirst.stream().limit(MAX_LIMIT).map(Console::row).toList());
  }

  private static Map<String, @Nullable Object> row(Alert alert) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("id", alert.id());
    row.put("fingerprint", alert.fingerprint());
    row.put("level", alert.level());
    row.put("message", Json.plain(alert.message()));
    row.put("time", alert.timestamp().toString());
    row.put("labels", Json.plain(alert.labels()));
    row.put("metadata", Json.plain(alert.metadata()));
    return row;
  }

  /** Exact decimal text, since a JSON number would become binary in most readers. */
  private static String usd(Cost cost) {
    return cost.usd().toPlainString();
  }

  private ConsoleResponse error(int status, String message) throws Exception {
    return json(status, Map.of("error", message));
  }

  private ConsoleResponse json(int status, Object body) throws Exception {
    return new ConsoleResponse(status, JSON, headers, Json.write(body));
  }
}
