package dev.agentops.guard;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.OpsEventListener;
import dev.agentops.event.RunGuardEvent;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what a guard does: to its listeners, to those of the call that is the cause, in the log.
 */
final class GuardNews {

  private static final Logger log = LoggerFactory.getLogger(RunGuard.class);

  private final OpsEventListener listeners;
  private final GuardCounters counters;
  private final Clock clock;

  GuardNews(OpsEventListener listeners, GuardCounters counters, Clock clock) {
    this.listeners = listeners;
    this.counters = counters;
    this.clock = clock;
  }

  /** What has happened in an account and was not told yet. */
  void tell(Account account, Attributes attributes, Consumer<OpsEvent> publish) {
    for (RunGuardEvent.Builder notice : account.takeNotices()) {
      RunGuardEvent event = notice.attributes(attributes).build();
      if (event.type() == RunGuardEvent.Type.WARNED) {
        counters.warnings.increment();
      } else if (event.type() == RunGuardEvent.Type.STOPPED) {
        counters.stopped.increment();
      }
      tell(event, publish);
    }
  }

  /** That a switch was thrown or taken back. */
  void tell(RunGuardEvent.Type type, KillTarget target, String reason) {
    tell(
        RunGuardEvent.builder()
            .timestamp(clock.now())
            .type(type)
            .target(target.toString())
            .detail(reason)
            .build(),
        event -> {});
  }

  void tell(OpsEvent event, Consumer<OpsEvent> publish) {
    log.warn("{}", event);
    publish.accept(event);
    listeners.onEvent(event);
  }
}
