package dev.agentops.resilience;

import dev.agentops.Clock;
import dev.agentops.event.OpsEventListener;
import dev.agentops.event.ResilienceEvent;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;

/**
 * The circuit of one model, made of Resilience4j's, which no other class knows. After {@link
 * #enter} exactly one of the others is called.
 */
final class Circuit {

  private final String name;
  private final Clock clock;
  private final Duration openFor;
  private final OpsEventListener listener;
  private final io.github.resilience4j.circuitbreaker.CircuitBreaker breaker;
  private volatile long openedNanos;

  Circuit(String name, CircuitBreaker.Builder config, OpsEventListener listener) {
    this.name = name;
    this.clock = config.clock;
    this.openFor = config.openFor;
    this.listener = listener;
    this.breaker = io.github.resilience4j.circuitbreaker.CircuitBreaker.of(name, of(config));
    breaker.getEventPublisher().onStateTransition(event -> changed(event.getStateTransition()));
  }

  /** Fails where the optional jar is not there. */
  static void check() {
    CircuitBreakerConfig.ofDefaults();
  }

  private static CircuitBreakerConfig of(CircuitBreaker.Builder config) {
    CircuitBreakerConfig.Builder builder =
        CircuitBreakerConfig.custom()
            .failureRateThreshold((float) (config.failureShare * 100))
            .slidingWindow(config.window, config.minimumCalls, SlidingWindowType.COUNT_BASED)
            .permittedNumberOfCallsInHalfOpenState(config.trialCalls)
            .waitDurationInOpenState(config.openFor)
            .recordException(error -> true) // only failures are told
            .clock(new Monotonic(config.clock))
            .currentTimestampFunction(any -> config.clock.nanoTime(), TimeUnit.NANOSECONDS);
    if (config.slow != null) {
      builder
          .slowCallDurationThreshold(config.slow)
          .slowCallRateThreshold((float) (config.slowShare * 100));
    }
    return builder.build();
  }

  /**
   * Takes a permission.
   *
   * @throws CircuitOpenException if there is none
   */
  void enter() {
    if (!breaker.tryAcquirePermission()) {
      Duration left = openFor.minusNanos(clock.nanoTime() - openedNanos);
      boolean open = state() == CircuitBreaker.State.OPEN && !left.isNegative();
      throw new CircuitOpenException(name, open ? left : Duration.ZERO);
    }
  }

  void answered(Duration took) {
    breaker.onSuccess(took.toNanos(), TimeUnit.NANOSECONDS);
  }

  void failed(Failure failure) {
    breaker.onError(failure.took().toNanos(), TimeUnit.NANOSECONDS, failure.error());
  }

  /** What became of the call says nothing. */
  void released() {
    breaker.releasePermission();
  }

  CircuitBreaker.State state() {
    return switch (breaker.getState()) {
      case OPEN, FORCED_OPEN -> CircuitBreaker.State.OPEN;
      case HALF_OPEN -> CircuitBreaker.State.HALF_OPEN;
      default -> CircuitBreaker.State.CLOSED;
    };
  }

  private void changed(StateTransition change) {
    ResilienceEvent.Type type =
        switch (change.getToState()) {
          case OPEN, FORCED_OPEN -> ResilienceEvent.Type.CIRCUIT_OPEN;
          case HALF_OPEN -> ResilienceEvent.Type.CIRCUIT_HALF_OPEN;
          default -> ResilienceEvent.Type.CIRCUIT_CLOSED;
        };
    boolean opens = type == ResilienceEvent.Type.CIRCUIT_OPEN;
    if (opens) {
      openedNanos = clock.nanoTime();
    }
    listener.onEvent(
        ResilienceEvent.builder(type, name)
            .timestamp(clock.now())
            .delay(opens ? openFor : Duration.ZERO)
            .build());
  }

  /** Resilience4j measures by the wall clock how long it is open; somebody may set that. */
  private static final class Monotonic extends java.time.Clock {

    private final Clock clock;
    private final Instant start;
    private final long startNanos;

    Monotonic(Clock clock) {
      this.clock = clock;
      this.start = clock.now();
      this.startNanos = clock.nanoTime();
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public java.time.Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return start.plusNanos(clock.nanoTime() - startNanos);
    }
  }
}
