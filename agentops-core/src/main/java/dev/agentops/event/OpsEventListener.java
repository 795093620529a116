package dev.agentops.event;

/**
 * Is told of events as they happen.
 *
 * <p>Runs on the thread of the call, before the caller has its answer, and possibly on many threads
 * at once: be quick and thread-safe. What it throws is logged and ignored.
 */
@FunctionalInterface
public interface OpsEventListener {

  void onEvent(OpsEvent event);
}
