package dev.agentops.event;

import dev.agentops.FaultLog;
import java.util.List;

/**
 * Is told of events as they happen.
 *
 * <p>Runs on the thread of the call, before the caller has its answer, and possibly on many threads
 * at once: be quick and thread-safe. What it throws is logged and ignored.
 */
@FunctionalInterface
public interface OpsEventListener {

  void onEvent(OpsEvent event);

  /**
   * Tells each of these, in their order; what one throws is kept from the others.
   *
   * @param faults counts and logs what they throw
   */
  static OpsEventListener all(List<OpsEventListener> listeners, FaultLog faults) {
    OpsEventListener[] all = listeners.toArray(new OpsEventListener[0]);
    return event -> {
      for (OpsEventListener listener : all) {
        try {
          listener.onEvent(event);
        } catch (Throwable t) {
          faults.report("listener " + listener.getClass().getName(), t);
        }
      }
    };
  }
}
