package dev.agentops.tracing.conformance;

import java.time.Duration;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Apart from the rest, which runs without Reactor. */
final class ReactorCarrier {

  static {
    Hooks.enableAutomaticContextPropagation();
  }

  private ReactorCarrier() {}

  static void carry(Runnable step) {
    Mono.just("go")
        .publishOn(Schedulers.boundedElastic())
        .map(String::length)
        .flatMap(go -> Mono.fromRunnable(step).subscribeOn(Schedulers.boundedElastic()))
        .block(Duration.ofSeconds(Plan.PATIENCE_SECONDS));
  }
}
