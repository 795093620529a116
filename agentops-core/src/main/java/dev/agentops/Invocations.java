package dev.agentops;

import dev.langchain4j.invocation.InvocationContext;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * In which context the invocations of AI services run, to be found by LangChain4j's id on threads
 * that have none: retrievers of one query run on a pool, a reactive stream starts on the thread of
 * its subscriber.
 */
final class Invocations {

  private static final int MAXIMUM = 100_000;

  private final ConcurrentMap<UUID, Context> contexts = new ConcurrentHashMap<>();

  /** The context that was remembered before, or null. */
  @Nullable Context remember(UUID id, Context context) {
    return contexts.size() < MAXIMUM ? contexts.put(id, context) : contexts.get(id);
  }

  void forget(UUID id) {
    contexts.remove(id);
  }

  /** Null where the id is missing or not known. */
  @Nullable Context find(@Nullable InvocationContext invocation) {
    UUID id = invocation == null ? null : invocation.invocationId();
    return id == null ? null : contexts.get(id);
  }

  int size() {
    return contexts.size();
  }
}
