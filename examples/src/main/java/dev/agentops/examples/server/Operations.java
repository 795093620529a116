package dev.agentops.examples.server;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.alerts.AlertManager;
import dev.agentops.alerts.handler.LogAlertHandler;
import dev.agentops.cache.CachingInterceptor;
import dev.agentops.cache.ResponseCache;
import dev.agentops.cost.Budget;
import dev.agentops.cost.CostInterceptor;
import dev.agentops.cost.CostMonitor;
import dev.agentops.micrometer.AgentOpsMetrics;
import dev.agentops.ratelimit.ConcurrencyInterceptor;
import dev.agentops.ratelimit.ConcurrencyLimiter;
import dev.agentops.ratelimit.RateLimitInterceptor;
import dev.agentops.ratelimit.RateLimiter;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracerMetrics;
import dev.agentops.tracing.TracingInterceptor;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/** Everything that agentops does for the assistant: the engines, and the chain they make. */
final class Operations implements AutoCloseable {

  private static final int MAX_MODEL_CALLS = 64;
  private static final Duration MAX_WAIT = Duration.ofSeconds(5);

  private final Tracer tracer = Tracer.create();
  private final TurnMeter meter = new TurnMeter();
  private final ResponseCache cache =
      ResponseCache.builder()
          .timeToLive(Duration.ofMinutes(10))
          .cacheToolCalls() // the assistant's tools look things up and compute, none acts
          .build();
  private final AlertManager alerts =
      AlertManager.builder()
          .errorRateThreshold(0.1)
          .responseTimeThreshold(Duration.ofSeconds(10))
          .costPerHourThreshold(Cost.usd("10"))
          .handler(LogAlertHandler.create())
          .build();
  private final CostMonitor costs;
  private final AgentOps ops;

  Operations(ServerConfig config, MeterRegistry registry) {
    costs =
        CostMonitor.builder()
            .budget(
                Budget.daily(config.dailyBudget())
                    .named("daily-per-user")
                    .per(Attributes.USER_ID)
                    .warnAt(0.8)
                    .rejectWhenExceeded())
            .build();
    RateLimiter perUser =
        RateLimiter.builder()
            .name("per-user")
            .requestsPerMinute(config.requestsPerMinute())
            .build();
    AgentOpsMetrics metrics = AgentOpsMetrics.of(registry);
    ops =
        AgentOps.with(
                TracingInterceptor.of(tracer),
                CachingInterceptor.of(cache),
                RateLimitInterceptor.of(perUser),
                ConcurrencyInterceptor.of(ConcurrencyLimiter.of(MAX_MODEL_CALLS), MAX_WAIT),
                CostInterceptor.of(costs))
            .listener(metrics)
            .listener(alerts)
            .listener(meter)
            .firstChunkTimeout(config.modelTimeout())
            .idleTimeout(config.modelTimeout())
            .build();
    metrics.watch(ops);
    register(registry);
  }

  AgentOps ops() {
    return ops;
  }

  Tracer tracer() {
    return tracer;
  }

  TurnMeter meter() {
    return meter;
  }

  CostMonitor costs() {
    return costs;
  }

  AlertManager alerts() {
    return alerts;
  }

  @Override
  public void close() {
    tracer.close();
    costs.close();
    cache.close();
    alerts.close();
  }

  private void register(MeterRegistry registry) {
    Gauge.builder("agentops.cache.entries", cache, c -> c.stats().size())
        .description("Answers in the response cache")
        .register(registry);
    TracerMetrics.of(tracer).bindTo(registry);
    FunctionCounter.builder("agentops.alerts.fired", alerts, a -> a.stats().fired())
        .description("Alerts that fired")
        .register(registry);
  }
}
