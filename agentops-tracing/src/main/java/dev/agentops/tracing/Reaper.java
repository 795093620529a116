package dev.agentops.tracing;

import dev.agentops.Clock;
import java.lang.ref.WeakReference;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Ends the spans that nobody will: those of traces in which nothing has started or ended for long.
 * Holds its tracer weakly, so that one that is forgotten can go.
 */
final class Reaper {

  private static final int CHECKS = 4;

  private final WeakReference<Tracer> tracer;
  private final Clock clock;
  private final Duration patience;
  private Clock.@Nullable Timer timer; // guarded by this
  private boolean stopped; // guarded by this

  Reaper(Tracer tracer, Clock clock, Duration patience) {
    this.tracer = new WeakReference<>(tracer);
    this.clock = clock;
    this.patience = patience;
  }

  synchronized void start() {
    if (!stopped) {
      timer = clock.schedule(patience.dividedBy(CHECKS).plusNanos(1), this::run);
    }
  }

  synchronized void stop() {
    stopped = true;
    if (timer != null) {
      timer.cancel();
    }
  }

  private void run() {
    Tracer owner = tracer.get();
    if (owner == null) {
      return;
    }
    try {
      owner.activeStates().forEach(trace -> check(trace, owner));
    } finally {
      start();
    }
  }

  private void check(TraceState trace, Tracer owner) {
    long idle = Long.MAX_VALUE;
    long now = clock.nanoTime();
    for (TraceContext span = trace.head(); span != null; span = span.next) {
      long latest = span.isOpen() ? span.startNanos() : span.endNanos();
      idle = Math.min(idle, now - latest);
    }
    if (idle < Clock.nanos(patience)) {
      return;
    }
    for (TraceContext span : trace.spans(TraceContext::isUnfinished)) {
      span.abandon("nothing happened in its trace for " + patience);
      if (span.end()) {
        owner.abandoned();
      } else {
        span.finish();
      }
    }
    if (trace.settle() || !trace.isOpen()) {
      owner.settled(trace);
    }
  }
}
