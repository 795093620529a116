package dev.agentops.guard;

import dev.agentops.CallRejectedException;
import dev.agentops.FaultLog;
import dev.agentops.ProviderCall;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The calls of models that have begun and not ended, so that they can be broken off. */
final class CallsUnderWay {

  private final Map<ProviderCall, Optional<Place>> calls = new ConcurrentHashMap<>();
  private final GuardCounters counters;
  private final FaultLog faults;

  CallsUnderWay(GuardCounters counters, FaultLog faults) {
    this.counters = counters;
    this.faults = faults;
  }

  /** As told; {@code place} is null for a call outside of all runs. */
  void add(ProviderCall call, @Nullable Place place) {
    calls.put(call, Optional.ofNullable(place));
  }

  void remove(ProviderCall call) {
    calls.remove(call);
  }

  /**
   * Breaks calls off, each on a thread of its own: the connection, then the caller is told, who may
   * take his time and must not keep the others waiting.
   *
   * @param reason for a call and its place, which its caller gets; null to leave it alone
   */
  void breakOff(BiFunction<ProviderCall, @Nullable Place, @Nullable CallRejectedException> reason) {
    calls.forEach(
        (call, place) -> {
          CallRejectedException why = reason.apply(call, place.orElse(null));
          if (why != null) {
            counters.brokenOff.increment();
            Thread thread = new Thread(() -> breakOff(call, why), "agentops-break-off");
            thread.setDaemon(true);
            thread.start();
          }
        });
  }

  private void breakOff(ProviderCall call, CallRejectedException why) {
    try {
      call.exchange().breakOff(why);
    } catch (RuntimeException e) {
      faults.report("breaking off a call", e);
    }
  }

  int size() {
    return calls.size();
  }
}
