package dev.agentops.resilience;

import dev.agentops.Clock;
import dev.agentops.event.ResilienceEvent;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The circuit of one model, made of Resilience4j's, which no other class knows. After {@link
 * #enter} exactly one of the others is called, with what it gave. Thread-safe.
 */
final class Circuit {

  /** To come back after no time would be to come back again and again. */
  private static final Duration SHORTEST = Duration.ofMillis(1);

  private final String name;
  private final Clock clock;
  private final Duration openFor;

  // all guarded by this
  private final io.github.resilience4j.circuitbreaker.CircuitBreaker breaker;
  private final List<ResilienceEvent.Builder> untold = new ArrayList<>();
  private int generation;
  private long openedNanos;
  private long triedNanos;

  Circuit(String name, CircuitBreaker.Builder config) {
    this.name = name;
    this.clock = config.clock;
    this.openFor = config.openFor;
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
            // it lets calls through after that time and not at it, as callers are told
            .waitDurationInOpenState(Duration.ofMillis(Math.max(1, config.openFor.toMillis() - 1)))
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
   * @return the generation of the circuit that it is good for
   * @throws CircuitOpenException if there is none
   */
  synchronized int enter() {
    boolean entered = breaker.tryAcquirePermission() || tryOneMore();
    long now = clock.nanoTime();
    boolean trial = state() == CircuitBreaker.State.HALF_OPEN;
    if (entered) {
      triedNanos = trial ? now : triedNanos;
      return generation;
    }
    throw trial
        ? CircuitOpenException.onTrial(name, left(triedNanos, now))
        : CircuitOpenException.open(name, left(openedNanos, now));
  }

  /** A trial whose calls do not end must not keep everybody out for ever. */
  private boolean tryOneMore() {
    if (state() != CircuitBreaker.State.HALF_OPEN
        || clock.nanoTime() - triedNanos < Clock.nanos(openFor)) {
      return false;
    }
    breaker.releasePermission();
    return breaker.tryAcquirePermission();
  }

  private Duration left(long sinceNanos, long now) {
    Duration left = openFor.minusNanos(now - sinceNanos);
    return left.compareTo(SHORTEST) < 0 ? SHORTEST : left;
  }

  synchronized void answered(int entered, Duration took) {
    if (entered == generation) { // else it tells of another time
      breaker.onSuccess(took.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  synchronized void failed(int entered, Failure failure) {
    if (entered == generation) {
      breaker.onError(failure.took().toNanos(), TimeUnit.NANOSECONDS, failure.error());
    }
  }

  /** What became of the call says nothing. */
  synchronized void released(int entered) {
    if (entered == generation) {
      breaker.releasePermission();
    }
  }

  synchronized CircuitBreaker.State state() {
    return switch (breaker.getState()) {
      case OPEN, FORCED_OPEN -> CircuitBreaker.State.OPEN;
      case HALF_OPEN -> CircuitBreaker.State.HALF_OPEN;
      default -> CircuitBreaker.State.CLOSED;
    };
  }

  /** The changes that nobody was told of yet. */
  synchronized List<ResilienceEvent.Builder> takeUntold() {
    if (untold.isEmpty()) {
      return List.of();
    }
    List<ResilienceEvent.Builder> taken = List.copyOf(untold);
    untold.clear();
    return taken;
  }

  /** By one of the methods above, which hold the lock. */
  private void changed(StateTransition change) {
    ResilienceEvent.Type type =
        switch (change.getToState()) {
          case OPEN, FORCED_OPEN -> ResilienceEvent.Type.CIRCUIT_OPEN;
          case HALF_OPEN -> ResilienceEvent.Type.CIRCUIT_HALF_OPEN;
          default -> ResilienceEvent.Type.CIRCUIT_CLOSED;
        };
    boolean opens = type == ResilienceEvent.Type.CIRCUIT_OPEN;
    generation++;
    if (opens) {
      openedNanos = clock.nanoTime();
    }
    untold.add(ResilienceEvent.builder(type, name).delay(opens ? openFor : Duration.ZERO));
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
